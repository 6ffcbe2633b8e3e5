"""Where usage and catalogs come from, and where documents go: one folder for each counterpart."""
