"""Documents over the wire: invoices and what becomes of them."""
