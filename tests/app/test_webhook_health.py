"""How webhooks are doing: what is noted of calls, when no more are made, and what is told then."""

from datetime import datetime, timedelta

from tallystick.app.webhooks import (
    EnableWebhook,
    ReplayWebhook,
    Webhook,
    WebhookHealth,
    WebhookState,
    enable_webhook,
    list_webhooks,
    replay_webhook,
)
from tallystick.kernel import Done, Refused
from tests.app.test_webhooks import Desk, added
from tests.databases import Database


def standing(desk: Desk) -> Webhook:
    """Return the one webhook as it stands."""
    listed = list_webhooks(desk.caller(), uow=desk.database.unit())
    assert isinstance(listed, Done)
    (found,) = listed.value
    return found


def enable(desk: Desk, id: str) -> Webhook:
    """Call a webhook again."""
    command = EnableWebhook(id=id)
    done = enable_webhook(command, caller=desk.caller(), uow=desk.database.unit(), clock=desk.clock)
    assert isinstance(done, Done), done
    return done.value


def replayed(desk: Desk, id: str, since: datetime) -> int | str:
    """Return how many calls are on their way again, or why none may be."""
    command = ReplayWebhook(id=id, since=since)
    done = replay_webhook(command, caller=desk.caller(), uow=desk.database.unit(), clock=desk.clock)
    return done.problems[0].code if isinstance(done, Refused) else done.value.calls


def fail_for(desk: Desk, *, days: int) -> None:
    """Put a message each half day that is not taken."""
    desk.calls.down = True
    for half in range(2 * days + 1):
        desk.tell("invoice.issued", f"m{half}")
        desk.round()
        desk.clock.forward(hours=12)


def test_what_calls_came_to_is_noted(database: Database) -> None:
    """Failures in a row, since when, and the share taken; one that is taken ends them."""
    desk = Desk(database=database)
    added(desk.add())
    assert (standing(desk).state, standing(desk).health.success_share) == ("healthy", None)
    desk.calls.down = True
    began = desk.clock.now()
    desk.tell("invoice.issued", "a")
    desk.round()
    failing = standing(desk)
    assert failing.state is WebhookState.FAILING
    assert (failing.health.failures, failing.health.failing_since) == (1, began)
    assert failing.health.problem == "down"
    desk.calls.down = False
    desk.clock.forward(seconds=11)
    desk.round()
    well = standing(desk)
    assert (well.state, well.health.failures, well.health.recent) == ("healthy", 0, "01")
    assert well.health.last_success_at == began + timedelta(seconds=11)


def test_five_days_of_failures_disable(database: Database) -> None:
    """Not a moment sooner; then it is called no more, and that is told once."""
    desk = Desk(database=database)
    added(desk.add("invoice.issued"))
    other = added(desk.add("webhook.disabled", url="https://example.com/operators"))
    fail_for(desk, days=4)
    found = list_webhooks(desk.caller(), uow=database.unit())
    assert isinstance(found, Done)
    assert {one.state.value for one in found.value} == {"failing", "healthy"}
    fail_for(desk, days=2)
    desk.calls.down = False
    desk.tell("invoice.issued", "later")
    for _ in range(3):
        desk.round()
    assert [call.id.split(":")[0] for call in desk.calls.made] == [other.webhook.id]
    assert b'"problem":"down"' in desk.calls.made[0].body


def test_gone_is_believed_at_once(database: Database) -> None:
    """Who answers that it is there no more is not called again."""
    desk = Desk(database=database)
    added(desk.add())
    desk.calls.down, desk.calls.code = True, "gone"
    desk.tell("invoice.issued", "a")
    desk.round()
    assert standing(desk).state is WebhookState.DISABLED


def test_what_was_not_told_is_replayed_once(database: Database) -> None:
    """After it is enabled; asked twice, each call is made once more."""
    desk = Desk(database=database)
    webhook = added(desk.add("invoice.issued")).webhook
    began = desk.clock.now()
    desk.calls.down, desk.calls.code = True, "gone"
    desk.tell("invoice.issued", "a")
    desk.round()
    desk.tell("invoice.issued", "b")
    desk.tell("invoice.issued", "c")
    desk.clock.forward(days=1)
    desk.round()
    assert replayed(desk, webhook.id, began) == "webhook_disabled"
    enabled = enable(desk, webhook.id)
    assert (enabled.state, enabled.health) == ("healthy", WebhookHealth())
    desk.calls.down = False
    assert replayed(desk, webhook.id, desk.clock.now() + timedelta(seconds=1)) == 0
    assert [replayed(desk, webhook.id, began) for _ in range(2)] == [3, 0]
    desk.round()
    assert sorted(call.id[-1] for call in desk.calls.made) == ["a", "b", "c"]
