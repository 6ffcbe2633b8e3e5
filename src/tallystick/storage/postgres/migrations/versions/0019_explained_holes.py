"""Holes of sources that a person has explained."""

from tallystick.storage.postgres.migrations import run_script

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

EXPLAINED = """
ALTER TABLE source_partition ADD COLUMN explained jsonb NOT NULL DEFAULT '[]';
GRANT UPDATE (explained) ON source_partition TO tallystick_app;
"""


def upgrade() -> None:
    run_script(EXPLAINED)
