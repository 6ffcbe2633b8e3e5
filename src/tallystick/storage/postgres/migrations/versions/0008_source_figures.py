"""Sources as seen by background work: how they stand, for the metrics of all workspaces."""

from tallystick.storage.postgres.migrations import run_script

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

FIGURES = """
SELECT open_to('source', 'tallystick_runner');
SELECT open_to('source_partition', 'tallystick_runner');
GRANT SELECT (workspace_id, key, kind, paused) ON source TO tallystick_runner;
GRANT SELECT ON source_partition TO tallystick_runner;
"""


def upgrade() -> None:
    run_script(FIGURES)
