"""The stores behind the ports of `app`: the log, ClickHouse and PostgreSQL."""
