"""Money that payers paid, surplus of documents, and what became of both."""

from tallystick.storage.postgres.migrations import run_script

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

# A source is a payment, with how it came, what a document gave back beyond what was owed, or what
# a document drew of credit that pays after tax.
# Who moves money of a payer holds an advisory lock on the payer, and the books.
PAYMENTS = """
CREATE TABLE money_source (
  workspace_id       text NOT NULL REFERENCES workspace,
  id                 text NOT NULL,
  kind               text NOT NULL CHECK (kind IN ('payment', 'surplus', 'deposit')),
  account            text NOT NULL,
  legal_entity       text NOT NULL,
  currency           text NOT NULL,
  exponent           smallint NOT NULL,
  minor              numeric(60, 0) NOT NULL CHECK (minor > 0),
  surplus_of         text,
  method             text
    CHECK (method IN ('bank_transfer', 'cash', 'cheque', 'provider', 'other')),
  reference          text NOT NULL DEFAULT '',
  note               text NOT NULL DEFAULT '',
  cash               text,
  received_currency  text,
  received_exponent  smallint,
  received_minor     numeric(60, 0) CHECK (received_minor > 0),
  effective_at       timestamptz NOT NULL,
  recorded_at        timestamptz NOT NULL,
  recorded_by        text NOT NULL,
  ordinal            bigint GENERATED ALWAYS AS IDENTITY,
  PRIMARY KEY (workspace_id, id),
  FOREIGN KEY (workspace_id, account) REFERENCES account,
  FOREIGN KEY (workspace_id, surplus_of) REFERENCES invoice,
  CHECK ((kind = 'payment') = (method IS NOT NULL)),
  CHECK ((kind = 'payment') = (cash IS NOT NULL)),
  CHECK ((kind = 'surplus') = (surplus_of IS NOT NULL)),
  CHECK (num_nulls(received_currency, received_exponent, received_minor) IN (0, 3))
);
CREATE INDEX money_source_account ON money_source (workspace_id, account);
CREATE INDEX money_source_document ON money_source (workspace_id, surplus_of)
  WHERE surplus_of IS NOT NULL;
CREATE UNIQUE INDEX money_source_provider ON money_source (workspace_id, reference)
  WHERE method = 'provider' AND reference <> '';
SELECT protect('money_source');
SELECT keep_unchanged('money_source');
GRANT SELECT, INSERT ON money_source TO tallystick_app;

CREATE TABLE money_move (
  workspace_id  text NOT NULL REFERENCES workspace,
  source_id     text NOT NULL,
  number        integer NOT NULL CHECK (number >= 0),
  kind          text NOT NULL CHECK (kind IN ('applied', 'taken_back', 'refunded', 'forfeited')),
  invoice_id    text,
  minor         numeric(60, 0) NOT NULL CHECK (minor > 0),
  at            timestamptz NOT NULL,
  actor         text NOT NULL,
  reference     text NOT NULL DEFAULT '',
  reason        text NOT NULL DEFAULT '',
  PRIMARY KEY (workspace_id, source_id, number),
  FOREIGN KEY (workspace_id, source_id) REFERENCES money_source,
  FOREIGN KEY (workspace_id, invoice_id) REFERENCES invoice,
  CHECK ((kind IN ('applied', 'taken_back')) = (invoice_id IS NOT NULL))
);
CREATE INDEX money_move_invoice ON money_move (workspace_id, invoice_id)
  WHERE invoice_id IS NOT NULL;
SELECT protect('money_move');
SELECT keep_unchanged('money_move');
GRANT SELECT, INSERT ON money_move TO tallystick_app;

CREATE INDEX invoice_reference ON invoice (workspace_id, reference) WHERE reference IS NOT NULL;
"""


def upgrade() -> None:
    run_script(PAYMENTS)
