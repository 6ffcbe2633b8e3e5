"""Files in a watched folder count once each, whatever happens."""

import itertools
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tallystick.client import Client, Endpoint, Retry
from tallystick.integrations.files import FileMapping, mapping_from_document
from tallystick.integrations.sources import Desk, Surroundings
from tallystick.integrations.watched_folder import WatchedFolder, collect_folder
from tallystick.kernel import Done, EngineUnavailable, Misuse
from tests.client.scripted_server import Answer, Peer, scripted_server
from tests.integrations.collecting import (
    DAY,
    Ledger,
    collector,
    event_line,
    kill_as_soon_as,
    ledger,
    start_collector,
)
from tests.serving import Tenant
from tests.waiting import wait_until

MAPPING = {
    "format": "csv",
    "source": "csv",
    "type": "row",
    "subject": "{account}",
    "time": {"column": "at"},
    "data": {"amount": {"column": "amount"}},
}
HEAD = "at,account,amount\n"


@pytest.fixture
def books(tenant: Tenant) -> Ledger:
    """Lend a workspace that counts rows, with a folder declared as the source `exports`."""
    found = ledger(tenant)
    found.declare(kind="folder", key="exports", path="/srv/usage")
    return found


@pytest.fixture
def client(books: Ledger) -> Iterator[Client]:
    """Lend a client of the server."""
    with Client(Endpoint(url=books.tenant.url, key=books.tenant.token)) as made:
        yield made


def mapping() -> FileMapping:
    """Return the mapping of CSV files without ids."""
    outcome = mapping_from_document(MAPPING)
    assert isinstance(outcome, Done)
    return outcome.value


def watched(client: Client, path: Path, *, settle: int = 0, csv: bool = False) -> WatchedFolder:
    """Return a watched folder whose clock goes on a second with each look."""
    ticks = itertools.count()
    desk = Desk(client=client, source="exports", surroundings=Surroundings(scratch=path))
    folder = WatchedFolder(
        path=path,
        pattern="*",
        settle_seconds=settle,
        mapping=mapping() if csv else None,
        desk=desk,
        monotonic=lambda: next(ticks),
    )
    folder.remember()
    return folder


