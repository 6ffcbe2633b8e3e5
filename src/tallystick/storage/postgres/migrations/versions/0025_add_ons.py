"""Add-ons and prices of their own that contracts begin with."""

from tallystick.storage.postgres.migrations import run_script

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

TERMS = """
ALTER TABLE subscription
  ADD COLUMN add_ons jsonb NOT NULL DEFAULT '[]',
  ADD COLUMN prices jsonb NOT NULL DEFAULT '[]';
"""


def upgrade() -> None:
    run_script(TERMS)
