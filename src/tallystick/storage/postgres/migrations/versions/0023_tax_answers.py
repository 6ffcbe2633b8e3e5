"""What tax engines outside said of buyers."""

from tallystick.storage.postgres.migrations import run_script

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

# An answer is a fact about one moment: a later one stands beside it.
ANSWERS = """
CREATE TABLE tax_engine_answer (
  workspace_id  text NOT NULL REFERENCES workspace,
  legal_entity  text NOT NULL,
  account       text NOT NULL,
  answered_at   timestamptz NOT NULL,
  engine        text NOT NULL,
  reference     text NOT NULL,
  rules         jsonb NOT NULL,
  PRIMARY KEY (workspace_id, legal_entity, account, answered_at),
  FOREIGN KEY (workspace_id, legal_entity) REFERENCES legal_entity,
  FOREIGN KEY (workspace_id, account) REFERENCES account
);
SELECT protect('tax_engine_answer');
SELECT keep_unchanged('tax_engine_answer');
GRANT SELECT, INSERT ON tax_engine_answer TO tallystick_app;
"""


def upgrade() -> None:
    run_script(ANSWERS)
