"""How long a payer has to pay."""

from tallystick.storage.postgres.migrations import run_script

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

PAYMENT_DAYS = """
ALTER TABLE account ADD COLUMN payment_days integer CHECK (payment_days BETWEEN 0 AND 365);
GRANT UPDATE (payment_days) ON account TO tallystick_app;
"""


def upgrade() -> None:
    run_script(PAYMENT_DAYS)
