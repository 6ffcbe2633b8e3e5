"""Published exchange rates: dated, never changed."""

from tallystick.storage.postgres.migrations import run_script

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

RATES = """
CREATE TABLE exchange_rate (
  workspace_id  text NOT NULL REFERENCES workspace,
  source        text NOT NULL,
  base          text NOT NULL,
  quote         text NOT NULL CHECK (quote <> base),
  day           date NOT NULL,
  rate          numeric(38, 18) NOT NULL CHECK (rate > 0),
  imported_at   timestamptz NOT NULL,
  PRIMARY KEY (workspace_id, source, day, base, quote)
);
SELECT protect('exchange_rate');
SELECT keep_unchanged('exchange_rate');
GRANT SELECT, INSERT ON exchange_rate TO tallystick_app;
"""


def upgrade() -> None:
    run_script(RATES)
