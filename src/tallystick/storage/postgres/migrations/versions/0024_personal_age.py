"""When personal values were used last, so that they go with the usage that a rule removes."""

from tallystick.storage.postgres.migrations import run_script

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

# What was noted before has no known age, and is erased by name only.
AGE = """
ALTER TABLE personal_use ADD COLUMN last_used_at timestamptz NOT NULL DEFAULT 'infinity';
GRANT UPDATE (last_used_at) ON personal_use TO tallystick_app;
CREATE INDEX personal_use_age ON personal_use (workspace_id, event_type, last_used_at)
  WHERE stands;
"""


def upgrade() -> None:
    run_script(AGE)
