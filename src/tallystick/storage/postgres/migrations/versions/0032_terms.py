"""For how long contracts are agreed on, and from when they may be used before they are charged."""

from tallystick.storage.postgres.migrations import run_script

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

TERMS = """
ALTER TABLE subscription
  ADD COLUMN usable_from timestamptz,
  ADD COLUMN term jsonb NOT NULL DEFAULT '{}';
"""


def upgrade() -> None:
    run_script(TERMS)
