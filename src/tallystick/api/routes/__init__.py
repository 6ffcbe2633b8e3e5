"""One module for each subject: its addresses, each a use case."""
