"""Price series: prices that are published over time, and corrections of them."""

from tallystick.storage.postgres.migrations import run_script

revision = "0046"
down_revision = "0047"
branch_labels = None
depends_on = None

SERIES = """
CREATE TABLE price_series (
  workspace_id  text NOT NULL REFERENCES workspace,
  key           text NOT NULL,
  document      jsonb NOT NULL,
  PRIMARY KEY (workspace_id, key)
);
SELECT protect('price_series');
GRANT SELECT, INSERT, UPDATE (document) ON price_series TO tallystick_app;

-- number: the order in which they were published.
CREATE TABLE published_price (
  workspace_id  text NOT NULL,
  series        text NOT NULL,
  number        integer NOT NULL CHECK (number > 0),
  at            timestamptz NOT NULL,
  unit_price    numeric NOT NULL CHECK (unit_price >= 0),
  corrects      text NOT NULL DEFAULT '',
  PRIMARY KEY (workspace_id, series, number),
  FOREIGN KEY (workspace_id, series) REFERENCES price_series (workspace_id, key)
);
CREATE INDEX published_price_at ON published_price (workspace_id, series, at);
SELECT protect('published_price');
SELECT keep_unchanged('published_price');
GRANT SELECT, INSERT ON published_price TO tallystick_app;
"""


def upgrade() -> None:
    run_script(SERIES)
