"""Rules of documents and journal kept for many rows at once: each is asked once a statement."""

from tallystick.storage.postgres.migrations import run_script

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

# A line and a posting name their document and their entry, which name the workspace; asking for the
# workspace once more took longer than adding the row.
WORKSPACES = """
ALTER TABLE invoice_line DROP CONSTRAINT invoice_line_workspace_id_fkey;
ALTER TABLE journal_posting DROP CONSTRAINT journal_posting_workspace_id_fkey;
ALTER TABLE deferral DROP CONSTRAINT deferral_workspace_id_fkey;
"""

# Lines may come with the document that is issued: in the transaction that writes its row, and never
# after it. Each document is looked up by its key: a plan that was made while the table was small
# would read all of it, for as long as a run lasts.
LINES = """
CREATE FUNCTION refuse_lines_of_issued() RETURNS trigger
LANGUAGE plpgsql SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE
  issued_as text;
BEGIN
  SELECT i.number INTO issued_as
  FROM (SELECT DISTINCT workspace_id, invoice_id FROM added) AS l
  JOIN invoice AS i ON i.workspace_id = l.workspace_id AND i.id = l.invoice_id
  WHERE i.number IS NOT NULL AND i.xmin <> pg_current_xact_id()::xid LIMIT 1;
  IF issued_as IS NOT NULL THEN
    RAISE EXCEPTION 'document % takes no further lines; a correction is a new document', issued_as
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER added AFTER INSERT ON invoice_line REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_lines_of_issued();
DROP TRIGGER issued ON invoice_line;
CREATE TRIGGER issued BEFORE UPDATE OR DELETE ON invoice_line
  FOR EACH ROW EXECUTE FUNCTION refuse_issued_line();
"""

# Postings come in the transaction of their entry, and what one statement adds to an entry sums to
# zero; when it commits, no entry is without them.
JOURNAL = """
DROP TRIGGER balanced ON journal_posting;
DROP TRIGGER whole ON journal_posting;
CREATE FUNCTION require_balanced_postings() RETURNS trigger
LANGUAGE plpgsql SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE
  off text;
BEGIN
  SELECT e.id INTO off FROM (SELECT DISTINCT workspace_id, entry_id FROM added) AS a
  JOIN journal_entry AS e ON e.workspace_id = a.workspace_id AND e.id = a.entry_id
  WHERE e.recorded_in <> pg_current_xact_id() LIMIT 1;
  IF off IS NOT NULL THEN
    RAISE EXCEPTION 'entry % is closed; post another one', off
      USING ERRCODE = 'restrict_violation';
  END IF;
  SELECT format('%s: %s %s', entry_id, sum(minor), currency) INTO off
  FROM added GROUP BY workspace_id, entry_id, currency HAVING sum(minor) <> 0 LIMIT 1;
  IF off IS NOT NULL THEN
    RAISE EXCEPTION 'entry % does not balance', off USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER balanced AFTER INSERT ON journal_posting REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION require_balanced_postings();

DROP TRIGGER balanced ON journal_entry;
CREATE FUNCTION require_postings() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM journal_posting WHERE workspace_id = NEW.workspace_id AND entry_id = NEW.id LIMIT 1;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'entry % has no postings', NEW.id USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER posted AFTER INSERT ON journal_entry
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION require_postings();

DROP TRIGGER open_month ON journal_entry;
CREATE FUNCTION require_open_months() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
  refused record;
BEGIN
  PERFORM FROM accounting_books AS b
  WHERE (b.workspace_id, b.legal_entity) IN (SELECT workspace_id, books FROM added) FOR UPDATE;
  SELECT e.id, e.books, e.position, b.locked_through, e.posted_in <= b.locked_through AS is_locked
  INTO refused
  FROM added AS e LEFT JOIN accounting_books AS b
    ON b.workspace_id = e.workspace_id AND b.legal_entity = e.books
  WHERE e.posted_in <= b.locked_through OR e.position > coalesce(b.last_position, 0) LIMIT 1;
  IF refused.is_locked THEN
    RAISE EXCEPTION 'the books of % are locked through %; entry % takes the first open month',
      refused.books, to_char(refused.locked_through, 'YYYY-MM'), refused.id
      USING ERRCODE = 'restrict_violation';
  END IF;
  IF refused.id IS NOT NULL THEN
    RAISE EXCEPTION 'position % of the books of % was not taken', refused.position, refused.books
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER open_month AFTER INSERT ON journal_entry REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION require_open_months();
DROP FUNCTION require_balance, refuse_late_posting, require_open_month;
"""

# Every run discards the drafts of the contracts that it bills.
DRAFTS = """
CREATE INDEX invoice_draft ON invoice (workspace_id, subscription) WHERE number IS NULL;
"""

SEALS = """
DROP TRIGGER unsealed ON audit;
CREATE OR REPLACE FUNCTION note_unsealed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  INSERT INTO public.audit_unsealed (workspace_id, audit_id) SELECT workspace_id, id FROM added;
  RETURN NULL;
END
$$;
CREATE TRIGGER unsealed AFTER INSERT ON audit REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION note_unsealed();
"""


def upgrade() -> None:
    run_script(WORKSPACES, LINES, JOURNAL, DRAFTS, SEALS)
