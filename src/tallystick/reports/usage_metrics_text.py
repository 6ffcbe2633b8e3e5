"""Writes usage metrics as YAML: a line for each resource, dates and numbers as they are read."""

import json
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import msgspec

from tallystick.reports.usage_metrics import UsageMetrics

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_PERIOD = re.compile(r"\d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d")
# Words that YAML reads as something else.
_TAKEN = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


def usage_metrics_text(document: UsageMetrics) -> str:
    """Return YAML that is read as the document, in its order."""
    return "".join(f"{line}\n" for line in _lines(document))


def _lines(document: UsageMetrics) -> Iterator[str]:
    for name in ("tenant_id", "billing_period", "plan", "status"):
        yield f"{name}: {_scalar(getattr(document, name))}"
    yield "consumption:" if document.consumption else "consumption: {}"
    for resource, used in document.consumption.items():
        inner = ", ".join(f"{name}: {value}" for name, value in _fields(used))
        yield f"  {_scalar(resource)}: {{{inner}}}"
    yield "alerts:" if document.alerts else "alerts: []"
    for alert in document.alerts:
        for place, (name, value) in enumerate(_fields(alert)):
            yield f"  {'- ' if place == 0 else '  '}{name}: {value}"
    if document.billing_summary is None:
        yield "billing_summary: null"
        return
    yield "billing_summary:"
    yield from (f"  {name}: {value}" for name, value in _fields(document.billing_summary))


def _fields(one: msgspec.Struct) -> Iterator[tuple[str, str]]:
    """Yield the members of a part as they are written; those left out have their default."""
    for field in msgspec.structs.fields(one):
        value = getattr(one, field.name)
        if value is not None or field.required:
            yield field.name, _scalar(value)


def _scalar(value: object) -> str:
    match value:
        case None:
            return "null"
        case Decimal():
            return format(value, "f")
        case date():
            return value.isoformat()
        case _:
            text = str(value)
            plain = _WORD.fullmatch(text) and text.lower() not in _TAKEN
            return (
                text if plain or _PERIOD.fullmatch(text) else json.dumps(text, ensure_ascii=False)
            )
