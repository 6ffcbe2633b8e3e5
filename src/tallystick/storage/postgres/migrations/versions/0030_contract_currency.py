"""The currency of a contract, and the exchange rate by which a line was converted."""

from tallystick.storage.postgres.migrations import run_script

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

# NULL is the currency of the plan, and a line that needed no rate.
CURRENCY = """
ALTER TABLE subscription ADD COLUMN currency text;
ALTER TABLE invoice_line ADD COLUMN conversion jsonb;
"""


def upgrade() -> None:
    run_script(CURRENCY)
