"""What is known of limits outlives accounts that are added, and changes that no limit reads."""

from tallystick.storage.postgres.migrations import run_script

revision = "0060"
down_revision = "0064"
branch_labels = None
depends_on = None

# A trigger by statement fires for rows that are only inserted, too, where the statement could have
# updated some: one new account had the counters of all others counted anew.  What a limit reads of
# an account are its place and its zone; somebody new below another adds to what that one counts.
STAMPS = """
DROP TRIGGER stamped ON account;

CREATE FUNCTION stamp_added_accounts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM added WHERE parent IS NOT NULL OR payer_changes <> '[]') THEN
    PERFORM stamp_account(current_setting('tallystick.workspace', true), '');
  ELSE
    PERFORM stamp_account(one.workspace_id, one.key)
      FROM (SELECT workspace_id, key FROM added ORDER BY key) AS one;
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER stamped_added AFTER INSERT ON account REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION stamp_added_accounts();

CREATE FUNCTION stamp_changed_accounts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM is_now JOIN was USING (workspace_id, key)
    WHERE (is_now.parent, is_now.invoiced, is_now.zone, is_now.zone_changes, is_now.payer_changes)
      IS DISTINCT FROM (was.parent, was.invoiced, was.zone, was.zone_changes, was.payer_changes)
  ) THEN
    PERFORM stamp_account(current_setting('tallystick.workspace', true), '');
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER stamped_changed AFTER UPDATE ON account
  REFERENCING OLD TABLE AS was NEW TABLE AS is_now
  FOR EACH STATEMENT EXECUTE FUNCTION stamp_changed_accounts();
"""


def upgrade() -> None:
    run_script(STAMPS)
