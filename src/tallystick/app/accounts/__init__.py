"""Use cases that read accounts and resources."""
