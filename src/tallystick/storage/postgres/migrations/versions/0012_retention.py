"""Retention: rules, legal holds, and the floors before which usage is closed for good."""

from tallystick.storage.postgres.migrations import run_script

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

RETENTION = """
CREATE TABLE retention_rule (
  workspace_id  text NOT NULL REFERENCES workspace,
  event_type    text NOT NULL CHECK (event_type <> ''),
  days          integer NOT NULL CHECK (days BETWEEN 0 AND 36525),
  set_at        timestamptz NOT NULL,
  PRIMARY KEY (workspace_id, event_type)
);
SELECT protect('retention_rule');
GRANT SELECT, INSERT, UPDATE (days, set_at), DELETE ON retention_rule TO tallystick_app;

CREATE TABLE legal_hold (
  workspace_id    text NOT NULL REFERENCES workspace,
  id              text NOT NULL,
  reason          text NOT NULL,
  account         text,
  event_type      text,
  start_at        timestamptz,
  end_at          timestamptz CHECK (end_at > start_at),
  placed_at       timestamptz NOT NULL,
  placed_by       text NOT NULL,
  released_at     timestamptz,
  released_by     text NOT NULL,
  release_reason  text NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
SELECT protect('legal_hold');
GRANT SELECT, INSERT, UPDATE (released_at, released_by, release_reason)
  ON legal_hold TO tallystick_app;

CREATE TABLE retention_floor (
  workspace_id    text NOT NULL REFERENCES workspace,
  event_type      text NOT NULL,
  closed_before   timestamptz NOT NULL,
  removed_before  timestamptz NOT NULL CHECK (removed_before <= closed_before),
  PRIMARY KEY (workspace_id, event_type)
);
SELECT protect('retention_floor');
GRANT SELECT, INSERT, UPDATE (closed_before, removed_before) ON retention_floor TO tallystick_app;
"""


def upgrade() -> None:
    run_script(RETENTION)
