"""`tallystick dead-letters`: refused events, listed, shown, sent again, given up."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, cast

import msgspec
from cyclopts import App, Parameter

from tallystick.cli.connection import HERE, Session, items
from tallystick.cli.exits import Exit, Refusal
from tallystick.cli.output import item_table, note, table
from tallystick.kernel import Problem

Item = Mapping[str, Any]
COLUMNS = ("id", "received_at", "status", "code", "source", "type", "event_id", "message")
LETTERS_MAX = 1000
_TAKEN = ("accepted", "duplicate")

dead_letters_app = App(name="dead-letters", help="Refused events: list, show, send again, give up.")


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which letters are meant."""

    code: Annotated[str, Parameter(help="Only those refused for this reason.")] = ""
    source: Annotated[str, Parameter(help="Only those of this source.")] = ""
    type: Annotated[str, Parameter(help="Only those of this event type.")] = ""
    event: Annotated[str, Parameter(help="Only those of this event's id.")] = ""
    since: Annotated[str, Parameter(help="Received at or after, as 2026-01-01T00:00:00Z.")] = ""
    until: Annotated[str, Parameter(help="Received before.")] = ""
    text: Annotated[str, Parameter(help="Stands in the message or the body.")] = ""

    def fields(self) -> dict[str, str]:
        """Return what is asked for, without what is not."""
        names = ("code", "source", "type", "event", "since", "until", "text")
        return {name: value for name in names if (value := getattr(self, name))}


ANY = Wanted()


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Fixes:
    """How letters are rewritten, in this order; a path is as data.usage.bytes."""

    rename: Annotated[
        list[str] | None, Parameter(negative=(), help="Move a member: data.byts=data.bytes.")
    ] = None
    default: Annotated[
        list[str] | None, Parameter(negative=(), help="Write where nothing is: data.region=eu.")
    ] = None
    set: Annotated[
        list[str] | None, Parameter(negative=(), help="Write a value: type=http.request.")
    ] = None
    map: Annotated[
        list[str] | None,
        Parameter(negative=(), help="Replace a value: type:http.req=http.request."),
    ] = None
    time: Annotated[
        str, Parameter(help="Set the time: an instant, or `received` for that of the receipt.")
    ] = ""

    def documents(self) -> list[dict[str, object]]:
        """Return the fixes as the server takes them."""
        moved = _pairs("rename", self.rename)
        return [
            *(dict[str, object](do="rename", path=a, to=b) for a, b in moved),
            *(
                {"do": "default", "path": a, "value": _value(b)}
                for a, b in _pairs("default", self.default)
            ),
            *({"do": "set", "path": a, "value": _value(b)} for a, b in _pairs("set", self.set)),
            *_maps(self.map),
            *_times(self.time),
        ]


AS_SENT = Fixes()


@dead_letters_app.command(name="list")
def list_all(
    *,
    wanted: Wanted = ANY,
    status: Annotated[str, Parameter(help="waiting, replayed or discarded.")] = "",
    limit: Annotated[int, Parameter(help="The newest, at most so many.")] = 100,
    session: Session = HERE,
) -> None:
    """
    List refused events, newest first.

    For example:

        tallystick dead-letters list --status waiting --code time_invalid
        tallystick dead-letters list --text byts --json

    Args:
        wanted: Which ones.
        status: How far they have come.
        limit: How many.
        session: Which server is asked, and how its answer is written.
    """
    asked = wanted.fields() | ({"status": status} if status else {})
    with session.client() as client:
        found = list(_first(items(client, "/v1/dead-letters", **asked), limit))
    session.answer(found, item_table("", found, COLUMNS))


