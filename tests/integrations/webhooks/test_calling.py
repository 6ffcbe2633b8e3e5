"""Calls of webhooks: read by a foreign library, and only where they may go."""

import json
import socket
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from tallystick.app.webhooks import Call, WebhookSecrets, shown
from tallystick.integrations.webhooks import HttpWebhookCaller, signed_headers
from tallystick.kernel import Done, Outcome, Refused, WorkspaceId
from tests.client.scripted_server import Answer, scripted_server

SECRETS = WebhookSecrets(root=lambda: b"0123456789abcdef")
NEW, OLD = (SECRETS.of(WorkspaceId("w"), "hook_1", version) for version in (2, 1))
BODY = json.dumps({"type": "invoice.issued", "data": {"id": "inv_1"}}).encode()
HERE = HttpWebhookCaller(hosts=frozenset({"127.0.0.1"}), timeout_seconds=2)


def call(url: str, *secrets: bytes) -> Call:
    """Return a call of an address."""
    return Call(id="hook_1:issued:inv_1", url=url, body=BODY, secrets=secrets or (NEW,))


def code(outcome: Outcome[None]) -> str:
    """Return the code of a refusal."""
    assert isinstance(outcome, Refused)
    return outcome.problems[0].code


@pytest.mark.parametrize("secret", [NEW, OLD])
def test_a_foreign_library_takes_the_signature(secret: bytes) -> None:
    """While a secret is changed, whoever knows either one is convinced."""
    now = datetime.now(UTC)
    headers = dict(signed_headers(call("https://a.example", NEW, OLD), at=now))
    assert Webhook(shown(secret)).verify(BODY, headers) == json.loads(BODY)


def test_a_foreign_library_refuses_what_was_changed() -> None:
    """Another body, another time and another secret are found."""
    now = datetime.now(UTC)
    headers = dict(signed_headers(call("https://a.example", NEW), at=now))
    stranger = SECRETS.of(WorkspaceId("other"), "hook_1", 2)
    stale = dict(signed_headers(call("https://a.example", NEW), at=now - timedelta(hours=1)))
    for secret, body, told in (
        (NEW, BODY + b" ", headers),
        (stranger, BODY, headers),
        (NEW, BODY, stale),
    ):
        with pytest.raises(WebhookVerificationError):
            Webhook(shown(secret)).verify(body, told)


def test_a_call_arrives_signed() -> None:
    """The body byte by byte, and headers that say who calls."""
    now = datetime.now(UTC)
    with scripted_server(Answer(status=204)) as peer:
        assert isinstance(HERE.call(call(f"{peer.url}/hooks?a=1"), at=now), Done)
    ((_, path, headers, body),) = peer.requests
    assert (path, body) == ("/hooks?a=1", BODY)
    assert Webhook(shown(NEW)).verify(body, headers)


@pytest.mark.parametrize("status", [301, 400, 500])
def test_what_is_no_success_is_tried_again(status: int) -> None:
    """A redirect is no success either, and is not followed."""
    with scripted_server(Answer(status=status)) as peer:
        told = HERE.call(call(peer.url), at=datetime.now(UTC))
    assert code(told) == "not_taken"
    assert len(peer.requests) == 1


def test_who_is_gone_says_so() -> None:
    """410 is no failure like others: nobody is there any more."""
    with scripted_server(Answer(status=410)) as peer:
        assert code(HERE.call(call(peer.url), at=datetime.now(UTC))) == "gone"


def test_nobody_there_is_tried_again() -> None:
    """A port where nobody listens."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        assert code(HERE.call(call(url), at=datetime.now(UTC))) == "not_taken"


def test_a_name_that_cannot_be_looked_up_is_tried_again() -> None:
    """A part of more than 63 signs is in no register of names."""
    url = f"https://{'a' * 64}.example/"
    assert code(HttpWebhookCaller().call(call(url), at=datetime.now(UTC))) == "not_taken"


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[fe80::1]/",
        "https://0.0.0.0/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/",
        "https://localhost/",
        "http://93.184.215.14/",
    ],
)
def test_this_network_is_not_called(url: str) -> None:
    """Whoever may add a webhook may not look around in the operator's network."""
    assert code(HttpWebhookCaller().call(call(url), at=datetime.now(UTC))) == "not_allowed"
