"""Sources: declarations, how far each was read, finished files and objects."""

from tallystick.storage.postgres.migrations import run_script

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# Spans of offsets are JSON arrays [[first, end], ...]: a handful at most, read and written whole.
SOURCES = """
CREATE TABLE source (
  workspace_id  text NOT NULL REFERENCES workspace,
  key           text NOT NULL,
  kind          text NOT NULL,
  document      jsonb NOT NULL,
  paused        boolean NOT NULL,
  changed_at    timestamptz NOT NULL,
  PRIMARY KEY (workspace_id, key)
);
SELECT protect('source');
GRANT SELECT, INSERT, UPDATE (document, paused, changed_at), DELETE ON source TO tallystick_app;

CREATE TABLE source_partition (
  workspace_id  text NOT NULL,
  source        text NOT NULL,
  partition     text NOT NULL,
  next_offset   bigint NOT NULL CHECK (next_offset >= 0),
  open          jsonb NOT NULL,
  lost          jsonb NOT NULL,
  holes_found   bigint NOT NULL,
  messages      bigint NOT NULL,
  newest_at     timestamptz,
  problem       text NOT NULL,
  reported_at   timestamptz NOT NULL,
  PRIMARY KEY (workspace_id, source, partition),
  FOREIGN KEY (workspace_id, source) REFERENCES source ON DELETE CASCADE
);
SELECT protect('source_partition');
GRANT SELECT, INSERT, DELETE,
  UPDATE (next_offset, open, lost, holes_found, messages, newest_at, problem, reported_at)
  ON source_partition TO tallystick_app;

CREATE TABLE source_item (
  workspace_id  text NOT NULL,
  source        text NOT NULL,
  name          text NOT NULL,
  version       text NOT NULL,
  status        text NOT NULL CHECK (status IN ('done', 'failed')),
  events        bigint NOT NULL,
  not_counted   bigint NOT NULL,
  problem       text NOT NULL,
  finished_at   timestamptz NOT NULL,
  PRIMARY KEY (workspace_id, source, name, version),
  FOREIGN KEY (workspace_id, source) REFERENCES source ON DELETE CASCADE
);
SELECT protect('source_item');
GRANT SELECT, INSERT, DELETE, UPDATE (status, events, not_counted, problem, finished_at)
  ON source_item TO tallystick_app;
"""


def upgrade() -> None:
    run_script(SOURCES)