@dead_letters_app.command
def show(letter: int, /, *, session: Session = HERE) -> None:
    """
    Show one refused event whole.

    For example:

        tallystick dead-letters show 17

    Args:
        letter: Its number, as `dead-letters list` shows it.
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        found = cast(Item, client.get(f"/v1/dead-letters/{letter}"))
    session.answer(found, table("", ["", ""], [[name, found[name]] for name in found]))


@dead_letters_app.command
def replay(
    *letters: int,
    wanted: Wanted = ANY,
    fixes: Fixes = AS_SENT,
    preview: Annotated[
        bool, Parameter(negative=(), help="Only show what would be sent and refused.")
    ] = False,
    session: Session = HERE,
) -> int:
    """
    Send refused events again, mended; what is taken counts once, however often this is done.

    For example:

        tallystick dead-letters replay --code time_invalid --time received --preview
        tallystick dead-letters replay 17 18 --rename data.byts=data.bytes
        tallystick dead-letters replay --text http.req --map type:http.req=http.request

    Args:
        letters: Their numbers; without any, all that wait and are as described.
        wanted: Which ones, where no numbers are given.
        fixes: How they are rewritten.
        preview: Nothing is taken.
        session: Which server is asked, and how its answer is written.
    """
    order: dict[str, object] = {"fixes": fixes.documents(), "limit": LETTERS_MAX}
    order |= _meant(letters, wanted)
    path = "/v1/dead-letters/preview" if preview else "/v1/dead-letters/replay"
    with session.client() as client:
        report = cast(Item, client.post(path, order))
    told = cast(list[Item], report["letters"])
    shown = ["id", "fate", "position", "code", "path", "message", *(["sent"] if preview else [])]
    session.answer(report, item_table("", told, shown))
    if report["more"]:
        note("more letters wait behind these; run the same again")
    return Exit.OK if all(each["fate"] in _TAKEN for each in told) else Exit.REFUSED


@dead_letters_app.command
def discard(*letters: int, reason: str, wanted: Wanted = ANY, session: Session = HERE) -> None:
    """
    Give up refused events that will never count.

    For example:

        tallystick dead-letters discard 17 --reason "sent by a load test"
        tallystick dead-letters discard --source load-test --reason "sent by a load test"

    Args:
        letters: Their numbers; without any, all that wait and are as described.
        reason: Why; it stays beside them and in the audit.
        wanted: Which ones, where no numbers are given.
        session: Which server is asked, and how its answer is written.
    """
    order: dict[str, object] = {"reason": reason, "limit": LETTERS_MAX} | _meant(letters, wanted)
    with session.client() as client:
        report = cast(Item, client.post("/v1/dead-letters/discard", order))
    session.answer(report, f"{len(report['discarded'])} given up")
    if report["more"]:
        note("more letters wait behind these; run the same again")


def _meant(letters: Sequence[int], wanted: Wanted) -> dict[str, object]:
    asked = wanted.fields()
    if letters and asked:
        message = "name letters by number or by what they have in common, not both"
        raise Refusal([Problem(code="usage", message=message, field="LETTERS")])
    if not letters and not asked:
        message = "name letters by number, or say what they have in common, as --code"
        raise Refusal([Problem(code="usage", message=message, field="LETTERS")])
    return {"ids": letters} if letters else {"filter": asked}


def _pairs(option: str, texts: Sequence[str] | None) -> Iterator[tuple[str, str]]:
    for text in texts or ():
        left, mark, right = text.partition("=")
        if not mark or not left:
            message = f"{text!r} is not of the form A=B"
            raise Refusal([Problem(code="usage", message=message, field=f"--{option}")])
        yield left, right


def _value(text: str) -> object:
    """Return the JSON value that a text writes, else the text itself."""
    try:
        return msgspec.json.decode(text, type=msgspec.Raw) and msgspec.Raw(text.encode())
    except msgspec.DecodeError:
        return text


def _maps(texts: Sequence[str] | None) -> list[dict[str, object]]:
    found: dict[str, dict[str, object]] = {}
    for left, right in _pairs("map", texts):
        path, mark, old = left.partition(":")
        if not mark:
            message = f"{left!r} is not of the form PATH:OLD"
            raise Refusal([Problem(code="usage", message=message, field="--map")])
        found.setdefault(path, {})[old] = _value(right)
    return [{"do": "map", "path": path, "values": values} for path, values in found.items()]


def _times(text: str) -> list[dict[str, object]]:
    if not text:
        return []
    return [{"do": "time"} if text == "received" else {"do": "time", "to": text}]


def _first(found: Iterator[Item], limit: int) -> Iterator[Item]:
    for number, each in enumerate(found):
        if number >= limit:
            return
        yield each
