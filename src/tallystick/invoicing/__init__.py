"""Invoices: drafted from facts, corrected by difference, explained and proven."""
