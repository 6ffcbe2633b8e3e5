"""What waits as deferred revenue, which entry earned it, and which entries were exported."""

from tallystick.storage.postgres.migrations import run_script

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

# A part is earned once: its key is the key of what earned it. Where the parts of a month add up to
# nothing there is no entry.
DEFERRAL = """
CREATE TABLE deferral (
  workspace_id  text NOT NULL REFERENCES workspace,
  entry_id      text NOT NULL,
  ordinal       integer NOT NULL CHECK (ordinal >= 0),
  books         text NOT NULL,
  subscription  text NOT NULL,
  price         text NOT NULL,
  period_start  timestamptz NOT NULL,
  period_end    timestamptz NOT NULL CHECK (period_end > period_start),
  grouped_by    text[] NOT NULL,
  month         date NOT NULL CHECK (extract(day FROM month) = 1),
  currency      text NOT NULL,
  exponent      smallint NOT NULL CHECK (exponent BETWEEN 0 AND 18),
  minor         numeric(60, 0) NOT NULL CHECK (minor <> 0),
  PRIMARY KEY (workspace_id, entry_id, ordinal),
  FOREIGN KEY (workspace_id, entry_id) REFERENCES journal_entry
);
CREATE INDEX deferral_service ON deferral (workspace_id, subscription, price, period_start);
CREATE INDEX deferral_month ON deferral (workspace_id, books, month);
SELECT protect('deferral');
SELECT keep_unchanged('deferral');
GRANT SELECT, INSERT ON deferral TO tallystick_app;

CREATE TABLE recognition (
  workspace_id   text NOT NULL REFERENCES workspace,
  entry_id       text NOT NULL,
  ordinal        integer NOT NULL,
  recognized_by  text,
  PRIMARY KEY (workspace_id, entry_id, ordinal),
  FOREIGN KEY (workspace_id, entry_id, ordinal) REFERENCES deferral,
  FOREIGN KEY (workspace_id, recognized_by) REFERENCES journal_entry
);
SELECT protect('recognition');
SELECT keep_unchanged('recognition');
GRANT SELECT, INSERT ON recognition TO tallystick_app;
"""

# Exports of one name follow each other without a gap, so that each entry leaves once by each name.
EXPORT = """
CREATE TABLE journal_export (
  workspace_id    text NOT NULL REFERENCES workspace,
  books           text NOT NULL,
  name            text NOT NULL CHECK (name <> ''),
  number          integer NOT NULL CHECK (number > 0),
  first_position  bigint NOT NULL CHECK (first_position > 0),
  last_position   bigint NOT NULL CHECK (last_position >= first_position),
  exported_at     timestamptz NOT NULL,
  exported_by     text NOT NULL,
  PRIMARY KEY (workspace_id, books, name, number),
  UNIQUE (workspace_id, books, name, first_position),
  FOREIGN KEY (workspace_id, books) REFERENCES accounting_books
);
SELECT protect('journal_export');
SELECT keep_unchanged('journal_export');
GRANT SELECT, INSERT ON journal_export TO tallystick_app;
"""


def upgrade() -> None:
    run_script(DEFERRAL, EXPORT)
