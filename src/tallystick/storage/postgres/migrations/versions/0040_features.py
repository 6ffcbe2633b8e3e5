"""Products, features, and what a contract grants of them beside its plans."""

from tallystick.storage.postgres.migrations import run_script

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

FEATURES = """
CREATE TABLE product (
  workspace_id  text NOT NULL REFERENCES workspace,
  key           text NOT NULL,
  document      jsonb NOT NULL,
  PRIMARY KEY (workspace_id, key)
);
SELECT protect('product');
GRANT SELECT, INSERT, UPDATE (document) ON product TO tallystick_app;

CREATE TABLE feature (
  workspace_id  text NOT NULL REFERENCES workspace,
  key           text NOT NULL,
  document      jsonb NOT NULL,
  PRIMARY KEY (workspace_id, key)
);
SELECT protect('feature');
GRANT SELECT, INSERT, UPDATE (document) ON feature TO tallystick_app;

ALTER TABLE subscription ADD COLUMN entitlements jsonb NOT NULL DEFAULT '[]';
"""


def upgrade() -> None:
    run_script(FEATURES)
