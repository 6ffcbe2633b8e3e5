"""Runs the SQL of a migration as it stands: no parameters, hence no sign with a second meaning."""

from alembic import op
from psycopg import Connection

from tallystick.kernel import Misuse


def run_script(*parts: str) -> None:
    """Run scripts of any number of statements, in the transaction of the migration."""
    driver = op.get_bind().connection.driver_connection
    if not isinstance(driver, Connection):
        raise Misuse("migrations run over psycopg")
    for part in parts:
        driver.execute(part.encode())
