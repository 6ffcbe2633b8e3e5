"""Invoices, their lines and series, accounts parked by a defect, and the journal."""

from tallystick.storage.postgres.migrations import run_script

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# A draft may be replaced; once a document has a number, neither it nor its lines ever change.
# A subscription has one document per period, purpose and revision, so a rerun issues nothing twice.
INVOICES = """
CREATE TABLE invoice_basis (
  workspace_id  text NOT NULL REFERENCES workspace,
  digest        text NOT NULL,
  content       bytea NOT NULL,
  PRIMARY KEY (workspace_id, digest)
);
SELECT protect('invoice_basis');
SELECT keep_unchanged('invoice_basis');
GRANT SELECT, INSERT ON invoice_basis TO tallystick_app;

CREATE TABLE invoice (
  workspace_id   text NOT NULL REFERENCES workspace,
  id             text NOT NULL,
  number         text,
  document_type  text NOT NULL CHECK (document_type IN ('invoice', 'credit_note')),
  purpose        text NOT NULL CHECK (purpose IN ('opening', 'period', 'correction')),
  revision       integer NOT NULL CHECK (revision >= 0),
  legal_entity   text NOT NULL,
  account        text NOT NULL,
  subscription   text NOT NULL,
  currency       text NOT NULL,
  exponent       smallint NOT NULL CHECK (exponent BETWEEN 0 AND 18),
  period_start   timestamptz NOT NULL,
  period_end     timestamptz NOT NULL CHECK (period_end > period_start),
  total_minor    numeric(60, 0) NOT NULL,
  issued_on      date,
  due_on         date CHECK (due_on >= issued_on),
  issued_at      timestamptz,
  series_year    integer,
  series_number  bigint CHECK (series_number > 0),
  reference      text,
  position       bigint NOT NULL,
  basis          text NOT NULL,
  digest         text NOT NULL,
  content        bytea NOT NULL,
  PRIMARY KEY (workspace_id, id),
  UNIQUE (workspace_id, subscription, period_start, purpose, revision),
  UNIQUE (workspace_id, legal_entity, number),
  UNIQUE (workspace_id, legal_entity, document_type, series_year, series_number),
  CHECK (num_nonnulls(number, issued_on, due_on, issued_at, series_year, series_number) IN (0, 6)),
  FOREIGN KEY (workspace_id, basis) REFERENCES invoice_basis,
  FOREIGN KEY (workspace_id, subscription) REFERENCES subscription,
  FOREIGN KEY (workspace_id, account) REFERENCES account,
  FOREIGN KEY (workspace_id, legal_entity) REFERENCES legal_entity,
  FOREIGN KEY (workspace_id, reference) REFERENCES invoice
);
CREATE INDEX invoice_account ON invoice (workspace_id, account, issued_on, id);
SELECT protect('invoice');
GRANT SELECT, INSERT, DELETE,
  UPDATE (number, issued_on, due_on, issued_at, series_year, series_number, digest, content)
  ON invoice TO tallystick_app;

CREATE TABLE invoice_line (
  workspace_id  text NOT NULL REFERENCES workspace,
  invoice_id    text NOT NULL,
  ordinal       integer NOT NULL CHECK (ordinal >= 0),
  id            text NOT NULL,
  subscription  text NOT NULL,
  price         text NOT NULL,
  period_start  timestamptz NOT NULL,
  period_end    timestamptz NOT NULL CHECK (period_end > period_start),
  grouped_by    text[] NOT NULL,
  minor         numeric(60, 0) NOT NULL,
  position      bigint NOT NULL,
  attribution   text NOT NULL,
  PRIMARY KEY (workspace_id, invoice_id, ordinal),
  UNIQUE (workspace_id, id),
  UNIQUE (workspace_id, invoice_id, subscription, price, period_start, grouped_by),
  FOREIGN KEY (workspace_id, invoice_id) REFERENCES invoice ON DELETE CASCADE
);
CREATE INDEX invoice_line_subscription ON invoice_line (workspace_id, subscription);
SELECT protect('invoice_line');
GRANT SELECT, INSERT, DELETE ON invoice_line TO tallystick_app;

CREATE FUNCTION refuse_issued() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.number IS NOT NULL THEN
    RAISE EXCEPTION 'document % is issued and never changes; a correction is a new document',
      OLD.number USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;
CREATE TRIGGER issued BEFORE UPDATE OR DELETE ON invoice
  FOR EACH ROW EXECUTE FUNCTION refuse_issued();
CREATE TRIGGER kept BEFORE TRUNCATE ON invoice
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION refuse_issued_line() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
  line invoice_line := CASE TG_OP WHEN 'INSERT' THEN NEW ELSE OLD END;
  issued_as text;
BEGIN
  SELECT number INTO issued_as FROM invoice
  WHERE workspace_id = line.workspace_id AND id = line.invoice_id;
  IF issued_as IS NOT NULL THEN
    RAISE EXCEPTION 'lines of document % never change; a correction is a new document', issued_as
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;
CREATE TRIGGER issued BEFORE INSERT OR UPDATE OR DELETE ON invoice_line
  FOR EACH ROW EXECUTE FUNCTION refuse_issued_line();
CREATE TRIGGER kept BEFORE TRUNCATE ON invoice_line
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""

# One row per legal entity and type of document: whoever holds it numbers next.
SERIES = """
CREATE TABLE invoice_series (
  workspace_id    text NOT NULL REFERENCES workspace,
  legal_entity    text NOT NULL,
  document_type   text NOT NULL,
  year            integer NOT NULL,
  last_number     bigint NOT NULL CHECK (last_number > 0),
  last_issued_on  date NOT NULL,
  PRIMARY KEY (workspace_id, legal_entity, document_type),
  FOREIGN KEY (workspace_id, legal_entity) REFERENCES legal_entity
);
SELECT protect('invoice_series');
GRANT SELECT, INSERT, UPDATE (year, last_number, last_issued_on) ON invoice_series
  TO tallystick_app;

