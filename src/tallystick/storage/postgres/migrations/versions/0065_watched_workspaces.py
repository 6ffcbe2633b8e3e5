"""Background work may see which workspaces declare alert rules."""

from tallystick.storage.postgres.migrations import run_script

revision = "0065"
down_revision = "0061"
branch_labels = None
depends_on = None

# Money that rules watch is read every few seconds; a workspace without a rule is not looked at.
WATCHED = """
SELECT open_to('alert_rule', 'tallystick_runner');
GRANT SELECT (workspace_id) ON alert_rule TO tallystick_runner;
"""


def upgrade() -> None:
    run_script(WATCHED)
