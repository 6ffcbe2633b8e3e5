"""
The proof of a document: one file that another machine verifies, with no server and no database.

    8 bytes   TALLYPRF
    1 byte    version, 1
    32 bytes  SHA-256 of the rest, so that a damaged file says so
    rest      zstandard-compressed JSON: the document, the basis (contract, plan version, prices,
              meters, spans), the documents that settled the same keys before, every event the
              lines rest on, and the audit record of the issue where there is one

Document, basis and previous documents are held as their exact canonical text, because their digests
count.  An event is an array in the order of `ProvenEvent`.  The proof level is ``events``.

Reading is bounded before anything is unpacked: a file that would grow beyond the limit is refused.
"""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from io import BytesIO

import msgspec
import zstandard

from tallystick.invoicing.audited import AuditedIssue
from tallystick.invoicing.basis_document import basis_from_document
from tallystick.invoicing.claim import Claim
from tallystick.invoicing.document import document_of, invoice_from_document
from tallystick.invoicing.invoice import Invoice
from tallystick.invoicing.queries import verification_queries
from tallystick.invoicing.verification import (
    VerificationReport,
    verify_document,
)
from tallystick.kernel import (
    Done,
    InvariantBroken,
    Misuse,
    Outcome,
    Refused,
    check,
    digest,
    from_micros,
    micros,
    refuse,
)
from tallystick.metering import Event, needed_events

MAGIC = b"TALLYPRF"
VERSION = 1
FORMAT = "tallystick.proof/1"
CONTENT_BYTES_MAX = 1 << 30
FILE_BYTES_MAX = 1 << 28
WINDOW_BYTES_MAX = 1 << 27
_LEVEL = 9
_DIGEST_BYTES = 32
_HEADER_BYTES = len(MAGIC) + 1 + _DIGEST_BYTES


