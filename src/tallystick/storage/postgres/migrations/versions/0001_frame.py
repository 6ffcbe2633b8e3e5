"""The frame: roles, row level security, workspaces, keys, idempotency, outbox, audit, manifest."""

from tallystick.storage.postgres.migrations import run_script

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Roles belong to the cluster, not to the database: another database may have made them, or be
# making them at this moment.
ROLES = """
DO $$
DECLARE
  wanted text;
BEGIN
  FOREACH wanted IN ARRAY ARRAY['tallystick_app', 'tallystick_runner', 'tallystick_issuer'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
      BEGIN
        EXECUTE format('CREATE ROLE %I LOGIN NOSUPERUSER NOBYPASSRLS', wanted);
      EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL;
      END;
    END IF;
  END LOOP;
END
$$;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO tallystick_app, tallystick_runner, tallystick_issuer;
"""

# protect(table): rows of the transaction's workspace only, for every role, the owner included.
# open_to(table, role): a role of background work that must see across workspaces.
# keep_unchanged(table): rows are added and read; not even the owner changes one by mistake.
PROTECTION = """
CREATE FUNCTION protect(guarded regclass, workspace_column name DEFAULT 'workspace_id')
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  own text := format('%I = current_setting(''tallystick.workspace'', true)', workspace_column);
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', guarded);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', guarded);
  EXECUTE format(
    'CREATE POLICY own_workspace ON %1$s USING (%2$s) WITH CHECK (%2$s)', guarded, own);
END
$$;

CREATE FUNCTION open_to(guarded regclass, reader name) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE POLICY %I ON %s TO %I USING (true) WITH CHECK (true)',
    'open_to_' || reader, guarded, reader);
END
$$;

CREATE FUNCTION refuse_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'rows of % are never changed or removed', TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation';
END
$$;

CREATE FUNCTION keep_unchanged(guarded regclass) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format(
    'CREATE TRIGGER unchanged BEFORE UPDATE OR DELETE OR TRUNCATE ON %s'
    ' FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', guarded);
END
$$;

REVOKE EXECUTE ON FUNCTION protect, open_to, keep_unchanged FROM PUBLIC;
"""

# What every command writes (idempotency, outbox, audit) has no foreign key to the workspace: its
# check takes longer than the insert and locks one row for all. A caller has his workspace by a key,
# and that does refer to it.
WORKSPACES = """
CREATE TABLE workspace (
  id          text PRIMARY KEY CHECK (id ~ '^[a-z0-9][a-z0-9-]{0,38}$'),
  kind        text NOT NULL CHECK (kind IN ('live', 'test')),
  name        text NOT NULL,
  created_at  timestamptz NOT NULL
);
SELECT protect('workspace', 'id');
SELECT open_to('workspace', 'tallystick_runner');
GRANT SELECT, INSERT ON workspace TO tallystick_app;
GRANT SELECT ON workspace TO tallystick_runner;

CREATE TABLE api_key (
  workspace_id   text NOT NULL REFERENCES workspace,
  id             text NOT NULL,
  secret_sha256  bytea NOT NULL CHECK (length(secret_sha256) = 32),
  scopes         text[] NOT NULL CHECK (cardinality(scopes) > 0),
  account_key    text,
  label          text NOT NULL,
  created_at     timestamptz NOT NULL,
  expires_at     timestamptz CHECK (expires_at > created_at),
  revoked_at     timestamptz,
  PRIMARY KEY (workspace_id, id)
);
SELECT protect('api_key');
GRANT SELECT, INSERT, UPDATE (revoked_at) ON api_key TO tallystick_app;

CREATE TABLE idempotency (
  workspace_id  text NOT NULL,
  key           text NOT NULL,
  command       text NOT NULL,
  input_digest  text NOT NULL,
  answer        bytea,
  created_at    timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (workspace_id, key)
);
SELECT protect('idempotency');
GRANT SELECT, INSERT, UPDATE (answer) ON idempotency TO tallystick_app;
"""

