"""A use counts under every limit on its meter, not under one."""

from tallystick.storage.postgres.migrations import run_script

revision = "0059"
down_revision = "0055"
branch_labels = None
depends_on = None

# An array of counters beside the use's own; null where there are none.
TOGETHER = "ALTER TABLE quota_event ADD COLUMN also jsonb CHECK (jsonb_typeof(also) = 'array');"


def upgrade() -> None:
    run_script(TOGETHER)
