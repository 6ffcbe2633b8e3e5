"""Alerts about the pipeline: that a measure crossed its threshold, and that it came back."""

from tallystick.storage.postgres.migrations import run_script

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# A row that closes names the row that opened; each is closed once.
ALERTS = """
CREATE TABLE pipeline_alert (
  workspace_id  text NOT NULL REFERENCES workspace,
  id            bigint GENERATED ALWAYS AS IDENTITY,
  opened_id     bigint,
  condition     text NOT NULL,
  about         text NOT NULL,
  value         bigint NOT NULL,
  threshold     bigint NOT NULL,
  recorded_at   timestamptz NOT NULL,
  PRIMARY KEY (workspace_id, id),
  UNIQUE (workspace_id, opened_id),
  FOREIGN KEY (workspace_id, opened_id) REFERENCES pipeline_alert
);
SELECT protect('pipeline_alert');
SELECT open_to('pipeline_alert', 'tallystick_runner');
SELECT keep_unchanged('pipeline_alert');
GRANT SELECT, INSERT ON pipeline_alert TO tallystick_app;
GRANT SELECT ON pipeline_alert TO tallystick_runner;
"""


def upgrade() -> None:
    run_script(ALERTS)
