"""Quotas: what stands against limits, what is held of them, and what was consumed on its way."""

from tallystick.storage.postgres.migrations import run_script

revision = "0050"
down_revision = "0048"
branch_labels = None
depends_on = None

# A stamp says that what is known of an account, or with the empty key of all accounts, has changed
# since. Triggers set it, so that no way to change a contract can forget to.
STAMPS = """
CREATE TABLE quota_stamp (
  workspace_id  text NOT NULL REFERENCES workspace,
  account       text NOT NULL,
  stamp         bigint NOT NULL,
  PRIMARY KEY (workspace_id, account)
);
SELECT protect('quota_stamp');
GRANT SELECT, INSERT, UPDATE (stamp) ON quota_stamp TO tallystick_app;

CREATE FUNCTION stamp_account(stamped_workspace text, stamped text) RETURNS void LANGUAGE sql AS $$
  INSERT INTO quota_stamp AS known (workspace_id, account, stamp)
  VALUES (stamped_workspace, stamped, 1)
  ON CONFLICT (workspace_id, account) DO UPDATE SET stamp = known.stamp + 1
$$;

CREATE FUNCTION stamp_everybody() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM stamp_account(current_setting('tallystick.workspace', true), '');
  RETURN NULL;
END
$$;

CREATE FUNCTION stamp_its_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    PERFORM stamp_account(OLD.workspace_id, OLD.account);
  ELSE
    PERFORM stamp_account(NEW.workspace_id, NEW.account);
  END IF;
  RETURN NULL;
END
$$;

CREATE FUNCTION stamp_its_contract() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM stamp_account(contract.workspace_id, contract.account) FROM subscription AS contract
    WHERE contract.workspace_id = NEW.workspace_id AND contract.key = NEW.subscription;
  RETURN NULL;
END
$$;

CREATE TRIGGER stamped AFTER INSERT OR UPDATE ON subscription
  FOR EACH ROW EXECUTE FUNCTION stamp_its_account();
CREATE TRIGGER stamped AFTER INSERT OR UPDATE ON subscription_change
  FOR EACH ROW EXECUTE FUNCTION stamp_its_contract();
CREATE FUNCTION stamp_whom_it_ends_for() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_TABLE_NAME = 'manual_grant_end' THEN
    PERFORM stamp_account(ended.workspace_id, ended.account) FROM manual_grant AS ended
      WHERE ended.workspace_id = NEW.workspace_id AND ended.id = NEW.grant_id;
  ELSE
    PERFORM stamp_account(ended.workspace_id, ended.account) FROM restriction AS ended
      WHERE ended.workspace_id = NEW.workspace_id AND ended.id = NEW.restriction_id;
  END IF;
  RETURN NULL;
END
$$;

CREATE TRIGGER stamped AFTER INSERT ON manual_grant
  FOR EACH ROW EXECUTE FUNCTION stamp_its_account();
CREATE TRIGGER stamped AFTER INSERT ON restriction
  FOR EACH ROW EXECUTE FUNCTION stamp_its_account();
CREATE TRIGGER stamped AFTER INSERT ON manual_grant_end
  FOR EACH ROW EXECUTE FUNCTION stamp_whom_it_ends_for();
CREATE TRIGGER stamped AFTER INSERT ON restriction_end
  FOR EACH ROW EXECUTE FUNCTION stamp_whom_it_ends_for();
CREATE TRIGGER stamped AFTER INSERT OR DELETE ON ownership
  FOR EACH ROW EXECUTE FUNCTION stamp_its_account();
CREATE TRIGGER stamped AFTER UPDATE ON account
  FOR EACH STATEMENT EXECUTE FUNCTION stamp_everybody();
CREATE TRIGGER stamped AFTER INSERT OR UPDATE ON feature
  FOR EACH STATEMENT EXECUTE FUNCTION stamp_everybody();
CREATE TRIGGER stamped AFTER INSERT OR UPDATE ON meter
  FOR EACH STATEMENT EXECUTE FUNCTION stamp_everybody();
"""

