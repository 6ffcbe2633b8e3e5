"""The catalog: definitions, accounts, resources with dated ownership, subscriptions."""

from tallystick.storage.postgres.migrations import run_script

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# What was sold is kept: versions of plans and price books are only ever added.
DEFINITIONS = """
CREATE TABLE catalog_unit (
  workspace_id  text NOT NULL REFERENCES workspace,
  name          text NOT NULL,
  PRIMARY KEY (workspace_id, name)
);
SELECT protect('catalog_unit');
SELECT keep_unchanged('catalog_unit');
GRANT SELECT, INSERT ON catalog_unit TO tallystick_app;

CREATE TABLE legal_entity (
  workspace_id  text NOT NULL REFERENCES workspace,
  key           text NOT NULL,
  document      jsonb NOT NULL,
  PRIMARY KEY (workspace_id, key)
);
SELECT protect('legal_entity');
GRANT SELECT, INSERT, UPDATE (document) ON legal_entity TO tallystick_app;

CREATE TABLE meter (
  workspace_id  text NOT NULL REFERENCES workspace,
  key           text NOT NULL,
  event_type    text NOT NULL,
  document      jsonb NOT NULL,
  PRIMARY KEY (workspace_id, key)
);
SELECT protect('meter');
GRANT SELECT, INSERT, UPDATE (event_type, document) ON meter TO tallystick_app;

CREATE TABLE price_book (
  workspace_id  text NOT NULL REFERENCES workspace,
  key           text NOT NULL,
  version       integer NOT NULL CHECK (version > 0),
  currency      text NOT NULL,
  effective_at  timestamptz NOT NULL,
  document      jsonb NOT NULL,
  PRIMARY KEY (workspace_id, key, version)
);
SELECT protect('price_book');
SELECT keep_unchanged('price_book');
GRANT SELECT, INSERT ON price_book TO tallystick_app;

CREATE TABLE plan_version (
  workspace_id  text NOT NULL REFERENCES workspace,
  plan          text NOT NULL,
  version       integer NOT NULL CHECK (version > 0),
  currency      text NOT NULL,
  document      jsonb NOT NULL,
  PRIMARY KEY (workspace_id, plan, version)
);
SELECT protect('plan_version');
SELECT keep_unchanged('plan_version');
GRANT SELECT, INSERT ON plan_version TO tallystick_app;
"""

# A resource belongs to one account at every instant: intervals of ownership do not overlap.
ACCOUNTS = """
CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE TABLE account (
  workspace_id  text NOT NULL REFERENCES workspace,
  key           text NOT NULL,
  name          text NOT NULL,
  parent        text CHECK (parent <> key),
  zone          text NOT NULL,
  zone_changes  jsonb NOT NULL,
  currency      text NOT NULL,
  invoiced      boolean NOT NULL,
  country       text NOT NULL,
  PRIMARY KEY (workspace_id, key),
  FOREIGN KEY (workspace_id, parent) REFERENCES account
);
CREATE INDEX account_parent ON account (workspace_id, parent);
SELECT protect('account');
GRANT SELECT, INSERT, UPDATE (name, parent, zone, zone_changes, currency, invoiced, country)
  ON account TO tallystick_app;

CREATE TABLE resource (
  workspace_id  text NOT NULL REFERENCES workspace,
  key           text NOT NULL,
  kind          text NOT NULL,
  started_at    timestamptz,
  ended_at      timestamptz CHECK (ended_at > started_at),
  attributes    jsonb NOT NULL,
  PRIMARY KEY (workspace_id, key)
);
SELECT protect('resource');
GRANT SELECT, INSERT, UPDATE (kind, started_at, ended_at, attributes) ON resource
  TO tallystick_app;

CREATE TABLE ownership (
  workspace_id  text NOT NULL,
  resource      text NOT NULL,
  account       text NOT NULL,
  during        tstzrange NOT NULL CHECK (NOT isempty(during)),
  FOREIGN KEY (workspace_id, resource) REFERENCES resource,
  FOREIGN KEY (workspace_id, account) REFERENCES account,
  EXCLUDE USING gist (workspace_id WITH =, resource WITH =, during WITH &&)
);
CREATE INDEX ownership_account ON ownership (workspace_id, account, resource);
SELECT protect('ownership');
GRANT SELECT, INSERT, DELETE ON ownership TO tallystick_app;
"""

SUBSCRIPTIONS = """
CREATE TABLE subscription (
  workspace_id  text NOT NULL REFERENCES workspace,
  key           text NOT NULL,
  account       text NOT NULL,
  plan          text NOT NULL,
  version       integer NOT NULL,
  legal_entity  text NOT NULL,
  started_at    timestamptz NOT NULL,
  ended_at      timestamptz CHECK (ended_at >= started_at),
  anchor        date NOT NULL,
  PRIMARY KEY (workspace_id, key),
  FOREIGN KEY (workspace_id, account) REFERENCES account,
  FOREIGN KEY (workspace_id, plan, version) REFERENCES plan_version,
  FOREIGN KEY (workspace_id, legal_entity) REFERENCES legal_entity
);
CREATE INDEX subscription_account ON subscription (workspace_id, account, key);
SELECT protect('subscription');
GRANT SELECT, INSERT, UPDATE (ended_at) ON subscription TO tallystick_app;
"""


def upgrade() -> None:
    run_script(DEFINITIONS, ACCOUNTS, SUBSCRIPTIONS)
