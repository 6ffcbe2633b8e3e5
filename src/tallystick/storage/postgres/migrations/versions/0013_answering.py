"""Comparisons tell apart what they left in stores that quantities are read from."""

from tallystick.storage.postgres.migrations import run_script

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

ANSWERING = """
ALTER TABLE reconciliation ADD COLUMN answering bigint NOT NULL DEFAULT 0
  CHECK (answering BETWEEN 0 AND left_standing);
"""


def upgrade() -> None:
    run_script(ANSWERING)
