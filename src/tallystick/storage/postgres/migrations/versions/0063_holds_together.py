"""What is held stands against every limit on its meter, not against one."""

from tallystick.storage.postgres.migrations import run_script

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None

# A row for each counter against which a hold stands; what was held before stands against its own.
TOGETHER = """
ALTER TABLE quota_hold ADD COLUMN part smallint NOT NULL DEFAULT 0 CHECK (part >= 0);
ALTER TABLE quota_hold DROP CONSTRAINT quota_hold_pkey,
  ADD PRIMARY KEY (workspace_id, kind, key, part);
"""


def upgrade() -> None:
    run_script(TOGETHER)
