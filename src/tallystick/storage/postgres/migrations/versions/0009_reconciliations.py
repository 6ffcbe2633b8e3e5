"""Comparisons of the log with what is derived from it: when, up to where, what was found."""

from tallystick.storage.postgres.migrations import run_script

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

RECONCILIATIONS = """
CREATE TABLE reconciliation (
  workspace_id  text NOT NULL REFERENCES workspace,
  id            bigint GENERATED ALWAYS AS IDENTITY,
  asked_by      text NOT NULL,
  repair        boolean NOT NULL,
  since         date,
  until         date,
  started_at    timestamptz NOT NULL,
  finished_at   timestamptz NOT NULL CHECK (finished_at >= started_at),
  position      bigint NOT NULL CHECK (position >= 0),
  found         bigint NOT NULL CHECK (found >= 0),
  left_standing bigint NOT NULL CHECK (left_standing BETWEEN 0 AND found),
  reloaded      bigint NOT NULL CHECK (reloaded >= 0),
  invoices      bigint NOT NULL CHECK (invoices >= 0),
  differences   jsonb NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
CREATE INDEX reconciliation_by_schedule ON reconciliation (started_at)
  WHERE asked_by = 'schedule';
SELECT protect('reconciliation');
SELECT open_to('reconciliation', 'tallystick_runner');
SELECT keep_unchanged('reconciliation');
GRANT SELECT, INSERT ON reconciliation TO tallystick_app;
GRANT SELECT ON reconciliation TO tallystick_runner;
"""


def upgrade() -> None:
    run_script(RECONCILIATIONS)
