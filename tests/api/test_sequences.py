"""Numbers of senders over HTTP: a missing one is shown, sent again from the spool, and closed."""

from pathlib import Path
from typing import Any

from tallystick.client import Client, Endpoint, Numbers, Spool, mend
from tests.serving import Tenant
from tests.waiting import wait_until

SENDER = "shop/api"
SEQUENCED = {"kind": "sequenced", "key": "shop", "senders": ["shop/*"], "settle_seconds": 0}


def shown(tenant: Tenant, source: str = "shop") -> dict[str, Any]:
    """Return how the one sender of a source stands; empty while nothing is known of it."""
    partitions = tenant.ask("GET", f"/v1/sources/{source}").json()["partitions"]
    found: dict[str, Any] = partitions[0] if partitions else {}
    return found


def wait_for(tenant: Tenant, *, open_: list[list[int]], lost: list[list[int]]) -> dict[str, Any]:
    """Wait until these spans are missing and lost."""

    def stands() -> bool:
        state = shown(tenant)
        spans = [
            [[span["first"], span["end"]] for span in state.get(name, ())]
            for name in ("open", "lost")
        ]
        return bool(state) and spans == [open_, lost]

    wait_until(stands, seconds_max=30, waiting_for=f"holes {open_}, lost {lost}")
    return shown(tenant)


def send(tenant: Tenant, *numbers: int) -> None:
    """Send events with these numbers."""
    tenant.send(*({"id": f"e-{each}", "source": SENDER, "sequence": str(each)} for each in numbers))


def test_a_missing_number_is_a_hole_until_its_event_arrives(tenant: Tenant) -> None:
    """Between lowest and highest number a missing one is a hole; the late event closes it."""
    assert tenant.ask("POST", "/v1/sources", json=SEQUENCED).is_success
    send(tenant, 3, 4, 9)
    state = wait_for(tenant, open_=[[5, 9]], lost=[])
    assert (state["partition"], state["next_offset"], state["messages"]) == (SENDER, 10, 3)
    _, key = tenant.make_key("ingest")
    asked = tenant.ask("GET", "/v1/sequences", params={"sender": SENDER}, token=key).json()
    assert asked == {
        "source": "shop",
        "sender": SENDER,
        "next_number": 10,
        "open": [{"first": 5, "end": 9}],
        "lost": [],
    }
    (hole,) = tenant.ask("GET", "/v1/pipeline").json()["holes"]
    assert (hole["source"], hole["partition"], hole["open"]) == ("shop", SENDER, 4)
    send(tenant, 6, 7)
    wait_for(tenant, open_=[[5, 6], [8, 9]], lost=[])
    send(tenant, 8, 5)
    assert wait_for(tenant, open_=[], lost=[])["holes_found"] == 1
    nobody = tenant.ask("GET", "/v1/sequences", params={"sender": "nobody"})
    assert (nobody.status_code, nobody.json()["code"]) == (404, "unknown_source")


def test_what_never_comes_is_explained(tenant: Tenant) -> None:
    """By an admin, with a reason: no gap any longer, and counted if it comes all the same."""
    assert tenant.ask("POST", "/v1/sources", json=SEQUENCED).is_success
    send(tenant, 1, 2, 6, 8)
    wait_for(tenant, open_=[[3, 6], [7, 8]], lost=[])
    path = "/v1/sources/shop/holes/close"
    order = {"partition": SENDER, "first": 4, "end": 8, "reason": "a load test"}
    _, ingest = tenant.make_key("ingest")
    assert tenant.ask("POST", path, json=order, token=ingest).status_code == 403
    for wrong, code in (({"reason": " "}, "wrong_value"), ({"end": 4}, "wrong_value")):
        assert tenant.ask("POST", path, json=order | wrong).json()["code"] == code
    stands = tenant.ask("POST", path, json=order).json()
    told = [[span["first"], span["end"]] for span in stands["explained"]]
    assert (told, stands["open"]) == ([[4, 6], [7, 8]], [{"first": 3, "end": 4}])
    assert tenant.ask("POST", path, json=order).json()["code"] == "no_hole"
    (hole,) = tenant.ask("GET", "/v1/pipeline").json()["holes"]
    assert hole["open"] == 1
    asked = tenant.ask("GET", "/v1/sequences", params={"sender": SENDER}).json()
    assert asked["open"] == [{"first": 3, "end": 4}]
    send(tenant, 5, 9)
    wait_until(
        lambda: shown(tenant)["messages"] == 6, seconds_max=30, waiting_for="both to be looked at"
    )
    state = wait_for(tenant, open_=[[3, 4]], lost=[])
    assert [[span["first"], span["end"]] for span in state["explained"]] == [[4, 5], [7, 8]]


def test_a_changed_declaration_is_read_from_the_beginning(tenant: Tenant) -> None:
    """Events that came before the declaration, or before it was changed, are looked at too."""
    send(tenant, 1, 3)
    other = {**SEQUENCED, "senders": ["other"]}
    assert tenant.ask("POST", "/v1/sources", json=other).is_success
    assert tenant.ask("POST", "/v1/sources", json=SEQUENCED).is_success
    assert wait_for(tenant, open_=[[2, 3]], lost=[])["messages"] == 2


def test_what_the_spool_holds_is_sent_again_and_the_rest_is_lost(
    tenant: Tenant, tmp_path: Path
) -> None:
    """The sender mends its holes: from the spool under the old identity, else told as lost."""
    assert tenant.ask("POST", "/v1/sources", json=SEQUENCED).is_success
    spool = Spool(directory=tmp_path, sent_bytes_max=10_000)
    plain = [
        {"specversion": "1.0", "source": SENDER, "type": "call", "id": f"e-{number}"}
        for number in range(1, 9)
    ]
    events = Numbers(spool=spool).numbered(plain)
    with Client(Endpoint(url=tenant.url, key=tenant.token)) as client:
        client.send_events([events[0], events[6], events[7]])
        spool.keep([*events[:1], *events[3:]])
        wait_for(tenant, open_=[[2, 7]], lost=[])
        assert mend(client, spool, SENDER) == 3
        state = wait_for(tenant, open_=[], lost=[[2, 4]])
        assert (state["next_offset"], state["messages"]) == (9, 6)
        assert mend(client, spool, SENDER) == 0