OUTBOX = """
CREATE TABLE outbox (
  workspace_id     text NOT NULL,
  id               text NOT NULL,
  topic            text NOT NULL,
  payload          jsonb NOT NULL,
  trace_id         text NOT NULL,
  created_at       timestamptz NOT NULL DEFAULT now(),
  next_attempt_at  timestamptz,
  attempts         integer NOT NULL DEFAULT 0,
  last_problem     text NOT NULL DEFAULT '',
  delivered_at     timestamptz,
  parked_at        timestamptz,
  PRIMARY KEY (workspace_id, id),
  CHECK (num_nonnulls(next_attempt_at, delivered_at, parked_at) = 1)
);
CREATE INDEX outbox_due ON outbox (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
SELECT protect('outbox');
SELECT open_to('outbox', 'tallystick_runner');
GRANT SELECT, INSERT ON outbox TO tallystick_app;
GRANT SELECT, UPDATE (next_attempt_at, attempts, last_problem, delivered_at, parked_at)
  ON outbox TO tallystick_runner;
"""

# Every audit row is noted in audit_unsealed by the database itself, so that the sealer finds rows
# that commit late with a lower id, and none can be added past it.
AUDIT = """
CREATE TABLE audit (
  workspace_id  text NOT NULL,
  id            bigint GENERATED ALWAYS AS IDENTITY,
  recorded_at   timestamptz NOT NULL,
  actor         text NOT NULL,
  command       text NOT NULL,
  subject       text NOT NULL,
  input_digest  text NOT NULL,
  details       jsonb NOT NULL,
  request_id    text NOT NULL,
  trace_id      text NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
SELECT protect('audit');
SELECT open_to('audit', 'tallystick_runner');
SELECT keep_unchanged('audit');
GRANT SELECT, INSERT ON audit TO tallystick_app;
GRANT SELECT ON audit TO tallystick_runner;

CREATE TABLE audit_unsealed (
  workspace_id  text NOT NULL,
  audit_id      bigint NOT NULL,
  PRIMARY KEY (workspace_id, audit_id)
);
SELECT protect('audit_unsealed');
SELECT open_to('audit_unsealed', 'tallystick_runner');
GRANT SELECT ON audit_unsealed TO tallystick_app;
GRANT SELECT, DELETE ON audit_unsealed TO tallystick_runner;

CREATE FUNCTION note_unsealed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  INSERT INTO public.audit_unsealed (workspace_id, audit_id) VALUES (NEW.workspace_id, NEW.id);
  RETURN NULL;
END
$$;
REVOKE EXECUTE ON FUNCTION note_unsealed FROM PUBLIC;
CREATE TRIGGER unsealed AFTER INSERT ON audit FOR EACH ROW EXECUTE FUNCTION note_unsealed();

CREATE TABLE audit_seal (
  workspace_id     text NOT NULL,
  sequence         bigint NOT NULL CHECK (sequence > 0),
  audit_id         bigint NOT NULL,
  previous_digest  text NOT NULL,
  digest           text NOT NULL,
  PRIMARY KEY (workspace_id, sequence),
  UNIQUE (workspace_id, audit_id)
);
SELECT protect('audit_seal');
SELECT open_to('audit_seal', 'tallystick_runner');
SELECT keep_unchanged('audit_seal');
GRANT SELECT ON audit_seal TO tallystick_app;
GRANT SELECT, INSERT ON audit_seal TO tallystick_runner;
"""

# The log spans workspaces; its manifest says nothing of any of them and is closed to the app.
LOG = """
CREATE TABLE log_segment (
  first_position  bigint PRIMARY KEY CHECK (first_position > 0),
  last_position   bigint NOT NULL UNIQUE CHECK (last_position >= first_position),
  count           bigint NOT NULL CHECK (count = last_position - first_position + 1),
  digest          text NOT NULL,
  sealed_at       timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE log_segment ENABLE ROW LEVEL SECURITY;
ALTER TABLE log_segment FORCE ROW LEVEL SECURITY;
SELECT open_to('log_segment', 'tallystick_runner');
SELECT keep_unchanged('log_segment');
GRANT SELECT, INSERT ON log_segment TO tallystick_runner;

CREATE TABLE rejected_event (
  workspace_id  text NOT NULL,
  id            bigint GENERATED ALWAYS AS IDENTITY,
  received_at   timestamptz NOT NULL,
  source        text NOT NULL,
  event_id      text NOT NULL,
  code          text NOT NULL,
  message       text NOT NULL,
  path          text NOT NULL,
  body          bytea NOT NULL,
  replayed_at   timestamptz,
  PRIMARY KEY (workspace_id, id)
);
SELECT protect('rejected_event');
GRANT SELECT, INSERT, UPDATE (replayed_at) ON rejected_event TO tallystick_app;
"""


def upgrade() -> None:
    run_script(ROLES, PROTECTION, WORKSPACES, OUTBOX, AUDIT, LOG)
