"""How a webhook is written to: as signed facts, or as a text for people in a chat."""

from tallystick.storage.postgres.migrations import run_script

revision = "0053"
down_revision = "0045"
branch_labels = None
depends_on = None

FORMATS = """
ALTER TABLE webhook ADD COLUMN format text NOT NULL DEFAULT 'fact'
  CHECK (format IN ('fact', 'slack'));
"""


def upgrade() -> None:
    run_script(FORMATS)
