"""
Evidence: a digest of exactly the events a quantity rests on.

An event's digest is SHA-256 over its fields as netstrings (``length:bytes,``, lengths in UTF-8
bytes): workspace, source, id, type, subject, microseconds of ``used_at``, sequence, data. Position
and receipt are left out, so that the same events give the same digest on any machine.

The digest of a set is the sum of its events' digests, each read as a little-endian integer, modulo
2^256, written as 64 hexadecimal digits (most significant first). A sum does not depend on order and
can be computed by a database in one pass; parts add up to the whole. It is meant to find changes,
not to resist someone who may choose events freely.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from tallystick.kernel import micros
from tallystick.metering.event import Event

_MODULUS = 1 << 256
_DIGITS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """
    How many events, which ones in sum, and between which positions.

    Attributes:
        events: number of events, unmeterable and carried ones included.
        digest: sum of their digests, 64 hexadecimal digits; all zeros for none.
        first_position: least position; 0 for none.
        last_position: greatest position; 0 for none.
    """

    events: int
    digest: str
    first_position: int
    last_position: int


def event_digest(event: Event) -> bytes:
    """
    Return the 32 bytes of an event's digest.

    Example:
        >>> from tallystick.kernel import from_micros
        >>> event = Event(workspace="w", source="s", id="1", type="t", subject="", sequence="",
        ...               used_at=from_micros(0), received_at=from_micros(0), data="{}", position=1)
        >>> event_digest(event).hex()[:16]
        '8a7bc956cc824aac'
    """
    state = sha256()
    for text in (
        event.workspace,
        event.source,
        event.id,
        event.type,
        event.subject,
        str(micros(event.used_at)),
        event.sequence,
        event.data,
    ):
        content = text.encode()
        state.update(b"%d:%b," % (len(content), content))
    return state.digest()


def digest_text(total: int) -> str:
    """
    Return the text of a sum of digests, reduced modulo 2^256.

    Example:
        >>> digest_text(255)[-4:], digest_text(2**256)[-4:]
        ('00ff', '0000')
    """
    return f"{total % _MODULUS:0{_DIGITS}x}"


def evidence_of(events: Iterable[Event]) -> Evidence:
    """
    Return the evidence of a set of events; each must occur once.

    Example:
        >>> evidence_of([]).events
        0
    """
    count = total = last = 0
    first: int | None = None
    for event in events:
        count += 1
        total += int.from_bytes(event_digest(event), "little")
        last = max(last, event.position)
        first = event.position if first is None else min(first, event.position)
    return Evidence(
        events=count, digest=digest_text(total), first_position=first or 0, last_position=last
    )
