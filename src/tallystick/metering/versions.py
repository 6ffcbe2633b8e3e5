"""
Versions of a meter in its document: each says from when, and what differs from the one before.

    {key: sent, event_type: http.request, aggregation: sum, value: bytes, unit: byte,
     versions: [{effective_at: 2026-03-01T00:00:00Z, value: body_bytes, filters: [...]}]}

A field that a version names replaces the field of the version before as a whole; null removes it.
Key, aggregation, unit and the names of the dimensions stay: they are what prices rely on.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeAlias

from tallystick.kernel import (
    Done,
    Misuse,
    Outcome,
    Problem,
    Refused,
    instant,
    instant_text,
    refuse,
)
from tallystick.metering.meter import Meter, MeterVersion

VERSIONS = "versions"
EFFECTIVE_AT = "effective_at"
VERSIONS_MAX = 100

Document: TypeAlias = Mapping[str, object]
ReadOne: TypeAlias = Callable[[Document], Outcome[Meter]]


def meter_with_versions(document: Document, read: ReadOne) -> Outcome[Meter]:
    """
    Return the meter of a document that may have versions, each read by ``read``.

    Problems:
        Those of ``read``, with the place of the version; wrong_type, too_many, missing,
        wrong_value, fixed.
    """
    current = {name: value for name, value in document.items() if name != VERSIONS}
    outcome = read(current)
    entries = document.get(VERSIONS) or ()
    if isinstance(outcome, Refused) or not entries:
        return outcome
    if not isinstance(entries, list | tuple) or len(entries) > VERSIONS_MAX:
        return refuse("wrong_type", f"must be a list of at most {VERSIONS_MAX}", VERSIONS)
    problems: list[Problem] = []
    later: list[MeterVersion] = []
    for index, entry in enumerate(entries):
        found = _version(entry, current, outcome.value, read)
        if isinstance(found, Refused):
            place = f"{VERSIONS}[{index}]"
            problems += (replace(p, field=_joined(place, p.field)) for p in found.problems)
            continue
        current, version = found.value
        if later and version.effective_at <= later[-1].effective_at:
            message = "must lie after the version before"
            field = f"{VERSIONS}[{index}].{EFFECTIVE_AT}"
            problems.append(Problem(code="wrong_value", message=message, field=field))
        later.append(version)
    if problems:
        return Refused(tuple(problems))
    return Done(replace(outcome.value, later=tuple(later)))


def versions_document(
    meter: Meter, write: Callable[[Meter], dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return a meter's versions as documents, each with what differs from the one before."""
    before = write(replace(meter, later=()))
    found = []
    for version in meter.later:
        after = write(version.meter)
        changed = {name: value for name, value in after.items() if before.get(name) != value}
        gone = dict.fromkeys(name for name in before if name not in after)
        found.append({EFFECTIVE_AT: instant_text(version.effective_at), **changed, **gone})
        before = after
    return found


def _version(
    entry: object, before: Document, base: Meter, read: ReadOne
) -> Outcome[tuple[dict[str, object], MeterVersion]]:
    if not isinstance(entry, Mapping):
        return refuse("wrong_type", "must be an object such as {effective_at: ..., value: ...}")
    effective_at = _instant(entry.get(EFFECTIVE_AT))
    if isinstance(effective_at, Refused):
        return effective_at
    merged = {**before, **{str(k): v for k, v in entry.items() if k != EFFECTIVE_AT}}
    merged = {name: value for name, value in merged.items() if value is not None}
    outcome = read(merged)
    if isinstance(outcome, Refused):
        return outcome
    fixed = tuple(_changed(base, outcome.value))
    if fixed:
        return Refused(fixed)
    return Done((merged, MeterVersion(effective_at=effective_at.value, meter=outcome.value)))


def _changed(base: Meter, later: Meter) -> Iterator[Problem]:
    for field, same in (
        ("key", base.key == later.key),
        ("aggregation", base.aggregation is later.aggregation),
        ("unit", base.unit == later.unit),
        (
            "dimensions",
            [one.name for one in base.dimensions] == [one.name for one in later.dimensions],
        ),
    ):
        if not same:
            message = f"{field} stays in every version; declare a meter with a new key instead"
            yield Problem(code="fixed", message=message, field=field)


def _instant(value: object) -> Outcome[datetime]:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return Done(value.astimezone(UTC))
    if value is None:
        return refuse("missing", f"{EFFECTIVE_AT} is missing", EFFECTIVE_AT)
    try:
        return Done(instant(str(value)))
    except Misuse as error:
        return refuse("wrong_value", str(error), EFFECTIVE_AT)


def _joined(place: str, field: str) -> str:
    return f"{place}.{field}" if field else place