# A counter is a view of events, units and holds: `tallystick quota check` makes it anew and
# compares. What open reservations and leases hold is summed from their rows, so that one that
# expired returns by itself. An event of a consumption waits here until the log has it, and until
# the feed has passed.
COUNTERS = """
CREATE TABLE quota_counter (
  workspace_id     text NOT NULL REFERENCES workspace,
  account          text NOT NULL,
  feature          text NOT NULL,
  starts           timestamptz NOT NULL,
  ends             timestamptz,
  used             numeric NOT NULL,
  state            jsonb NOT NULL,
  over_since       timestamptz,
  counted_through  bigint NOT NULL CHECK (counted_through >= 0),
  stamp            bigint NOT NULL,
  enforced         numeric,
  check_at         timestamptz,
  PRIMARY KEY (workspace_id, account, feature, starts),
  FOREIGN KEY (workspace_id, account) REFERENCES account,
  CHECK (ends > starts)
);
CREATE INDEX quota_counter_open ON quota_counter (workspace_id, ends);
SELECT protect('quota_counter');
GRANT SELECT, INSERT, DELETE,
  UPDATE (ends, used, state, over_since, counted_through, stamp, enforced, check_at)
  ON quota_counter TO tallystick_app;

CREATE TABLE quota_hold (
  workspace_id  text NOT NULL REFERENCES workspace,
  kind          text NOT NULL CHECK (kind IN ('reservation', 'lease')),
  key           text NOT NULL,
  account       text NOT NULL,
  feature       text NOT NULL,
  starts        timestamptz NOT NULL,
  asked_by      text NOT NULL,
  granted       numeric NOT NULL CHECK (granted >= 0),
  spent         numeric NOT NULL CHECK (spent >= 0 AND spent <= granted),
  began_at      timestamptz NOT NULL,
  expires_at    timestamptz NOT NULL,
  closed_at     timestamptz,
  outcome       text NOT NULL,
  PRIMARY KEY (workspace_id, kind, key)
);
CREATE INDEX quota_hold_open ON quota_hold (workspace_id, account, feature, starts)
  WHERE closed_at IS NULL;
SELECT protect('quota_hold');
GRANT SELECT, INSERT, UPDATE (granted, spent, expires_at, closed_at, outcome) ON quota_hold
  TO tallystick_app;

CREATE TABLE quota_unit (
  workspace_id  text NOT NULL REFERENCES workspace,
  account       text NOT NULL,
  feature       text NOT NULL,
  unit          text NOT NULL,
  quantity      numeric NOT NULL CHECK (quantity >= 0),
  acquired_at   timestamptz NOT NULL,
  PRIMARY KEY (workspace_id, account, feature, unit)
);
SELECT protect('quota_unit');
GRANT SELECT, INSERT, DELETE ON quota_unit TO tallystick_app;

CREATE TABLE quota_event (
  workspace_id  text NOT NULL REFERENCES workspace,
  source        text NOT NULL,
  id            text NOT NULL,
  ordinal       bigint GENERATED ALWAYS AS IDENTITY,
  account       text NOT NULL,
  feature       text NOT NULL,
  starts        timestamptz NOT NULL,
  quantity      numeric NOT NULL,
  used_at       timestamptz NOT NULL,
  body          text NOT NULL,
  position      bigint CHECK (position > 0),
  outcome       text NOT NULL,
  PRIMARY KEY (workspace_id, source, id)
);
CREATE INDEX quota_event_waiting ON quota_event (workspace_id, ordinal) WHERE outcome = '';
CREATE INDEX quota_event_logged ON quota_event (workspace_id, position) WHERE position IS NOT NULL;
SELECT protect('quota_event');
SELECT open_to('quota_event', 'tallystick_runner');
GRANT SELECT, INSERT, DELETE, UPDATE (position, outcome) ON quota_event TO tallystick_app;
GRANT SELECT ON quota_event TO tallystick_runner;

SELECT open_to('feature', 'tallystick_runner');
GRANT SELECT (workspace_id) ON feature TO tallystick_runner;

CREATE TABLE quota_feed (
  workspace_id  text PRIMARY KEY REFERENCES workspace,
  position      bigint NOT NULL CHECK (position >= 0)
);
SELECT protect('quota_feed');
GRANT SELECT, INSERT, UPDATE (position) ON quota_feed TO tallystick_app;
"""


def upgrade() -> None:
    run_script(STAMPS)
    run_script(COUNTERS)
