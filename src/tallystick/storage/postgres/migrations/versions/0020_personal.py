"""Personal data: what is declared personal, values with their salts, and where they are used."""

from tallystick.storage.postgres.migrations import run_script

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

PERSONAL = """
CREATE TABLE personal_data (
  workspace_id  text NOT NULL REFERENCES workspace,
  event_type    text NOT NULL CHECK (event_type <> ''),
  document      jsonb NOT NULL,
  PRIMARY KEY (workspace_id, event_type)
);
SELECT protect('personal_data');
GRANT SELECT, INSERT, UPDATE (document) ON personal_data TO tallystick_app;

CREATE TABLE personal_value (
  workspace_id  text NOT NULL REFERENCES workspace,
  pseudonym     text NOT NULL,
  digest        bytea NOT NULL CHECK (length(digest) = 32),
  salt          bytea NOT NULL CHECK (length(salt) = 32),
  content       text NOT NULL,
  PRIMARY KEY (workspace_id, pseudonym),
  UNIQUE (workspace_id, digest)
);
SELECT protect('personal_value');
GRANT SELECT, INSERT, DELETE ON personal_value TO tallystick_app;

CREATE TABLE personal_use (
  workspace_id    text NOT NULL,
  subject         text NOT NULL,
  event_type      text NOT NULL,
  path            text NOT NULL,
  pseudonym       text NOT NULL,
  stands          boolean NOT NULL DEFAULT true,
  erased_through  bigint NOT NULL DEFAULT 0 CHECK (erased_through >= 0),
  PRIMARY KEY (workspace_id, subject, event_type, path, pseudonym),
  FOREIGN KEY (workspace_id, pseudonym) REFERENCES personal_value ON DELETE CASCADE
);
CREATE INDEX personal_use_pseudonym ON personal_use (workspace_id, pseudonym);
SELECT protect('personal_use');
GRANT SELECT, INSERT, UPDATE (stands, erased_through) ON personal_use TO tallystick_app;

GRANT DELETE ON rejected_event TO tallystick_app;
"""


def upgrade() -> None:
    run_script(PERSONAL)
