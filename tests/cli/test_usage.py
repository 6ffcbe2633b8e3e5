"""`tallystick usage` and `Client.usage` against a running server."""

from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest

from tallystick.cli import main
from tallystick.client import Client, Compare, Endpoint, RequestRefused, Top, UsageAsked
from tests.serving import Tenant

METER = {
    "key": "bytes",
    "event_type": "sent",
    "aggregation": "sum",
    "value": "n",
    "unit": "byte",
    "dimensions": [{"name": "region", "path": "region"}],
}
SENT = [("eu", 1, 1), ("us", 1, 20), ("ap", 2, 300), ("us", 2, 4000)]


@pytest.fixture
def asked(tenant: Tenant) -> tuple[str, ...]:
    """Store four events; return what every command about them has in common."""
    tenant.apply({"meters": [METER]})
    sent = tenant.send(
        *(
            {
                "id": f"e{index}",
                "type": "sent",
                "time": f"2026-01-0{day}T12:00:00Z",
                "data": {"n": amount, "region": region},
            }
            for index, (region, day, amount) in enumerate(SENT)
        )
    )
    period = ("--start", "2026-01-01T00:00:00Z", "--end", "2026-01-03T00:00:00Z")
    where = ("--url", tenant.url, "--key", tenant.token)
    return (*period, *where, "--position", str(sent["last_position"]))


def test_top_groups_beside_the_day_before(
    asked: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """People see the greatest group, the others, totals and changes in one table."""
    shown = ("--window", "day", "--group-by", "region", "--top", "1", "--running-total")
    assert main(["usage", "bytes", *asked, *shown, "--compare", "previous"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == (
        "from to region quantity unit events running total earlier change %".split()
    )
    assert [line.split()[2:] for line in lines[1:]] == [
        ["us", "20", "byte", "1", "20", "0", "20"],
        ["(others)", "1", "byte", "1", "1", "0", "1"],
        ["us", "4000", "byte", "1", "4020", "0", "4000"],
        ["(others)", "300", "byte", "1", "301", "0", "300"],
    ]


def test_csv_for_spreadsheets(asked: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """CSV goes to standard output as the server wrote it."""
    assert main(["usage", "bytes", *asked, "--where", "region=eu,ap", "--csv"]) == 0
    head, row = capsys.readouterr().out.splitlines()
    cells = dict(zip(head.split(","), row.split(","), strict=True))
    assert (cells["meter"], cells["quantity"], cells["events"]) == ("bytes", "301", "2")


def test_mistakes_name_their_place(
    asked: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """A meter that is not there, a condition that is none, no meter at all: refused, with where."""
    for arguments, code, words in (
        (["bytes", "nothing"], 1, "meters[1]: no meter 'nothing'"),
        (["bytes", "--where", "region"], 1, "--where"),
        ([], 1, "METERS: name at least one meter"),
    ):
        assert main(["usage", *arguments, *asked]) == code
        assert words in capsys.readouterr().err


def test_the_client_reads_all_pages(asked: tuple[str, ...], tenant: Tenant) -> None:
    """Rows come typed and exact, page after page; a refusal carries its problems."""
    question = UsageAsked(
        meters=("bytes",),
        start=datetime(2026, 1, 1, tzinfo=UTC),
        end=datetime(2026, 1, 3, tzinfo=UTC),
        window="day",
        group_by=("region",),
        position=int(asked[-1]),
        compare=Compare(to="previous"),
        limit=1,
    )
    with Client(Endpoint(url=tenant.url, key=tenant.token)) as client:
        found = list(client.usage(question))
        top = list(client.usage(msgspec.structs.replace(question, top=Top(count=1))))
        with pytest.raises(RequestRefused) as refused:
            next(client.usage(msgspec.structs.replace(question, meters=("nothing",))))
    assert [(row.group["region"], row.quantity) for row in found] == [
        ("eu", Decimal(1)),
        ("us", Decimal(20)),
        ("ap", Decimal(300)),
        ("us", Decimal(4000)),
    ]
    assert [row.others for row in top] == [False, True, False, True]
    assert refused.value.answer.problems[0].field == "meters[0]"