def names(folder: Path) -> list[str]:
    """Return the files of a folder, those in folders included."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_file_is_counted_and_moved(books: Ledger, client: Client, tmp_path: Path) -> None:
    """A whole file is counted, moved to done/, and shown as an item."""
    (tmp_path / "a.ndjson").write_bytes(b"".join(map(event_line, range(1, 11))))
    assert watched(client, tmp_path).round() == 1
    books.await_rows(10)
    assert books.counted() == (10, 55)
    assert names(tmp_path) == ["done/a.ndjson"]
    assert books.source("exports")["items_done"] == 1


def test_parquet_and_csv_are_read_by_the_mapping(
    books: Ledger, client: Client, tmp_path: Path
) -> None:
    """Formats are those of the import, told by content and mapping."""
    (tmp_path / "a.csv").write_text(f"{HEAD}{DAY},acme,3\n{DAY},acme,4\n")
    assert watched(client, tmp_path, csv=True).round() == 1
    table = {"source": ["p"], "id": ["1"], "type": ["row"], "subject": ["acme"], "time": [DAY]}
    pq.write_table(pa.table({**table, "data": ['{"amount":5}']}), tmp_path / "b.parquet")
    assert watched(client, tmp_path).round() == 1
    books.await_rows(3)
    assert books.counted() == (3, 12)


def test_a_file_that_is_being_written_is_left_alone(
    books: Ledger, client: Client, tmp_path: Path
) -> None:
    """A file is taken when it stayed as it is for so long; unfinished names never are."""
    growing = tmp_path / "a.ndjson"
    for name in (".hidden", "b.ndjson.tmp", "c.part"):
        (tmp_path / name).write_bytes(event_line(99))
    folder = watched(client, tmp_path, settle=2)
    for number in (1, 2):
        with growing.open("ab") as file:
            file.write(event_line(number))
        assert [folder.round(), folder.round()] == [0, 0]
    assert folder.round() == 1
    books.await_rows(2)
    assert names(tmp_path) == [".hidden", "b.ndjson.tmp", "c.part", "done/a.ndjson"]


def test_the_same_file_again_counts_nothing(books: Ledger, client: Client, tmp_path: Path) -> None:
    """A name and content that is finished is moved, not sent; other content of the name counts."""
    line = f"{HEAD}{DAY},acme,3\n"
    for text in (line, line, f"{line}{DAY},acme,4\n"):
        (tmp_path / "a.csv").write_text(text)
        assert watched(client, tmp_path, csv=True).round() == 1
    books.await_rows(3)
    assert books.counted() == (3, 10), "the longer file is another one: its rows have new ids"
    assert len(names(tmp_path)) == 3
    assert books.source("exports")["items_done"] == 2


def test_a_bad_file_is_put_aside_with_a_report(
    books: Ledger, client: Client, tmp_path: Path
) -> None:
    """Bad files go to failed/ with what is wrong, and hold up nothing."""
    (tmp_path / "bad.csv").write_text(f"{HEAD}{DAY},acme,3\n{DAY},acme,many\n")
    (tmp_path / "cut.csv.gz").write_bytes(b"\x1f\x8b\x08\x00cut")
    (tmp_path / "good.csv").write_text(f"{HEAD}{DAY},acme,3\n")
    assert watched(client, tmp_path, csv=True).round() == 3
    books.await_rows(1)
    assert names(tmp_path) == [
        "done/good.csv",
        "failed/bad.csv",
        "failed/bad.csv.report.json",
        "failed/cut.csv.gz",
        "failed/cut.csv.gz.report.json",
    ]
    report = json.loads((tmp_path / "failed/bad.csv.report.json").read_text())
    assert report["problems"][0]["row"] == 2
    shown = books.source("exports")
    assert (shown["items_done"], shown["items_failed"]) == (1, 2)


def test_refused_lines_are_told_and_the_rest_counts(
    books: Ledger, client: Client, tmp_path: Path
) -> None:
    """Of lines with ids of their own the good ones count; the refused stand in the dead letters."""
    (tmp_path / "a.ndjson").write_bytes(event_line(1) + b'{"id": "x"}\n' + event_line(2))
    watched(client, tmp_path).round()
    books.await_rows(2)
    assert names(tmp_path) == ["failed/a.ndjson", "failed/a.ndjson.report.json"]
    assert len(books.dead_letters()) == 1


def test_a_server_that_is_away_leaves_the_file(tmp_path: Path) -> None:
    """Without an answer nothing is moved or told as finished; the next round sends all of it."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.ndjson").write_bytes(event_line(1))
    nothing = Answer(status=200, body=b'{"items":[],"next_cursor":""}')
    with (
        scripted_server(nothing, Answer(status=503), Answer(status=202)) as peer,
        Client(Endpoint(url=peer.url, key="k"), retry=Retry(attempts_max=1)) as client,
    ):
        watching = watched(client, folder)
        with pytest.raises(EngineUnavailable):
            watching.round()
        assert names(folder) == ["a.ndjson"]
        assert _asked(peer) == ["items", "events"], "told as finished before it was sent"
        assert watching.round() == 1
    assert names(folder) == ["done/a.ndjson"]
    assert _asked(peer) == ["items", "events", "events", "progress"]


def _asked(peer: Peer) -> list[str]:
    """Return the last word of each path that a peer was asked, in order."""
    return [path.partition("?")[0].rpartition("/")[2] for _, path, _, _ in peer.requests]


def test_only_allowed_folders_are_watched(client: Client, tmp_path: Path) -> None:
    """A folder outside of the roots, or one that leads out of them, is refused."""
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    (inside / "way").symlink_to(outside)
    desk = Desk(
        client=client,
        source="exports",
        surroundings=Surroundings(scratch=tmp_path, folders=(inside,)),
    )
    for path in (outside, inside / "way", inside / "gone"):
        desk.client.post("/v1/sources", {"kind": "folder", "key": "exports", "path": str(path)})
        definition = desk.definition()
        with pytest.raises(Misuse):
            collect_folder(definition, desk=desk, stopping=threading.Event())  # type: ignore[arg-type]  # declared above


def test_a_killed_collector_goes_on(books: Ledger, tmp_path: Path) -> None:
    """A collector killed in the middle of a file counts each of its rows exactly once after all."""
    folder = tmp_path / "in"
    folder.mkdir()
    rows = 300_000
    lines = "".join(f"{DAY},acme,{number}\n" for number in range(1, rows + 1))
    books.declare(kind="folder", key="exports", path=str(folder), settle_seconds=0, mapping=MAPPING)
    (folder / "big.csv").write_text(HEAD + lines)
    environment = {"TALLYSTICK_SOURCE_FOLDERS": str(folder)}
    process = start_collector(books.tenant, tmp_path, "exports", **environment)
    kill_as_soon_as(process, lambda: books.counted()[0] > 0, waiting_for="the first rows")
    assert names(folder) == ["big.csv"], "killed too late to tell anything"
    with collector(books.tenant, tmp_path, "exports", **environment):
        wait_until(
            lambda: names(folder) == ["done/big.csv"], seconds_max=60, waiting_for="the file"
        )
    books.await_rows(rows)
    assert books.counted() == (rows, rows * (rows + 1) // 2)
