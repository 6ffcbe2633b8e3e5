"""The clock of a test workspace, and where an advance of it is going."""

from tallystick.storage.postgres.migrations import run_script

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

CLOCK = """
ALTER TABLE workspace
  ADD COLUMN clock_at timestamptz,
  ADD COLUMN clock_target timestamptz,
  ADD CHECK (kind = 'test' OR clock_at IS NULL),
  ADD CHECK (clock_target >= clock_at),
  ADD CHECK (clock_target IS NULL OR clock_at IS NOT NULL);
GRANT UPDATE (clock_at, clock_target) ON workspace TO tallystick_app;

CREATE FUNCTION clock_goes_on() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF NEW.clock_at IS NULL OR NEW.clock_at < OLD.clock_at THEN
    RAISE EXCEPTION 'the clock of workspace % does not go back', OLD.id
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER forward BEFORE UPDATE ON workspace
  FOR EACH ROW EXECUTE FUNCTION clock_goes_on();
"""


def upgrade() -> None:
    run_script(CLOCK)
