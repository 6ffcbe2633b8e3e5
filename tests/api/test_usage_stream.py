"""`/v1/usage/stream`: told within a second, bounded, resumed, ended."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import msgspec
import pytest

from tallystick.api.usage import STREAMS_OF_KEY_MAX
from tests.serving import Tenant

METER = {
    "key": "bytes",
    "event_type": "sent",
    "aggregation": "sum",
    "value": "n",
    "unit": "byte",
}
ACCOUNTS = [
    {"key": key, "name": key, "zone": "Europe/Berlin", "currency": "EUR", "invoiced": True}
    for key in ("acme", "other")
]
DELAY_SECONDS_AIM = 1.0
DELAY_SECONDS_MAX = 15.0


@pytest.fixture
def followed(tenant: Tenant) -> Tenant:
    """Lend a workspace with a meter and two accounts."""
    tenant.apply({"meters": [METER], "accounts": ACCOUNTS})
    return tenant


def use(tenant: Tenant, amount: int, *, account: str = "acme") -> int:
    """Send an event of now and return the position at which it is durable."""
    event_id = f"{account}-{time.monotonic_ns()}"
    event = {"id": event_id, "type": "sent", "subject": account, "data": {"n": amount}}
    position: int = tenant.send(event)["last_position"]
    return position


@contextmanager
def stream(
    tenant: Tenant, *, last_id: str = "", token: str | None = None, **query: str
) -> Iterator[Iterator[dict[str, Any]]]:
    """Follow usage; yields messages, each with its event, id and data."""
    headers = {"last-event-id": last_id} if last_id else {}
    asked = {"meter": "bytes", "window": "month", "account": "acme"} | query
    with (
        tenant.client(token) as client,
        client.stream("GET", "/v1/usage/stream", params=asked, headers=headers) as answer,
    ):
        assert answer.status_code == 200, answer.read()
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield _messages(answer)


def _messages(answer: httpx.Response) -> Iterator[dict[str, Any]]:
    fields: dict[str, Any] = {}
    for line in answer.iter_lines():
        name, _, text = line.partition(": ")
        if not line and "data" in fields:
            yield fields
            fields = {}
        elif name in {"event", "id"}:
            fields[name] = text
        elif name == "data":
            fields["data"] = msgspec.json.decode(text) if text.startswith("{") else text


def test_what_is_acknowledged_is_told_within_a_second(followed: Tenant) -> None:
    """From the answer to an event to its message: under a second where the machine has time."""
    delays = []
    with stream(followed) as messages:
        first = next(messages)
        assert (first["event"], first["data"]["quantity"]) == ("usage", "0")
        total = 0
        for amount in (1, 20, 300, 4000, 50000):
            position = use(followed, amount)
            acknowledged = time.monotonic()
            total += amount
            message = next(messages)["data"]
            delays.append(time.monotonic() - acknowledged)
            assert (message["quantity"], message["account"]) == (str(total), "acme")
            assert message["position"] >= position
    assert min(delays) < DELAY_SECONDS_AIM, delays
    assert max(delays) < DELAY_SECONDS_MAX, delays


def test_a_window_is_the_accounts_own(followed: Tenant) -> None:
    """The running month begins at the account's midnight; another's usage changes nothing."""
    use(followed, 7, account="other")
    position = use(followed, 5)
    followed.ask("GET", "/v1/usage", params={"meter": "bytes", "start": "2026-01-01T00:00:00Z",
                 "end": "2026-01-02T00:00:00Z", "position": position})  # fmt: skip
    with stream(followed) as messages:
        data = next(messages)["data"]
    assert (data["quantity"], data["zone"], data["closed"]) == ("5", "Europe/Berlin", False)
    assert datetime.fromisoformat(data["window_start"]).hour in {22, 23}


def test_who_comes_back_is_told_how_his_window_ended(followed: Tenant) -> None:
    """With the id of a window that is over, its end comes first, closed, then the present."""
    yesterday = datetime.now(UTC) - timedelta(days=1)
    event = {"id": "y", "type": "sent", "subject": "acme", "time": yesterday.isoformat(),
             "data": {"n": 9}}  # fmt: skip
    position = followed.send(event)["last_position"]
    followed.ask("GET", "/v1/usage", params={"meter": "bytes", "start": "2026-01-01T00:00:00Z",
                 "end": "2026-01-02T00:00:00Z", "position": position})  # fmt: skip
    last_id = f"1.{int(yesterday.timestamp()) * 1_000_000}"
    with stream(followed, window="day", last_id=last_id) as messages:
        ended, present = next(messages)["data"], next(messages)["data"]
    assert (ended["closed"], ended["quantity"]) == (True, "9")
    assert (present["closed"], present["quantity"]) == (False, "0")
    assert ended["window_end"] <= present["window_start"]
    for odd in ("x", "1.99999999999999999999", "9999.1e5", "."):
        with stream(followed, window="day", last_id=odd) as messages:
            assert next(messages)["data"]["closed"] is False


def test_the_id_of_a_message_resumes_it(followed: Tenant) -> None:
    """The id that a message carries is taken back; within its window the present comes at once."""
    use(followed, 3)
    with stream(followed) as messages:
        told = next(one for one in messages if one["data"]["quantity"] == "3")
    with stream(followed, last_id=told["id"]) as messages:
        assert next(messages)["data"]["quantity"] == "3"


def test_streams_of_a_key_are_bounded(followed: Tenant) -> None:
    """One more than a key may hold is refused, until another is closed."""
    _, token = followed.make_key("read")
    with ExitStack() as stack:
        held = [
            stack.enter_context(stream(followed, token=token)) for _ in range(STREAMS_OF_KEY_MAX)
        ]
        assert all(next(messages)["event"] == "usage" for messages in held)
        asked = {"meter": "bytes", "account": "acme"}
        refused = followed.ask("GET", "/v1/usage/stream", params=asked, token=token)
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_streams")
        assert "retry-after" in refused.headers


@pytest.mark.parametrize(
    ("query", "status", "path"),
    [
        ({"meter": "nothing"}, 404, "meter"),
        ({"account": "nobody"}, 404, "account"),
        ({"window": "total"}, 422, "window"),
        ({"zone": "Mars/Olympus"}, 422, "zone"),
    ],
)
def test_mistakes_are_answered_before_the_stream(
    followed: Tenant, query: dict[str, str], status: int, path: str
) -> None:
    """What cannot be followed is a problem document with its path, not a stream that ends."""
    answer = followed.ask(
        "GET", "/v1/usage/stream", params={"meter": "bytes", "account": "acme"} | query
    )
    assert answer.status_code == status, answer.text
    assert [error["path"] for error in answer.json()["errors"]] == [path]


def test_a_bound_key_follows_its_account_alone(followed: Tenant) -> None:
    """A key of one account sees its usage without naming it, and no other's."""
    _, bound = followed.make_key("read", account="other")
    answer = followed.ask(
        "GET", "/v1/usage/stream", params={"meter": "bytes", "account": "acme"}, token=bound
    )
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    with (
        followed.client(bound) as client,
        client.stream("GET", "/v1/usage/stream", params={"meter": "bytes"}) as stream_,
    ):
        assert next(_messages(stream_))["data"]["account"] == "other"
