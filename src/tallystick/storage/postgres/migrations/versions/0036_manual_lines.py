"""Lines that persons order for the next document of a contract."""

from tallystick.storage.postgres.migrations import run_script

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

# One that is taken back keeps its row; ordered again it takes its place behind the others.
MANUAL_LINES = """
CREATE TABLE manual_line (
  workspace_id  text NOT NULL,
  subscription  text NOT NULL,
  id            text NOT NULL,
  number        bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  document      jsonb NOT NULL,
  withdrawn     boolean NOT NULL DEFAULT false,
  PRIMARY KEY (workspace_id, subscription, id),
  FOREIGN KEY (workspace_id, subscription) REFERENCES subscription
);
SELECT protect('manual_line');
GRANT SELECT, INSERT, UPDATE (withdrawn, number, document) ON manual_line TO tallystick_app;
"""


def upgrade() -> None:
    run_script(MANUAL_LINES)
