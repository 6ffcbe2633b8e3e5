"""Drafts that a run holds for a review, and no run after it issues."""

from tallystick.storage.postgres.migrations import run_script

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

HELD = """
ALTER TABLE invoice ADD COLUMN held boolean NOT NULL DEFAULT false;
CREATE INDEX invoice_held ON invoice (workspace_id, subscription) WHERE held AND number IS NULL;
"""


def upgrade() -> None:
    run_script(HELD)
