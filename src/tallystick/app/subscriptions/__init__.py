"""Use cases that read subscriptions."""
