"""Books of each legal entity: places of entries, months in which they are booked, locked months."""

from tallystick.storage.postgres.migrations import run_script

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

# Whoever posts holds the row of the books until the commit, and so does whoever locks months: an
# entry cannot slip into a month while it is locked, and positions have no gap.
BOOKS = """
CREATE TABLE accounting_books (
  workspace_id    text NOT NULL REFERENCES workspace,
  legal_entity    text NOT NULL,
  locked_through  date CHECK (extract(day FROM locked_through) = 1),
  last_position   bigint NOT NULL DEFAULT 0 CHECK (last_position >= 0),
  PRIMARY KEY (workspace_id, legal_entity),
  FOREIGN KEY (workspace_id, legal_entity) REFERENCES legal_entity
);
SELECT protect('accounting_books');
GRANT SELECT, INSERT, UPDATE (locked_through, last_position) ON accounting_books TO tallystick_app;

CREATE FUNCTION refuse_falling_position() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.last_position < OLD.last_position THEN
    RAISE EXCEPTION 'positions of the books of % never fall', OLD.legal_entity
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER rising BEFORE UPDATE ON accounting_books
  FOR EACH ROW EXECUTE FUNCTION refuse_falling_position();
"""

# Entries posted before stand in the books of the entity that issued their document, in the month in
# which they count, in the order of their recording.
EARLIER = """
ALTER TABLE journal_entry
  ADD COLUMN books text, ADD COLUMN position bigint, ADD COLUMN posted_in date;
ALTER TABLE journal_entry NO FORCE ROW LEVEL SECURITY;
ALTER TABLE journal_entry DISABLE TRIGGER unchanged;
ALTER TABLE invoice NO FORCE ROW LEVEL SECURITY;
ALTER TABLE legal_entity NO FORCE ROW LEVEL SECURITY;
ALTER TABLE accounting_books NO FORCE ROW LEVEL SECURITY;
WITH placed AS (
  SELECT e.workspace_id, e.id, i.legal_entity,
    row_number() OVER (PARTITION BY e.workspace_id, i.legal_entity
      ORDER BY e.recorded_at, e.recorded_in, e.id) AS position,
    date_trunc('month', e.effective_at AT TIME ZONE (l.document->>'zone'))::date AS month
  FROM journal_entry AS e
  JOIN invoice AS i ON i.workspace_id = e.workspace_id AND i.id = e.source
  JOIN legal_entity AS l ON l.workspace_id = i.workspace_id AND l.key = i.legal_entity
)
UPDATE journal_entry AS e
SET books = placed.legal_entity, position = placed.position, posted_in = placed.month
FROM placed WHERE placed.workspace_id = e.workspace_id AND placed.id = e.id;
INSERT INTO accounting_books (workspace_id, legal_entity, last_position)
SELECT workspace_id, books, max(position) FROM journal_entry GROUP BY workspace_id, books;
ALTER TABLE accounting_books FORCE ROW LEVEL SECURITY;
ALTER TABLE legal_entity FORCE ROW LEVEL SECURITY;
ALTER TABLE invoice FORCE ROW LEVEL SECURITY;
ALTER TABLE journal_entry ENABLE TRIGGER unchanged;
ALTER TABLE journal_entry FORCE ROW LEVEL SECURITY;
"""

ENTRIES = """
ALTER TABLE journal_entry
  ALTER COLUMN books SET NOT NULL,
  ALTER COLUMN position SET NOT NULL,
  ALTER COLUMN posted_in SET NOT NULL,
  ADD CHECK (position > 0),
  ADD CHECK (extract(day FROM posted_in) = 1),
  ADD FOREIGN KEY (workspace_id, books) REFERENCES accounting_books;
CREATE UNIQUE INDEX journal_entry_place ON journal_entry (workspace_id, books, position);
GRANT INSERT (books, position, posted_in) ON journal_entry TO tallystick_app;

CREATE FUNCTION require_open_month() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
  held accounting_books;
BEGIN
  SELECT * INTO held FROM accounting_books
  WHERE workspace_id = NEW.workspace_id AND legal_entity = NEW.books FOR UPDATE;
  IF NEW.posted_in <= held.locked_through THEN
    RAISE EXCEPTION 'the books of % are locked through %; entry % takes the first open month',
      NEW.books, to_char(held.locked_through, 'YYYY-MM'), NEW.id
      USING ERRCODE = 'restrict_violation';
  END IF;
  IF held.last_position IS NULL OR NEW.position > held.last_position THEN
    RAISE EXCEPTION 'position % of the books of % was not taken', NEW.position, NEW.books
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER open_month BEFORE INSERT ON journal_entry
  FOR EACH ROW EXECUTE FUNCTION require_open_month();
"""


def upgrade() -> None:
    run_script(BOOKS, EARLIER, ENTRIES)
