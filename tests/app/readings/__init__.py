"""Values that rules watch."""
