"""`tallystick source`: declare, list, pause, resume and remove sources, and close their holes."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, cast

from cyclopts import App, Parameter
from rich.table import Table

from tallystick.cli.connection import HERE, Item, Session, items
from tallystick.cli.exits import Refusal
from tallystick.cli.output import item_table
from tallystick.cli.yaml_file import read_yaml
from tallystick.client import Client
from tallystick.kernel import Problem

SPANS_SHOWN = 10
COLUMNS = ("key", "kind", "state", "newest_at", "age#", "messages#", "files#", "open#", "lost#")

source_app = App(
    name="source", help="Declare, list, pause and remove sources of usage; close their holes."
)


@source_app.command
def add(
    *,
    file: Annotated[list[Path], Parameter(name=["--file", "-f"], negative=())],
    session: Session = HERE,
) -> None:
    """
    Declare sources, one in each YAML file; one that stands is changed.

    What it may say depends on its kind: folder, s3, kafka, nats, otlp, prometheus, sequenced.
    Secrets are not written into it; it names variables of the collector's environment that hold
    them.

    For example:

        tallystick source add -f exports.yaml

    Args:
        file: YAML file; may be given several times.
        session: Which server is asked, and how its answer is written.
    """
    documents = [_document(path) for path in file]
    with session.client() as client:
        declared = [cast(Item, client.post("/v1/sources", each)) for each in documents]
    session.answer(declared, _shown(declared))


@source_app.command(name="list")
def list_all(*, session: Session = HERE) -> None:
    """
    List sources: how far each was read, the age of its newest event, what is missing.

    For example:

        tallystick source list

    Args:
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        found = list(items(client, "/v1/sources"))
    problems = [
        f"{each['key']}, {partition['partition']}: {partition['problem']}"
        for each in found
        for partition in cast(list[Item], each["partitions"])
        if partition["problem"]
    ]
    session.answer(found, _shown(found), *_holes(found), *problems)


@source_app.command
def pause(source: str, /, *, session: Session = HERE) -> None:
    """
    Stop collecting from a source until it is resumed.

    For example:

        tallystick source pause exports

    Args:
        source: Key of the source.
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        changed = _change(client, source, "pause")
    session.answer(changed, f"{source} is paused")


@source_app.command
def resume(source: str, /, *, session: Session = HERE) -> None:
    """
    Go on collecting from a source, where it stopped.

    For example:

        tallystick source resume exports

    Args:
        source: Key of the source.
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        changed = _change(client, source, "resume")
    session.answer(changed, f"{source} is collected from")


@source_app.command
def remove(source: str, /, *, session: Session = HERE) -> None:
    """
    Forget a source and how far it was read; its events stay.

    For example:

        tallystick source remove exports

    Args:
        source: Key of the source.
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        removed = client.delete(f"/v1/sources/{source}")
    session.answer(removed, f"{source} is removed")


@source_app.command(name="close-hole")
def close_hole(
    source: str, partition: str, /, *, numbers: str, reason: str, session: Session = HERE
) -> None:
    """
    Say why offsets or numbers of a source never come, so that they are no gap any longer.

    Closed is what is open or lost of them. The reason is kept in the audit. If such an event comes
    all the same it counts like any other.

    For example:

        tallystick source close-hole shop shop/api --numbers 5-8 --reason "a load test"
        tallystick source close-hole orders orders/0 --numbers 1042 --reason "a conflict"

    Args:
        source: Key of the source.
        partition: As `tallystick source list` shows it; of numbered events the sender.
        numbers: Offsets or numbers that never come: one, or the first and the last.
        reason: Why.
        session: Which server is asked, and how its answer is written.
    """
    first, last = _first_and_last(numbers)
    order = {"partition": partition, "first": first, "end": last + 1, "reason": reason}
    with session.client() as client:
        stands = cast(Item, client.post(f"/v1/sources/{source}/holes/close", order))
    left = [*_missing(source, stands)] or [f"nothing is missing in {partition} of {source}"]
    session.answer(stands, *left)


def _first_and_last(numbers: str) -> tuple[int, int]:
    first, dash, last = (part.strip() for part in numbers.partition("-"))
    last = last if dash else first
    if not (first.isdecimal() and last.isdecimal() and int(first) <= int(last)):
        message = f"{numbers!r} names no numbers; write one, as 1042, or first and last, as 5-8"
        raise Refusal([Problem(code="wrong_value", message=message, field="numbers")])
    return int(first), int(last)


def _holes(sources: list[Item]) -> Iterator[str]:
    """Yield what is missing of each partition."""
    for source in sources:
        for partition in cast(list[Item], source["partitions"]):
            yield from _missing(str(source["key"]), partition)


def _missing(source: str, partition: Item) -> Iterator[str]:
    for name in ("open", "lost"):
        spans = cast(list[dict[str, int]], partition[name])
        told = [_span(each) for each in spans[:SPANS_SHOWN]]
        more = [f"and {len(spans) - SPANS_SHOWN} more"] if len(spans) > SPANS_SHOWN else []
        if spans:
            yield f"{source}, {partition['partition']}: {name} {', '.join([*told, *more])}"


def _span(span: dict[str, int]) -> str:
    first, last = span["first"], span["end"] - 1
    return str(first) if first == last else f"{first} to {last}"


def _change(client: Client, source: str, verb: str) -> object:
    return client.post(f"/v1/sources/{source}/{verb}")


def _document(path: Path) -> Mapping[str, object]:
    body = read_yaml(path).body
    if not isinstance(body, Mapping):
        message = f"{path}: a source is a mapping with key, kind and what the kind needs"
        raise Refusal([Problem(code="wrong_type", message=message)])
    return body


def _shown(sources: list[Item]) -> Table:
    return item_table("", [_row(each) for each in sources], COLUMNS)


def _row(source: Item) -> Mapping[str, object]:
    partitions = cast(list[Item], source["partitions"])
    age = source["newest_age_seconds"]
    return {
        **source,
        "state": "paused" if source["paused"] else "on",
        "age": "" if age is None else f"{age} s",
        "messages": sum(cast(int, each["messages"]) for each in partitions),
        "files": f"{source['items_done']}+{source['items_failed']}",
        "open": sum(map(_offsets, (each["open"] for each in partitions))),
        "lost": sum(map(_offsets, (each["lost"] for each in partitions))),
    }


def _offsets(spans: object) -> int:
    return sum(each["end"] - each["first"] for each in cast(list[dict[str, int]], spans))
