"""What reaches into times that were billed, and how far the log was followed for it."""

from tallystick.storage.postgres.migrations import run_script

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

REACHES = """
CREATE TABLE correction_reach (
  workspace_id  text NOT NULL REFERENCES workspace,
  id            bigint GENERATED ALWAYS AS IDENTITY,
  position      bigint NOT NULL CHECK (position > 0),
  kind          text NOT NULL CHECK (kind IN ('late', 'corrected', 'backfill')),
  meter         text NOT NULL,
  subject       text NOT NULL,
  account       text,
  start_at      timestamptz NOT NULL,
  end_at        timestamptz CHECK (end_at > start_at),
  recorded_at   timestamptz NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
CREATE INDEX correction_reach_subject ON correction_reach (workspace_id, subject, meter, position);
SELECT protect('correction_reach');
SELECT keep_unchanged('correction_reach');
GRANT SELECT, INSERT ON correction_reach TO tallystick_app;

CREATE TABLE correction_progress (
  workspace_id  text PRIMARY KEY REFERENCES workspace,
  position      bigint NOT NULL CHECK (position >= 0)
);
SELECT protect('correction_progress');
GRANT SELECT, INSERT, UPDATE (position) ON correction_progress TO tallystick_app;

CREATE INDEX invoice_billed_until ON invoice (workspace_id, period_end) WHERE number IS NOT NULL;
"""


def upgrade() -> None:
    run_script(REACHES)