CREATE TABLE parked_account (
  workspace_id  text NOT NULL REFERENCES workspace,
  account       text NOT NULL,
  subscription  text NOT NULL,
  code          text NOT NULL,
  message       text NOT NULL,
  position      bigint NOT NULL,
  parked_at     timestamptz NOT NULL,
  PRIMARY KEY (workspace_id, account),
  FOREIGN KEY (workspace_id, account) REFERENCES account
);
SELECT protect('parked_account');
GRANT SELECT, INSERT, DELETE, UPDATE (subscription, code, message, position, parked_at)
  ON parked_account TO tallystick_app;
"""

# An entry is written whole in one transaction, sums to zero in each currency when that commits,
# and never changes; a posting cannot be added to it later.
JOURNAL = """
CREATE TABLE journal_entry (
  workspace_id  text NOT NULL REFERENCES workspace,
  id            text NOT NULL,
  effective_at  timestamptz NOT NULL,
  recorded_at   timestamptz NOT NULL DEFAULT now(),
  recorded_in   xid8 NOT NULL DEFAULT pg_current_xact_id(),
  source        text NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
CREATE INDEX journal_entry_time ON journal_entry (workspace_id, effective_at, id);
SELECT protect('journal_entry');
SELECT keep_unchanged('journal_entry');
GRANT SELECT ON journal_entry TO tallystick_app;
GRANT INSERT (workspace_id, id, effective_at, source) ON journal_entry TO tallystick_app;

CREATE TABLE journal_posting (
  workspace_id  text NOT NULL REFERENCES workspace,
  entry_id      text NOT NULL,
  ordinal       integer NOT NULL CHECK (ordinal >= 0),
  account       text NOT NULL CHECK (account LIKE '_%:_%'),
  currency      text NOT NULL,
  exponent      smallint NOT NULL CHECK (exponent BETWEEN 0 AND 18),
  minor         numeric(60, 0) NOT NULL CHECK (minor <> 0),
  PRIMARY KEY (workspace_id, entry_id, ordinal),
  FOREIGN KEY (workspace_id, entry_id) REFERENCES journal_entry
);
CREATE INDEX journal_posting_account ON journal_posting (workspace_id, account);
SELECT protect('journal_posting');
SELECT keep_unchanged('journal_posting');
GRANT SELECT, INSERT ON journal_posting TO tallystick_app;

CREATE FUNCTION require_balance() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
  entry text := CASE TG_TABLE_NAME WHEN 'journal_entry' THEN to_jsonb(NEW)->>'id'
    ELSE to_jsonb(NEW)->>'entry_id' END;
  off text;
BEGIN
  SELECT string_agg(format('%s %s', total, currency), ', ') INTO off FROM (
    SELECT currency, sum(minor) AS total FROM journal_posting
    WHERE workspace_id = NEW.workspace_id AND entry_id = entry
    GROUP BY currency HAVING sum(minor) <> 0
  ) AS sums;
  IF off IS NOT NULL THEN
    RAISE EXCEPTION 'entry % does not balance: %', entry, off USING ERRCODE = 'check_violation';
  END IF;
  IF NOT EXISTS (SELECT FROM journal_posting
    WHERE workspace_id = NEW.workspace_id AND entry_id = entry) THEN
    RAISE EXCEPTION 'entry % has no postings', entry USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER balanced AFTER INSERT ON journal_entry
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION require_balance();
CREATE CONSTRAINT TRIGGER balanced AFTER INSERT ON journal_posting
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION require_balance();

CREATE FUNCTION refuse_late_posting() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM journal_entry
    WHERE workspace_id = NEW.workspace_id AND id = NEW.entry_id
      AND recorded_in <> pg_current_xact_id()) THEN
    RAISE EXCEPTION 'entry % is closed; post another one', NEW.entry_id
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER whole BEFORE INSERT ON journal_posting
  FOR EACH ROW EXECUTE FUNCTION refuse_late_posting();
"""


def upgrade() -> None:
    run_script(INVOICES, SERIES, JOURNAL)
