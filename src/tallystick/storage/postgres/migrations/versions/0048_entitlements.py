"""Manual grants to accounts and restrictions of them: dated facts, and how they were ended."""

from tallystick.storage.postgres.migrations import run_script

revision = "0048"
down_revision = "0044"
branch_labels = None
depends_on = None

# A grant or restriction stands as it was recorded; that it ends earlier is a fact of its own, and
# the earliest end counts.  `number` is the order of recording.
ENTITLEMENTS = """
CREATE TABLE manual_grant (
  workspace_id  text NOT NULL REFERENCES workspace,
  id            text NOT NULL,
  number        bigint GENERATED ALWAYS AS IDENTITY,
  account       text NOT NULL,
  feature       text NOT NULL,
  document      jsonb NOT NULL,
  starts_at     timestamptz NOT NULL,
  ends_at       timestamptz CHECK (ends_at > starts_at),
  reason        text NOT NULL,
  granted_by    text NOT NULL,
  recorded_at   timestamptz NOT NULL,
  PRIMARY KEY (workspace_id, id),
  FOREIGN KEY (workspace_id, account) REFERENCES account,
  FOREIGN KEY (workspace_id, feature) REFERENCES feature
);
CREATE INDEX manual_grant_account ON manual_grant (workspace_id, account, number);
SELECT protect('manual_grant');
SELECT keep_unchanged('manual_grant');
GRANT SELECT, INSERT ON manual_grant TO tallystick_app;

CREATE TABLE manual_grant_end (
  workspace_id  text NOT NULL REFERENCES workspace,
  grant_id      text NOT NULL,
  at            timestamptz NOT NULL,
  reason        text NOT NULL,
  ended_by      text NOT NULL,
  recorded_at   timestamptz NOT NULL,
  PRIMARY KEY (workspace_id, grant_id, at),
  FOREIGN KEY (workspace_id, grant_id) REFERENCES manual_grant
);
SELECT protect('manual_grant_end');
SELECT keep_unchanged('manual_grant_end');
GRANT SELECT, INSERT ON manual_grant_end TO tallystick_app;

CREATE TABLE restriction (
  workspace_id  text NOT NULL REFERENCES workspace,
  id            text NOT NULL,
  number        bigint GENERATED ALWAYS AS IDENTITY,
  account       text NOT NULL,
  feature       text,
  most          numeric(38, 18) CHECK (most >= 0),
  source        text NOT NULL CHECK (source IN ('dunning', 'budget', 'protection', 'manual')),
  starts_at     timestamptz NOT NULL,
  ends_at       timestamptz CHECK (ends_at > starts_at),
  reason        text NOT NULL,
  restricted_by text NOT NULL,
  recorded_at   timestamptz NOT NULL,
  PRIMARY KEY (workspace_id, id),
  FOREIGN KEY (workspace_id, account) REFERENCES account,
  FOREIGN KEY (workspace_id, feature) REFERENCES feature
);
CREATE INDEX restriction_account ON restriction (workspace_id, account, number);
SELECT protect('restriction');
SELECT keep_unchanged('restriction');
GRANT SELECT, INSERT ON restriction TO tallystick_app;

CREATE TABLE restriction_end (
  workspace_id    text NOT NULL REFERENCES workspace,
  restriction_id  text NOT NULL,
  at              timestamptz NOT NULL,
  reason          text NOT NULL,
  ended_by        text NOT NULL,
  recorded_at     timestamptz NOT NULL,
  PRIMARY KEY (workspace_id, restriction_id, at),
  FOREIGN KEY (workspace_id, restriction_id) REFERENCES restriction
);
SELECT protect('restriction_end');
SELECT keep_unchanged('restriction_end');
GRANT SELECT, INSERT ON restriction_end TO tallystick_app;
"""


def upgrade() -> None:
    run_script(ENTITLEMENTS)
