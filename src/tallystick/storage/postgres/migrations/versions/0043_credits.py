"""Credit that accounts hold: grants, voids, movements, and what of them was booked."""

from tallystick.storage.postgres.migrations import run_script

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

# Whoever adds to an account's credit holds its row of credit_account until the commit, so that no
# two movements take the same money. A grant stands as the document from which it is read.
CREDITS = """
CREATE TABLE credit_account (
  workspace_id  text NOT NULL REFERENCES workspace,
  account       text NOT NULL,
  facts         bigint NOT NULL CHECK (facts >= 0),
  PRIMARY KEY (workspace_id, account),
  FOREIGN KEY (workspace_id, account) REFERENCES account
);
SELECT protect('credit_account');
GRANT SELECT, INSERT, UPDATE (facts) ON credit_account TO tallystick_app;

CREATE TABLE credit_grant (
  workspace_id  text NOT NULL REFERENCES workspace,
  account       text NOT NULL,
  ordinal       bigint NOT NULL CHECK (ordinal > 0),
  key           text NOT NULL,
  document      jsonb NOT NULL,
  recorded_at   timestamptz NOT NULL,
  PRIMARY KEY (workspace_id, account, ordinal),
  UNIQUE (workspace_id, key),
  FOREIGN KEY (workspace_id, account) REFERENCES credit_account
);
SELECT protect('credit_grant');
SELECT keep_unchanged('credit_grant');
GRANT SELECT, INSERT ON credit_grant TO tallystick_app;

CREATE TABLE credit_void (
  workspace_id  text NOT NULL REFERENCES workspace,
  grant_key     text NOT NULL,
  at            timestamptz NOT NULL,
  reason        text NOT NULL,
  recorded_at   timestamptz NOT NULL,
  PRIMARY KEY (workspace_id, grant_key),
  FOREIGN KEY (workspace_id, grant_key) REFERENCES credit_grant (workspace_id, key)
);
SELECT protect('credit_void');
SELECT keep_unchanged('credit_void');
GRANT SELECT, INSERT ON credit_void TO tallystick_app;

CREATE TABLE credit_movement (
  workspace_id  text NOT NULL REFERENCES workspace,
  account       text NOT NULL,
  ordinal       bigint NOT NULL CHECK (ordinal > 0),
  key           text NOT NULL,
  kind          text NOT NULL CHECK (kind IN ('burned', 'given_back', 'transferred')),
  at            timestamptz NOT NULL,
  gives_back    text,
  source        text NOT NULL,
  recorded_at   timestamptz NOT NULL,
  PRIMARY KEY (workspace_id, account, ordinal),
  UNIQUE (workspace_id, account, key),
  CHECK ((kind = 'given_back') = (gives_back IS NOT NULL)),
  FOREIGN KEY (workspace_id, account) REFERENCES credit_account,
  FOREIGN KEY (workspace_id, account, gives_back)
    REFERENCES credit_movement (workspace_id, account, key)
);
SELECT protect('credit_movement');
SELECT keep_unchanged('credit_movement');
GRANT SELECT, INSERT ON credit_movement TO tallystick_app;

CREATE TABLE credit_movement_part (
  workspace_id  text NOT NULL REFERENCES workspace,
  account       text NOT NULL,
  movement      bigint NOT NULL,
  place         integer NOT NULL CHECK (place >= 0),
  grant_key     text NOT NULL,
  lot           integer NOT NULL CHECK (lot >= 0),
  amount        numeric(38, 18) NOT NULL CHECK (amount > 0),
  PRIMARY KEY (workspace_id, account, movement, place),
  FOREIGN KEY (workspace_id, account, movement) REFERENCES credit_movement,
  FOREIGN KEY (workspace_id, grant_key) REFERENCES credit_grant (workspace_id, key)
);
SELECT protect('credit_movement_part');
SELECT keep_unchanged('credit_movement_part');
GRANT SELECT, INSERT ON credit_movement_part TO tallystick_app;

CREATE TABLE credit_booking (
  workspace_id  text NOT NULL REFERENCES workspace,
  grant_key     text NOT NULL,
  entry_id      text NOT NULL,
  kind          text NOT NULL CHECK (kind IN ('sold', 'used', 'lapsed')),
  minor         numeric(60, 0) NOT NULL CHECK (minor <> 0),
  PRIMARY KEY (workspace_id, grant_key, entry_id, kind),
  FOREIGN KEY (workspace_id, grant_key) REFERENCES credit_grant (workspace_id, key),
  FOREIGN KEY (workspace_id, entry_id) REFERENCES journal_entry
);
SELECT protect('credit_booking');
SELECT keep_unchanged('credit_booking');
GRANT SELECT, INSERT ON credit_booking TO tallystick_app;
"""


def upgrade() -> None:
    run_script(CREDITS)
