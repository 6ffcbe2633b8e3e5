"""Uses that are old enough to be forgotten are found without reading all that are kept."""

from tallystick.storage.postgres.migrations import run_script

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None

# Uses are written in the order of their time, so that ranges of pages tell their times; an index of
# each row would cost every use what this costs a thousand.
FORGOTTEN = """
CREATE INDEX quota_event_used ON quota_event USING brin (used_at)
  WITH (pages_per_range = 16, autosummarize = on);
"""


def upgrade() -> None:
    run_script(FORGOTTEN)
