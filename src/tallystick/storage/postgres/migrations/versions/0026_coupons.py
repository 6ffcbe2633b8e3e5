"""Coupons, to whom they were given, and what whole documents took off lines."""

from tallystick.storage.postgres.migrations import run_script

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

COUPONS = """
CREATE TABLE coupon (
  workspace_id  text NOT NULL REFERENCES workspace,
  key           text NOT NULL,
  document      jsonb NOT NULL,
  PRIMARY KEY (workspace_id, key)
);
SELECT protect('coupon');
GRANT SELECT, INSERT, UPDATE (document) ON coupon TO tallystick_app;

CREATE TABLE coupon_grant (
  workspace_id  text NOT NULL,
  key           text NOT NULL,
  coupon        text NOT NULL,
  document      jsonb NOT NULL,
  PRIMARY KEY (workspace_id, key),
  FOREIGN KEY (workspace_id, coupon) REFERENCES coupon
);
SELECT protect('coupon_grant');
GRANT SELECT, INSERT, UPDATE (document) ON coupon_grant TO tallystick_app;

ALTER TABLE invoice_line ADD COLUMN taken_off bigint NOT NULL DEFAULT 0;
"""


def upgrade() -> None:
    run_script(COUPONS)
