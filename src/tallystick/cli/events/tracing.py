"""`tallystick trace`: the way of one event as a story."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from tallystick.cli.connection import HERE, Session
from tallystick.kernel import counted

Item = Mapping[str, Any]

_UNOWNED = {
    "no_subject": "it names no subject",
    "unknown_subject": "no resource and no account has this key; declare it and the event counts",
    "resource_not_started": "the resource had not started then",
    "resource_ended": "the resource had ended by then",
}


def trace(event: str, /, *, source: str = "", session: Session = HERE) -> None:
    """
    Show the way of an event: accepted, whose, metered, billed, or why not.

    For example:

        tallystick trace r-1
        tallystick trace r-1 --source shop/api --json

    Args:
        event: Id of the event.
        source: Only the event of this source.
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        read = cast(Item, client.get("/v1/events/trace", event=event, source=source))
    session.answer(read, "\n".join(_story(read)))


def _story(read: Item) -> Iterator[str]:
    for number, item in enumerate(read["items"]):
        if number:
            yield ""
        yield from _event(item["event"])
        yield from _owner(item["owner"], item["event"])
        yield from _meters(item)
    for letter in read["rejected"]:
        place = f" at {letter['path']}" if letter["path"] else ""
        sent = "; sent again since" if letter["replayed_at"] else ""
        yield (
            f"refused    {letter['received_at']}: {letter['code']}{place}: {letter['message']} "
            f"(dead letter {letter['id']}{sent})"
        )


def _event(event: Item) -> Iterator[str]:
    segment = event["segment"]
    sealed = (
        f"segment {segment['first_position']}-{segment['last_position']}, {segment['digest']}"
        if segment
        else "in the open segment"
    )
    yield f"event      {event['id']} of {event['source']}, {event['type']}"
    yield f"accepted   at position {event['accepted_at']}, {sealed}"
    for step in event["corrections"]:
        why = f": {step['reason']}" if step["reason"] else ""
        yield (
            f"{step['correction']:<10} {step['recorded_at']} at position {step['position']} "
            f"by {step['actor']}{why}"
        )
    yield f"used       {event['time']}; sha256 {event['digest']}"
    if event["erased"]:
        yield f"erased     personal data at {', '.join(event['erased'])}"
    if event["held"]:
        backfill = event["held"]
        yield f"counts     nothing, since backfill {backfill['name']} is {backfill['state']}"
    if event["voided"]:
        yield "counts     nothing, since it was voided"


def _owner(owner: Item, event: Item) -> Iterator[str]:
    if owner["account"] is None:
        yield f"account    none: subject {event['subject']!r}: {_UNOWNED[owner['reason']]}"
    elif owner["resource"] is None:
        yield f"account    {owner['account']}, named by the event"
    else:
        start, end = owner["start"] or "the beginning", owner["end"] or "now on"
        yield f"account    {owner['account']}, which has {owner['resource']} from {start} to {end}"


def _meters(item: Item) -> Iterator[str]:
    if not item["meters"] and not item["event"]["voided"]:
        others = len(item["other_meters"])
        yield (
            f"meters     none counts events of type {item['event']['type']}; "
            f"{counted(others, 'meter')} of other types"
        )
    for meter in item["meters"]:
        yield f"meter      {meter['meter']}: {_verdict(meter)}"
        for each in meter["filters"]:
            mark = "holds" if each["holds"] else "does not hold"
            yield f"             {_condition(each)}: {mark}, there is {each['text']!r}"
        for step in meter["billing"]:
            yield from _billing(step)


def _verdict(meter: Item) -> str:
    if not meter["matches"]:
        return "does not count it, since a filter does not hold"
    if not meter["counts"]:
        return f"cannot read a value from {meter['text']!r}: it is unmeterable"
    read = meter["text"] if meter["value"] is None else f"{meter['value']} {meter['unit']}"
    groups = ", ".join(f"{name} {text!r}" for name, text in meter["dimensions"].items())
    return f"counts it as {read} ({meter['aggregation']})" + (f", {groups}" if groups else "")


def _condition(each: Item) -> str:
    values = ", ".join(cast(Sequence[str], each["values"]))
    return f"{each['path']} {each['op']} {values}".rstrip()


def _billing(step: Item) -> Iterator[str]:
    if step["formula"] is not None:
        formula = step["formula"]
        yield f"  part of  {formula['meter']} = {formula['formula']} ({formula['unit']})"
    if step["price"] is not None:
        period = step["period"]
        yield (
            f"  price    {step['plan']} version {step['version']}, {step['price']}, "
            f"subscription {step['subscription']}, {period['start']} to {period['end']}"
        )
    word = "billed" if step["state"] == "billed" else "not billed"
    yield f"  {word:<10} {step['message']}"
