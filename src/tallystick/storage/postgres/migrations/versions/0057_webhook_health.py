"""How webhooks are doing: their last calls, and since when one is disabled."""

from tallystick.storage.postgres.migrations import run_script

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None

HEALTH = """
ALTER TABLE webhook ADD COLUMN disabled_at timestamptz, ADD COLUMN health jsonb;
GRANT UPDATE (disabled_at, health) ON webhook TO tallystick_app;
"""

# A replay asks for the calls of one webhook that were given up.
PARKED = """
CREATE INDEX outbox_parked_calls ON outbox (workspace_id, (payload ->> 'webhook'), parked_at)
  WHERE topic = 'webhook.call' AND parked_at IS NOT NULL;
"""


def upgrade() -> None:
    run_script(HEALTH)
    run_script(PARKED)
