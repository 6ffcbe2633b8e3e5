"""
VIES: what becomes of its answers, and of the lack of one.

The peer here is a script of ours: it shows what is made of each answer and of faults on the way,
not that the register answers so. The forms are those that the register's users describe.
"""

from datetime import UTC, datetime

import pytest

from tallystick.integrations.vies import ViesRegister
from tallystick.tax import TaxIdState
from tests.client.scripted_server import Answer, scripted_server

AT = datetime(2026, 3, 1, tzinfo=UTC)
NUMBER = "DE136695976"


@pytest.mark.parametrize(
    ("answer", "state", "told"),
    [
        (Answer(status=200, body=b'{"valid":true,"requestIdentifier":"W1"}'), "valid", "W1"),
        (Answer(status=200, body=b'{"valid":true,"name":"Acme","userError":"VALID"}'), "valid", ""),
        (Answer(status=200, body=b'{"valid":false}'), "invalid", ""),
        (Answer(status=200, body=b'{"valid":false,"userError":"INVALID"}'), "invalid", ""),
        (
            Answer(
                status=400,
                body=b'{"actionSucceed":false,"errorWrappers":[{"error":"INVALID_INPUT"}]}',
            ),
            "invalid",
            "",
        ),
        (
            Answer(status=200, body=b'{"valid":false,"userError":"MS_UNAVAILABLE"}'),
            "unavailable",
            "MS_UNAVAILABLE",
        ),
        (
            Answer(
                status=500,
                body=b'{"actionSucceed":false,"errorWrappers":[{"error":"MS_MAX_CONCURRENT_REQ"}]}',
            ),
            "unavailable",
            "MS_MAX_CONCURRENT_REQ",
        ),
        (Answer(status=503, body=b"<html>busy</html>"), "unavailable", "HTTP 503"),
        (Answer(status=200, body=b"{}"), "unavailable", "neither"),
        (Answer(status=200, body=b" " * 70_000), "unavailable", "too long"),
        (Answer(status=0), "unavailable", "RemoteProtocolError"),
    ],
)
def test_what_is_made_of_an_answer(answer: Answer, state: str, told: str) -> None:
    """Valid and invalid only if it says so; all else is unavailable, with the reason."""
    with scripted_server(answer) as peer:
        found = ViesRegister(url=peer.url).ask(NUMBER, at=AT)
    assert (found.state.value, found.tax_id, found.checked_at) == (state, NUMBER, AT)
    assert told in (found.reference or found.message)


def test_what_is_asked() -> None:
    """The country's letters go apart from the number."""
    with scripted_server(Answer(status=200, body=b'{"valid":true}')) as peer:
        ViesRegister(url=peer.url).ask(NUMBER, at=AT)
    ((method, path, _, body),) = peer.requests
    assert (method, path) == ("POST", "/check-vat-number")
    assert body == b'{"countryCode":"DE","vatNumber":"136695976"}'


def test_nobody_there() -> None:
    """A register that is not there is unavailable."""
    with scripted_server(Answer(status=200)) as peer:
        url = peer.url
    assert ViesRegister(url=url).ask(NUMBER, at=AT).state is TaxIdState.UNAVAILABLE
