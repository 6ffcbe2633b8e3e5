"""Slow models, written from what was decided; they import nothing of the product."""
