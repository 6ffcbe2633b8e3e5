"""Where a dead letter stands at its source: partition and offset, as its collector told."""

from tallystick.storage.postgres.migrations import run_script

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

PLACES = """
ALTER TABLE rejected_event ADD COLUMN place text NOT NULL DEFAULT '';
GRANT UPDATE (place) ON rejected_event TO tallystick_app;
"""


def upgrade() -> None:
    run_script(PLACES)
