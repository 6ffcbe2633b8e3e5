"""Use cases of the catalog: apply, export, read."""
