"""How many accounts are parked, for `/metrics`; not which, nor why."""

from tallystick.storage.postgres.migrations import run_script

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

FIGURES = """
SELECT open_to('parked_account', 'tallystick_runner');
GRANT SELECT (workspace_id) ON parked_account TO tallystick_runner;
"""


def upgrade() -> None:
    run_script(FIGURES)