class ProvenEvent(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """An event without its workspace, which is the document's; instants in microseconds."""

    position: int
    source: str
    id: str
    type: str
    subject: str
    used_at: int
    received_at: int
    sequence: str
    data: str


class Proof(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    What a proof file holds.

    Attributes:
        document: canonical JSON of the document.
        basis: canonical JSON of its basis.
        previous: canonical JSON of each earlier document that settled one of its keys.
        events: in order of position, each once.
        audit: the audit record of the issue, which names the document's digest, with its place in
            the chain; None for a draft.
    """

    format: str = FORMAT
    proof_level: str = "events"
    document: str
    basis: str
    previous: list[str]
    events: list[ProvenEvent]
    audit: AuditedIssue | None = None


def proven_events(events: Iterable[Event]) -> list[ProvenEvent]:
    """Return events as a proof holds them: in order of position, each once."""
    by_position = {event.position: event for event in events}
    return [
        ProvenEvent(
            position=event.position,
            source=event.source,
            id=event.id,
            type=event.type,
            subject=event.subject,
            used_at=micros(event.used_at),
            received_at=micros(event.received_at),
            sequence=event.sequence,
            data=event.data,
        )
        for _, event in sorted(by_position.items())
    ]


def write_proof(proof: Proof) -> bytes:
    """
    Return the file that holds a proof.

    Raises:
        InvariantBroken: it would be larger than `verify_bundle` reads.
    """
    content = msgspec.json.encode(proof)
    check(len(content) <= CONTENT_BYTES_MAX, "the proof is larger than 1 GiB: too many events")
    packed = zstandard.ZstdCompressor(level=_LEVEL).compress(content)
    check(len(packed) <= FILE_BYTES_MAX, "the proof file is larger than 256 MiB: too many events")
    return MAGIC + bytes([VERSION]) + sha256(packed).digest() + packed


def read_proof(content: bytes, *, content_bytes_max: int = CONTENT_BYTES_MAX) -> Outcome[Proof]:
    """
    Return what a proof file holds, without judging it.

    Args:
        content: the whole file.
        content_bytes_max: how large it may be when unpacked.

    Problems:
        not_a_proof, unknown_version, damaged, too_large, malformed_proof.
    """
    packed = _packed(content)
    if isinstance(packed, Refused):
        return packed
    unpacked = _unpack(packed.value, content_bytes_max)
    if isinstance(unpacked, Refused):
        return unpacked
    try:
        proof = msgspec.json.decode(unpacked.value, type=Proof)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        return refuse("malformed_proof", f"the proof cannot be read: {error}")
    if proof.format != FORMAT:
        return refuse("unknown_version", f"this reads {FORMAT}, not {proof.format[:40]!r}")
    return Done(proof)


def verify_bundle(
    content: bytes, *, content_bytes_max: int = CONTENT_BYTES_MAX
) -> Outcome[VerificationReport]:
    """
    Verify a proof file with nothing but itself.

    Every line is made again from the events by the reference folds, rated and settled, and the
    audit record of the issue, where there is one, must name this very document.  Compare the
    report's ``digest`` and ``total`` with the document you were given: a forger can make a
    consistent file of another contract, other events and another record, but not one whose
    document has the digest of yours.  Ask the issuer whether the seal stands in his chain.

    Args:
        content: the whole file.
        content_bytes_max: how large it may be when unpacked.

    Problems:
        Those of `read_proof`, of reading document and basis, and of `verify_document`;
        repeated_event, event_out_of_order, event_beyond_position, unneeded_event.
    """
    read = read_proof(content, content_bytes_max=content_bytes_max)
    if isinstance(read, Refused):
        return read
    claim = _claim(read.value)
    if isinstance(claim, Refused):
        return claim
    events = _events(read.value.events, claim.value.invoice)
    if isinstance(events, Refused):
        return events
    try:
        verified = verify_document(claim.value, events.value)
        unneeded = _unneeded(claim.value, events.value) if isinstance(verified, Done) else None
    except (Misuse, InvariantBroken) as error:
        return refuse("malformed_basis", f"no contract can be like the basis: {error}", "basis")
    if unneeded is not None:
        message = (
            f"event {unneeded.id} of {unneeded.source} is behind no line; a proof holds no other"
        )
        return refuse("unneeded_event", message, "events")
    return verified


def _unneeded(claim: Claim, events: list[Event]) -> Event | None:
    """Return an event that no line rests on, which a proof has no reason to tell of."""
    queries = verification_queries(claim.invoice, claim.basis)
    needed = {event.position for query in queries for event in needed_events(query, events)}
    return next((event for event in events if event.position not in needed), None)


def _packed(content: bytes) -> Outcome[bytes]:
    """Return what stands behind the header, if that is ours and whole."""
    if len(content) < _HEADER_BYTES or not content.startswith(MAGIC):
        return refuse("not_a_proof", "this is no Tallystick proof file")
    version = content[len(MAGIC)]
    if version != VERSION:
        message = f"version {version} of proofs needs another release; this one reads {VERSION}"
        return refuse("unknown_version", message)
    if len(content) > FILE_BYTES_MAX:
        return refuse("too_large", f"a proof file has at most {FILE_BYTES_MAX} bytes")
    packed = content[_HEADER_BYTES:]
    if sha256(packed).digest() != content[len(MAGIC) + 1 : _HEADER_BYTES]:
        return refuse("damaged", "the file was changed or cut after it was written")
    return Done(packed)


def _unpack(packed: bytes, limit: int) -> Outcome[bytes]:
    """Unpack at most ``limit`` bytes; memory never exceeds that by more than a window."""
    opener = zstandard.ZstdDecompressor(max_window_size=WINDOW_BYTES_MAX)
    try:
        with opener.stream_reader(BytesIO(packed)) as reader:
            content = reader.read(limit + 1)
    except zstandard.ZstdError as error:
        return refuse("malformed_proof", f"the proof cannot be unpacked: {error}")
    if len(content) > limit:
        return refuse("too_large", f"unpacked, the proof has more than {limit} bytes")
    return Done(content)


def _claim(proof: Proof) -> Outcome[Claim]:
    document, basis = proof.document.encode(), proof.basis.encode()
    read = _canonical_invoice(document)
    if isinstance(read, Refused):
        return read
    read_basis = basis_from_document(basis)
    if isinstance(read_basis, Refused):
        return read_basis
    previous: list[Invoice] = []
    for text in proof.previous:
        earlier = _canonical_invoice(text.encode())
        if isinstance(earlier, Refused):
            return earlier
        previous.append(earlier.value)
    return Done(
        Claim(
            invoice=read.value,
            digest=digest(document),
            basis=read_basis.value,
            basis_digest=digest(basis),
            previous=tuple(previous),
            audit=proof.audit,
        )
    )


def _canonical_invoice(content: bytes) -> Outcome[Invoice]:
    """Return a document written as it must be; another may read in two ways."""
    read = invoice_from_document(content)
    if isinstance(read, Done) and document_of(read.value) != content:
        message = "the document is not written in its one canonical way"
        return refuse("malformed_document", message, "document")
    return read


def _events(rows: list[ProvenEvent], invoice: Invoice) -> Outcome[list[Event]]:
    identities = {(row.source, row.id) for row in rows}
    if len(identities) < len(rows):
        return refuse("repeated_event", "an event occurs twice in the proof", "events")
    last = 0
    events: list[Event] = []
    for row in rows:
        if row.position <= last:
            message = f"position {row.position} stands behind {last}"
            return refuse("event_out_of_order", message, "events")
        if row.position > invoice.position:
            message = f"position {row.position} was not known at {invoice.position}"
            return refuse("event_beyond_position", message, "events")
        last = row.position
        times = _times(row)
        if isinstance(times, Refused):
            return times
        events.append(
            Event(
                workspace=invoice.workspace,
                source=row.source,
                id=row.id,
                type=row.type,
                subject=row.subject,
                used_at=times.value[0],
                received_at=times.value[1],
                sequence=row.sequence,
                data=row.data,
                position=row.position,
            )
        )
    return Done(events)


def _times(row: ProvenEvent) -> Outcome[tuple[datetime, datetime]]:
    try:
        return Done((from_micros(row.used_at), from_micros(row.received_at)))
    except Misuse as error:
        return refuse("malformed_proof", f"event {row.id} has no possible time: {error}", "events")
