"""When sold credit ends, so that what has lapsed is found without looking at all who hold some."""

from tallystick.storage.postgres.migrations import run_script

revision = "0047"
down_revision = "0050"
branch_labels = None
depends_on = None

# Derived from grants, voids and movements: a row for each grant that was paid for and ends. It is
# open while something of it may have to be booked as lapsed; each movement opens it again.
ENDINGS = """
CREATE TABLE credit_ending (
  workspace_id  text NOT NULL REFERENCES workspace,
  grant_key     text NOT NULL,
  account       text NOT NULL,
  ends_at       timestamptz NOT NULL,
  is_open       boolean NOT NULL DEFAULT true,
  PRIMARY KEY (workspace_id, grant_key),
  FOREIGN KEY (workspace_id, grant_key) REFERENCES credit_grant (workspace_id, key)
);
CREATE INDEX credit_ending_open ON credit_ending (workspace_id, ends_at) WHERE is_open;
CREATE INDEX credit_ending_at ON credit_ending (workspace_id, ends_at);
"""

# The owner of a table sees no row of a workspace while row level security is forced on it.
KNOWN = """
ALTER TABLE credit_grant NO FORCE ROW LEVEL SECURITY;
ALTER TABLE credit_void NO FORCE ROW LEVEL SECURITY;
INSERT INTO credit_ending (workspace_id, grant_key, account, ends_at)
SELECT g.workspace_id, g.key, g.account,
  least((g.document->>'expires_at')::timestamptz, v.at)
FROM credit_grant AS g
LEFT JOIN credit_void AS v ON v.workspace_id = g.workspace_id AND v.grant_key = g.key
WHERE g.document->>'kind' = 'paid' AND (g.document ? 'expires_at' OR v.at IS NOT NULL);
ALTER TABLE credit_grant FORCE ROW LEVEL SECURITY;
ALTER TABLE credit_void FORCE ROW LEVEL SECURITY;
SELECT protect('credit_ending');
GRANT SELECT, INSERT, UPDATE (ends_at, is_open) ON credit_ending TO tallystick_app;
"""

# Sold credit that nobody used goes as a note gives the money for it back.
MOVEMENTS = """
ALTER TABLE credit_movement DROP CONSTRAINT credit_movement_kind_check;
ALTER TABLE credit_movement ADD CONSTRAINT credit_movement_kind_check
  CHECK (kind IN ('burned', 'given_back', 'transferred', 'taken_back'));
"""

# A rule is a fact, the last one counts; a step is what a rule did, written with what it bought.
TOP_UPS = """
CREATE TABLE credit_top_up_rule (
  workspace_id  text NOT NULL REFERENCES workspace,
  account       text NOT NULL,
  ordinal       bigint NOT NULL CHECK (ordinal > 0),
  document      jsonb,
  recorded_at   timestamptz NOT NULL,
  PRIMARY KEY (workspace_id, account, ordinal),
  FOREIGN KEY (workspace_id, account) REFERENCES credit_account
);
SELECT protect('credit_top_up_rule');
SELECT keep_unchanged('credit_top_up_rule');
GRANT SELECT, INSERT ON credit_top_up_rule TO tallystick_app;

CREATE TABLE credit_top_up_step (
  workspace_id  text NOT NULL REFERENCES workspace,
  account       text NOT NULL,
  ordinal       bigint NOT NULL CHECK (ordinal > 0),
  step          text NOT NULL CHECK (step IN ('bought', 'blocked', 'muted', 'recovered')),
  at            timestamptz NOT NULL,
  PRIMARY KEY (workspace_id, account, ordinal),
  FOREIGN KEY (workspace_id, account) REFERENCES credit_account
);
SELECT protect('credit_top_up_step');
SELECT keep_unchanged('credit_top_up_step');
GRANT SELECT, INSERT ON credit_top_up_step TO tallystick_app;
"""


def upgrade() -> None:
    run_script(ENDINGS, KNOWN, MOVEMENTS, TOP_UPS)
