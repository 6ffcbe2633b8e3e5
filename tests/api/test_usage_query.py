"""`POST /v1/usage/query` over HTTP: forms, pages, paths of what is wrong."""

import csv
import io
from typing import Any

import pyarrow as pa
import pytest

from tests.serving import Tenant

METERS = [
    {
        "key": "bytes",
        "event_type": "sent",
        "aggregation": "sum",
        "value": "n",
        "unit": "byte",
        "dimensions": [{"name": "region", "path": "region"}],
    },
    {"key": "peak", "event_type": "sent", "aggregation": "max", "value": "n", "unit": "byte"},
]
QUESTION: dict[str, Any] = {
    "meters": ["bytes"],
    "start": "2026-01-01T00:00:00Z",
    "end": "2026-01-04T00:00:00Z",
    "window": "day",
}


@pytest.fixture
def asked(tenant: Tenant) -> Tenant:
    """Lend a workspace with a meter and four events on two of three days."""
    tenant.apply({"meters": METERS})
    sent = tenant.send(
        *(
            {
                "id": f"e{index}",
                "type": "sent",
                "subject": "vm",
                "time": f"2026-01-0{day}T12:00:00Z",
                "data": {"n": amount, "region": region},
            }
            for index, (day, amount, region) in enumerate(
                [(1, 1, "eu"), (1, 20, "us"), (3, 300, "=us,"), (3, 4000, "us")]
            )
        )
    )
    QUESTION["position"] = sent["last_position"]
    return tenant


def ask(tenant: Tenant, accept: str = "", **fields: Any) -> Any:  # noqa: ANN401 - an answer of httpx
    """Ask with fields beside the usual ones."""
    headers = {"accept": accept} if accept else {}
    return tenant.ask("POST", "/v1/usage/query", json=QUESTION | fields, headers=headers)


def test_json_is_the_answer_unless_asked(asked: Tenant) -> None:
    """JSON, with zero for the empty day, and the position the rows rest on."""
    answer = ask(asked, running_total=True)
    assert answer.status_code == 200, answer.text
    document = answer.json()
    assert [item["quantity"] for item in document["items"]] == ["21", "0", "4300"]
    assert [item["running_total"] for item in document["items"]] == ["21", "21", "4321"]
    assert document["position"] >= QUESTION["position"]
    assert (document["zone"], document["compared"], document["next_cursor"]) == ("UTC", None, "")


def test_csv_and_arrow_say_the_same(asked: Tenant) -> None:
    """The three forms hold the same rows; quantities are the same exact texts."""
    question: dict[str, Any] = {"group_by": ["region"], "compare": {"to": "previous"}}
    items = ask(asked, **question).json()["items"]
    as_csv = ask(asked, "text/csv", **question)
    assert as_csv.headers["content-type"].startswith("text/csv")
    read = list(csv.DictReader(io.StringIO(as_csv.text)))
    as_arrow = ask(asked, "application/vnd.apache.arrow.stream", **question)
    table = pa.ipc.open_stream(as_arrow.content).read_all()
    assert table.schema.field("window_start").type == pa.timestamp("us", tz="UTC")
    rows = table.to_pylist()
    assert len(items) == len(read) == len(rows) == 4
    for item, line, row in zip(items, read, rows, strict=True):
        assert item["quantity"] == line["quantity"] == row["quantity"]
        assert item["group"]["region"] == line["group_region"] == row["group_region"]
        assert item["earlier"]["change"] == line["change"] == row["change"]
        assert str(item["events"]) == line["events"] == str(row["events"])
        assert line["window_start"].startswith(item["window_start"][:19])
    assert "=us," in [line["group_region"] for line in read]


def test_another_form_is_refused(asked: Tenant) -> None:
    """What cannot be written is said, with what can."""
    answer = ask(asked, "application/pdf")
    assert (answer.status_code, answer.json()["code"]) == (406, "not_acceptable")
    assert "text/csv" in answer.json()["detail"]


def test_pages_are_of_one_position(asked: Tenant) -> None:
    """The next page looks at the events of the first, whatever came in between."""
    first = ask(asked, limit=2).json()
    again = {"id": "late", "type": "sent", "time": "2026-01-01T01:00:00Z", "data": {"n": 5}}
    position = asked.send(again)["last_position"]
    assert ask(asked, position=position).json()["items"][0]["quantity"] == "26"
    second = ask(asked, limit=2, cursor=first["next_cursor"]).json()
    assert second["position"] == first["position"]
    quantities = [item["quantity"] for page in (first, second) for item in page["items"]]
    assert (quantities, second["next_cursor"]) == (["21", "0", "4300"], "")


def test_a_cursor_belongs_to_its_question(asked: Tenant) -> None:
    """A cursor that is carried to another question is refused."""
    cursor = ask(asked, limit=1).json()["next_cursor"]
    answer = ask(asked, limit=1, cursor=cursor, window="hour")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_cursor")


@pytest.mark.parametrize(
    ("fields", "status", "path"),
    [
        ({"meters": ["nothing"]}, 404, "meters[0]"),
        ({"window": "fortnight"}, 422, "$.window"),
        ({"top": {"count": 0}, "group_by": ["region"]}, 422, "$.top.count"),
        ({"group_by": ["colour"]}, 422, "group_by[0]"),
        ({"meters": ["peak"], "running_total": True}, 422, "running_total"),
        ({"start": "2026-01-01T00:00:00"}, 422, "$.start"),
        ({"colour": 1}, 422, "$.colour"),
        ({"limit": 1_000_000}, 422, "$.limit"),
    ],
)
def test_problems_have_paths(asked: Tenant, fields: dict[str, Any], status: int, path: str) -> None:
    """Each mistake is answered with where it stands."""
    answer = ask(asked, **fields)
    assert answer.status_code == status, answer.text
    assert [error["path"] for error in answer.json()["errors"]] == [path]
