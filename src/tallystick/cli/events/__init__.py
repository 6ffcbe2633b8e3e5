"""Commands about single events: their way, those that were refused, those that count nothing."""
