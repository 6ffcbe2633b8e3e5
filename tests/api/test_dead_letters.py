"""Dead letters over HTTP and at the terminal: listed, mended, sent again once, given up."""

from typing import Any

import pytest

from tallystick.cli import main
from tests.serving import Tenant

METER = {
    "key": "bytes",
    "event_type": "sent",
    "aggregation": "sum",
    "value": "bytes",
    "unit": "byte",
}
PERIOD = {"meter": "bytes", "start": "2026-01-01T00:00:00Z", "end": "2026-02-01T00:00:00Z"}
RENAME = {"do": "rename", "path": "data.byts", "to": "data.bytes"}
TIME = {"do": "time", "to": "2026-01-10T00:00:00Z"}


@pytest.fixture
def letters(tenant: Tenant) -> Tenant:
    """Lend a workspace with one good event, and three refused for their time, one for its data."""
    tenant.apply({"meters": [METER]})
    good = {"id": "good", "type": "sent", "time": "2026-01-02T00:00:00Z", "data": {"bytes": 1}}
    bad = [
        {"id": f"bad-{number}", "type": "sent", "time": "soon", "data": {"byts": 10 * number}}
        for number in (1, 2, 3)
    ]
    tenant.send(good, *bad, {"id": "list", "type": "other", "source": "else", "data": [1]})
    return tenant


def listed(tenant: Tenant, **query: str) -> list[dict[str, Any]]:
    """Return the letters of a list."""
    answer = tenant.ask("GET", "/v1/dead-letters", params=query)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def order(tenant: Tenant, what: str, **body: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """Send a command about letters, which must be understood."""
    answer = tenant.ask("POST", f"/v1/dead-letters/{what}", json=body)
    assert answer.status_code == 200, answer.text
    report: dict[str, Any] = answer.json()
    return report


def counted(tenant: Tenant, position: int) -> tuple[str, int]:
    """Return the bytes and events of January, those up to a position."""
    (item,) = tenant.ask("GET", "/v1/usage", params=PERIOD | {"position": position}).json()["items"]
    return item["quantity"], item["events"]


def fates(report: dict[str, Any]) -> list[str]:
    """Return what became of each letter."""
    return [letter["fate"] for letter in report["letters"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["list", "bad-3", "bad-2", "bad-1"]),
        ({"code": "time_invalid"}, ["bad-3", "bad-2", "bad-1"]),
        ({"type": "other"}, ["list"]),
        ({"source": "else"}, ["list"]),
        ({"event": "bad-2"}, ["bad-2"]),
        ({"text": '"byts":20'}, ["bad-2"]),
        ({"text": "JSON object"}, ["list"]),
        ({"since": "2099-01-01T00:00:00Z"}, []),
        ({"until": "2001-01-01T00:00:00Z"}, []),
        ({"status": "replayed"}, []),
    ],
)
def test_letters_are_filtered(letters: Tenant, query: dict[str, str], expected: list[str]) -> None:
    """By reason, names, receipt, text and state; newest first."""
    assert [letter["event_id"] for letter in listed(letters, **query)] == expected


def test_one_letter_is_shown_whole(letters: Tenant) -> None:
    """A letter has its text as sent; one that is not there is not found."""
    (letter,) = listed(letters, event="bad-1")
    shown = letters.ask("GET", f"/v1/dead-letters/{letter['id']}").json()
    assert (shown, shown["status"]) == (letter, "waiting")
    assert '"time":"soon"' in shown["body"]
    assert letters.ask("GET", "/v1/dead-letters/999999999999999999999").status_code == 404


def test_a_preview_takes_nothing(letters: Tenant) -> None:
    """It tells what would be sent and what would be refused still."""
    only_renamed = order(letters, "preview", filter={"type": "sent"}, fixes=[RENAME])
    assert fates(only_renamed) == ["rejected"] * 3
    assert {each["code"] for each in only_renamed["letters"]} == {"time_invalid"}
    both = order(letters, "preview", filter={"type": "sent"}, fixes=[RENAME, TIME])
    assert fates(both) == ["accepted"] * 3
    assert '"bytes":10' in both["letters"][0]["sent"]
    assert len(listed(letters, status="waiting")) == 4


def test_what_is_mended_counts_once(letters: Tenant) -> None:
    """Letters are noted with their place in the log; replaying again finds nothing that waits."""
    report = order(letters, "replay", filter={"type": "sent"}, fixes=[RENAME, TIME])
    assert fates(report) == ["accepted"] * 3
    positions = [letter["position"] for letter in report["letters"]]
    assert positions == sorted(positions)
    assert counted(letters, max(positions)) == ("61", 4)
    again = order(letters, "replay", filter={"type": "sent"}, fixes=[RENAME, TIME])
    ids = [letter["id"] for letter in report["letters"]]
    by_number = order(letters, "replay", ids=ids, fixes=[RENAME, TIME])
    assert (again["letters"], by_number["letters"]) == ([], [])
    assert counted(letters, max(positions)) == ("61", 4)
    noted = {letter["id"]: letter for letter in listed(letters, status="replayed")}
    assert [noted[number]["replayed_position"] for number in ids] == positions
    trace = letters.ask("GET", "/v1/events/bad-1/trace").json()
    assert trace["items"][0]["event"]["position"] == positions[0]


