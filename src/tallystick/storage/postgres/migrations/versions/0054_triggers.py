"""Triggers: what others say has happened, each with what came of it."""

from tallystick.storage.postgres.migrations import run_script

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

# What was said changes only while nothing came of it; an outcome stays.
TRIGGERS = """
CREATE TABLE workflow_trigger (
  workspace_id  text NOT NULL REFERENCES workspace,
  source        text NOT NULL,
  id            text NOT NULL,
  number        bigint GENERATED ALWAYS AS IDENTITY,
  kind          text NOT NULL,
  data          jsonb NOT NULL,
  digest        text NOT NULL,
  trace_id      text NOT NULL,
  received_at   timestamptz NOT NULL,
  outcome       jsonb,
  problems      jsonb,
  decided_at    timestamptz,
  PRIMARY KEY (workspace_id, source, id),
  CHECK (num_nonnulls(outcome, problems) < 2),
  CHECK ((decided_at IS NULL) = (num_nonnulls(outcome, problems) = 0))
);
CREATE INDEX workflow_trigger_number ON workflow_trigger (workspace_id, number);
SELECT protect('workflow_trigger');
GRANT SELECT, INSERT,
  UPDATE (kind, data, digest, trace_id, received_at, outcome, problems, decided_at)
  ON workflow_trigger TO tallystick_app;
"""


def upgrade() -> None:
    run_script(TRIGGERS)
