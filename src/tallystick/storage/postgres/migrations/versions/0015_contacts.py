"""How accounts are addressed on documents."""

from tallystick.storage.postgres.migrations import run_script

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

CONTACTS = """
ALTER TABLE account ADD COLUMN contact jsonb NOT NULL DEFAULT '{}';
GRANT UPDATE (contact) ON account TO tallystick_app;
"""


def upgrade() -> None:
    run_script(CONTACTS)