def test_what_was_sent_again_meanwhile_is_a_duplicate(letters: Tenant) -> None:
    """A letter whose event reached the log on another way is noted, and counts no second time."""
    mended = {"id": "bad-1", "type": "sent", "time": TIME["to"], "data": {"bytes": 10}}
    sent = letters.send(mended)
    (letter,) = listed(letters, event="bad-1")
    report = order(letters, "replay", ids=[letter["id"]], fixes=[RENAME, TIME])
    assert fates(report) == ["duplicate"]
    (traced,) = letters.ask("GET", "/v1/events/bad-1/trace").json()["items"]
    assert report["letters"][0]["position"] == traced["event"]["position"]
    # Events of others may have reached the log with it.
    assert traced["event"]["position"] <= sent["last_position"]
    assert counted(letters, sent["last_position"]) == ("11", 2)


def test_what_differs_from_the_log_still_waits(letters: Tenant) -> None:
    """A conflict is told and leaves the letter; another refusal makes no second letter."""
    letters.send({"id": "bad-1", "type": "sent", "time": TIME["to"], "data": {"bytes": 5}})
    report = order(letters, "replay", filter={}, fixes=[RENAME, TIME])
    assert fates(report) == ["conflict", "accepted", "accepted", "not_mendable"]
    waiting = [letter["event_id"] for letter in listed(letters, status="waiting")]
    assert waiting == ["list", "bad-1"]
    assert len(listed(letters)) == 4


def test_discarding_needs_a_reason_and_is_final(letters: Tenant) -> None:
    """A discarded letter says why, and is neither replayed nor discarded again."""
    refused = letters.ask("POST", "/v1/dead-letters/discard", json={"ids": [1], "reason": " "})
    assert (refused.status_code, refused.json()["errors"][0]["path"]) == (422, "reason")
    report = order(letters, "discard", filter={"source": "else"}, reason="a test")
    (letter,) = listed(letters, status="discarded")
    assert (report["discarded"], letter["discard_reason"]) == ([letter["id"]], "a test")
    assert order(letters, "replay", ids=[letter["id"]])["letters"] == []
    assert order(letters, "discard", ids=[letter["id"]], reason="again")["discarded"] == []


def test_commands_need_their_scope_and_are_remembered(letters: Tenant) -> None:
    """Another scope is refused; the same key gives the same answer and one audit record."""
    _, reader = letters.make_key("read", "ingest")
    body = {"filter": {}, "reason": "done"}
    denied = letters.ask("POST", "/v1/dead-letters/discard", json=body, token=reader)
    assert denied.status_code == 403
    headers = {"idempotency-key": "once"}
    first, second = (
        letters.ask("POST", "/v1/dead-letters/discard", json=body, headers=headers).json()
        for _ in range(2)
    )
    assert first == second
    assert len(first["discarded"]) == 4
    other = letters.ask(
        "POST", "/v1/dead-letters/discard", json=body | {"reason": "other"}, headers=headers
    )
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "$"),
        ({"ids": [1], "filter": {}}, "$"),
        ({"ids": [999_999_999]}, "ids[0]"),
        ({"filter": {"colour": "red"}}, "$.filter.colour"),
        ({"filter": {}, "fixes": [{"do": "paint"}]}, "$.fixes[0].do"),
        ({"filter": {}, "limit": 0}, "ids"),
    ],
)
def test_mistakes_have_paths(letters: Tenant, body: dict[str, Any], path: str) -> None:
    """What is not understood is answered with where it stands."""
    answer = letters.ask("POST", "/v1/dead-letters/replay", json=body)
    assert answer.status_code in {404, 422}
    assert [error["path"] for error in answer.json()["errors"]] == [path]


def test_the_terminal_does_the_same(letters: Tenant, capsys: pytest.CaptureFixture[str]) -> None:
    """List, show, preview, replay and discard; what is still refused ends with a 1."""
    where = ("--url", letters.url, "--key", letters.token)
    assert main(["dead-letters", "list", "--code", "time_invalid", *where]) == 0
    said = capsys.readouterr().out
    assert (said.count("time_invalid"), "bad-2" in said) == (3, True)
    number = said.splitlines()[-1].split()[0]
    assert main(["dead-letters", "show", number, *where]) == 0
    assert '"byts":10' in capsys.readouterr().out
    fix = ("--rename", "data.byts=data.bytes", "--time", "2026-01-10T00:00:00Z")
    assert main(["dead-letters", "replay", number, *fix, "--preview", *where]) == 0
    assert '"bytes":10' in capsys.readouterr().out
    assert main(["dead-letters", "replay", "--type", "sent", *fix, *where]) == 0
    assert capsys.readouterr().out.count("accepted") == 3
    assert main(["dead-letters", "replay", "--type", "other", *where]) == 1
    assert "data_not_an_object" in capsys.readouterr().out
    assert main(["dead-letters", "discard", "--type", "other", "--reason", "x", *where]) == 0
    assert "1 given up" in capsys.readouterr().out
    assert main(["dead-letters", "replay", *where]) == 1
    assert "--code" in capsys.readouterr().err
