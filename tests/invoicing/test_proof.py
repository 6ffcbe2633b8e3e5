"""The proof file: it verifies by itself, and every change of it is found."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from hashlib import sha256
from typing import Any

import msgspec
import pytest
import zstandard

from tallystick.accounts import Account, Contact, PostalAddress
from tallystick.invoicing import (
    AuditedIssue,
    Invoice,
    IssueRecord,
    IssueSeal,
    Proof,
    Purpose,
    as_billed,
    basis_document,
    basis_from_document,
    document_of,
    invoice_id,
    proven_events,
    read_proof,
    verification_queries,
    verify_bundle,
    write_proof,
)
from tallystick.invoicing.line import line_id
from tallystick.kernel import (
    Done,
    Period,
    Refused,
    canonical_json,
    digest,
    instant,
    instant_text,
    plain,
    seal_digest,
)
from tallystick.metering import Event, exact_sum, needed_events
from tests.invoicing.world import (
    BASIS,
    CONTRACT,
    ENTITY,
    FEBRUARY,
    WORKSPACE,
    Asked,
    call,
    cpu,
    drafted,
    issue,
    the_invoice,
)

FIRST = [
    cpu(1, "2026-01-10T00:00:00Z", "43200"),
    *[call(position, "2026-01-20T00:00:00Z") for position in range(2, 13)],
]
ALL = [*FIRST, cpu(13, "2026-01-31T00:00:00Z", "3600"), call(14, "2026-02-10T00:00:00Z")]
JANUARYS = issue(the_invoice(drafted(FIRST, Asked(position=12))), "INV-2026-000001")
FEBRUARYS = issue(
    the_invoice(drafted(ALL, Asked(period=FEBRUARY, position=14, billed=as_billed([JANUARYS])))),
    "INV-2026-000002",
)


def proof_of(invoice: Invoice, events: list[Event], *previous: Invoice) -> Proof:
    """Return the proof of a document in this world."""
    needed = [
        event
        for query in verification_queries(invoice, BASIS)
        for event in needed_events(query, events)
    ]
    return Proof(
        document=document_of(invoice).decode(),
        basis=basis_document(BASIS).decode(),
        previous=[document_of(one).decode() for one in previous],
        events=proven_events(needed),
    )


PROOFS_FIRST = proof_of(JANUARYS, FIRST)
PROOF = proof_of(FEBRUARYS, ALL, JANUARYS)


def audited(proof: Proof) -> Proof:
    """Return the proof with the sealed audit record of its issue."""
    content = msgspec.json.decode(proof.document)
    record = IssueRecord(
        workspace=WORKSPACE,
        recorded_at="2026-03-01T00:00:00.000000Z",
        actor="key:1",
        command="RunBilling",
        subject="account:acme",
        input_digest="sha256:1",
        details={"issued": {content["id"]: digest(proof.document.encode())}, "position": 14},
        request_id="",
        trace_id="",
    )
    before = "sha256:7"
    seal = IssueSeal(
        sequence=3,
        previous_digest=before,
        digest=seal_digest(record, id_=9, sequence=3, previous=before),
    )
    return msgspec.structs.replace(proof, audit=AuditedIssue(id=9, record=record, seal=seal))


def in_record(proof: Proof, **changes: object) -> Proof:
    """Return the proof with its audit record changed, under the seal it had."""
    assert proof.audit is not None
    record = msgspec.structs.replace(proof.audit.record, **changes)
    return msgspec.structs.replace(proof, audit=msgspec.structs.replace(proof.audit, record=record))


def codes(proof: Proof) -> list[str]:
    """Return what a verification says is wrong with a proof."""
    outcome = verify_bundle(write_proof(proof))
    return [p.code for p in outcome.problems] if isinstance(outcome, Refused) else []


@pytest.mark.parametrize("proof", [PROOFS_FIRST, PROOF, audited(PROOF)])
def test_proof_verifies(proof: Proof) -> None:
    """A document, and one that corrects it, verify from their files alone."""
    outcome = verify_bundle(write_proof(proof))
    assert isinstance(outcome, Done), outcome
    assert outcome.value.digest == digest(proof.document.encode())
    assert outcome.value.events == len(proof.events) > 0
    assert outcome.value.audit == proof.audit


def event_at(proof: Proof, index: int, **changes: object) -> Proof:
    """Return the proof with one event changed."""
    events = list(proof.events)
    events[index] = msgspec.structs.replace(events[index], **changes)
    return msgspec.structs.replace(proof, events=events)


def document(proof: Proof, old: str, new: str) -> Proof:
    """Return the proof with a text in its document replaced."""
    assert old in proof.document
    return msgspec.structs.replace(proof, document=proof.document.replace(old, new, 1))


def basis(proof: Proof, old: str, new: str, *, consistent: bool = False) -> Proof:
    """Return the proof with a text in its basis replaced, the document's digest of it too."""
    assert old in proof.basis
    changed = proof.basis.replace(old, new, 1)
    before, after = digest(proof.basis.encode()), digest(changed.encode())
    text = proof.document.replace(before, after) if consistent else proof.document
    return msgspec.structs.replace(proof, basis=changed, document=text)


def edited(proof: Proof, change: Callable[[dict[str, Any]], None]) -> Proof:
    """Return the proof with its document changed, its total too, and written as it must be."""
    content = msgspec.json.decode(proof.document)
    change(content)
    content["total"] = plain(exact_sum(Decimal(line["money"]) for line in content["lines"]))
    return msgspec.structs.replace(proof, document=canonical_json(content).decode())


def before(proof: Proof, **changes: object) -> Proof:
    """Return the proof with the document before changed."""
    content = msgspec.json.decode(proof.previous[0]) | changes
    return msgspec.structs.replace(proof, previous=[canonical_json(content).decode()])


def as_correction(content: dict[str, Any]) -> None:
    """Call the period's document a correction, of which nothing is due, and keep the fee only."""
    id_ = invoice_id(
        WORKSPACE,
        subscription=CONTRACT.key,
        period=FEBRUARY,
        purpose=Purpose.CORRECTION,
        revision=0,
    )
    content |= {"purpose": "correction", "id": id_, "lines": content["lines"][:1]}
    content["lines"][0]["id"] = line_id(id_, FEBRUARYS.lines[0].key)


def fee_of_june(content: dict[str, Any]) -> None:
    """Add the fee of a period that nobody has come to yet, as it would stand there."""
    june = Period(start=instant("2026-06-01T00:00:00Z"), end=instant("2026-07-01T00:00:00Z"))
    fee = next(line for line in content["lines"] if line["price"] == "base")
    key = replace(FEBRUARYS.lines[0].key, period=june)
    content["lines"].append(
        fee
        | {
            "id": line_id(FEBRUARYS.id, key),
            "period": {"start": instant_text(june.start), "end": instant_text(june.end)},
            "attribution": BASIS.attribution(june),
        }
    )


CHANGES: dict[str, tuple[Callable[[Proof], Proof], str]] = {
    "value of an event": (lambda p: event_at(p, 0, data='{"seconds":43201}'), "different_quantity"),
    "content of an event": (
        lambda p: event_at(p, 0, data='{"seconds":43200.0}'),
        "different_evidence",
    ),
    "instant of an event": (lambda p: event_at(p, 0, used_at=0), "different_quantity"),
    "removed event": (
        lambda p: msgspec.structs.replace(p, events=p.events[1:]),
        "different_quantity",
    ),
    "event told twice": (
        lambda p: msgspec.structs.replace(
            p, events=[*p.events, msgspec.structs.replace(p.events[-1], position=14)]
        ),
        "repeated_event",
    ),
    "event of somebody else": (
        lambda p: msgspec.structs.replace(
            p,
            events=[
                p.events[0],
                msgspec.structs.replace(p.events[0], id="e2", position=2, subject="nobody"),
                *p.events[1:],
            ],
        ),
        "unneeded_event",
    ),
    "event from the future": (lambda p: event_at(p, -1, position=15), "event_beyond_position"),
    "events out of order": (
        lambda p: msgspec.structs.replace(p, events=p.events[::-1]),
        "event_out_of_order",
    ),
    "money of a line": (lambda p: document(p, '"money":"0.04"', '"money":"0.05"'), "wrong_total"),
    "money and total": (
        lambda p: document(
            document(p, '"money":"0.04"', '"money":"0.05"'), '"total":"10.54"', '"total":"10.55"'
        ),
        "different_money",
    ),
    "total": (lambda p: document(p, '"total":"10.54"', '"total":"10.55"'), "wrong_total"),
    "label of a step": (lambda p: document(p, "tier 2", "tier 3"), "different_charge"),
    "settled before": (
        lambda p: document(p, '"settled_before":"0.54"', '"settled_before":"0.53"'),
        "different_settled_before",
    ),
    "name of a line": (lambda p: document(p, '"base"', '"gift"'), "different_line"),
    "price": (lambda p: basis(p, "0.05", "0.06"), "different_basis"),
    "price, with its digest": (
        lambda p: basis(p, "0.05", "0.06", consistent=True),
        "different_charge",
    ),
    "meter, with its digest": (
        lambda p: basis(p, '"event_type":"cpu"', '"event_type":"gpu"', consistent=True),
        "different_quantity",
    ),
    "document before": (
        lambda p: msgspec.structs.replace(p, previous=[]),
        "different_settled_before",
    ),
    "payer": (lambda p: document(p, '"account":"acme"', '"account":"bolt"'), "different_document"),
    "missing field": (lambda p: document(p, '"due_on":"2026-02-15",', ""), "malformed_document"),
    "odd number": (lambda p: document(p, '"total":"10.54"', '"total":"1e1"'), "wrong_total"),
    "not a basis": (lambda p: msgspec.structs.replace(p, basis="[]"), "malformed_basis"),
    "line turned manual": (
        lambda p: edited(p, lambda d: d["lines"][1].update(kind="manual", money="500")),
        "unproven_line",
    ),
    "period without usage called a correction": (
        lambda p: edited(p, as_correction),
        "different_document",
    ),
    "fee that is not due": (lambda p: edited(p, fee_of_june), "undue_line"),
    "end of the period, without the next one's fee": (
        lambda p: edited(
            p,
            lambda d: d.update(
                period=d["period"] | {"end": "2026-02-27T00:00:00.000000Z"}, lines=d["lines"][1:]
            ),
        ),
        "different_document",
    ),
    "invoice called a credit note": (
        lambda p: edited(p, lambda d: d.update(document_type="credit_note")),
        "different_document",
    ),
    "reference to no document": (
        lambda p: edited(
            p,
            lambda d: d.update(
                reference={"invoice": "inv_1", "number": "X", "issued_on": "2026-01-01"}
            ),
        ),
        "different_document",
    ),
    "due before its issue": (
        lambda p: edited(p, lambda d: d.update(due_on="2026-01-01")),
        "different_document",
    ),
    "unknown rules": (
        lambda p: edited(p, lambda d: d.update(rating_version="99")),
        "different_document",
    ),
    "total told twice": (
        lambda p: document(p, '"total":', '"total":"1","total":'),
        "malformed_document",
    ),
    "document before, not issued": (lambda p: before(p, number=None), "different_previous"),
    "document before, of another": (
        lambda p: before(p, subscription="bolt-compute"),
        "different_previous",
    ),
    "document before, in other money": (lambda p: before(p, currency="EUR"), "different_previous"),
    "document before, told twice": (
        lambda p: msgspec.structs.replace(p, previous=p.previous * 2),
        "different_previous",
    ),
    "unit of a price": (
        lambda p: basis(p, '"unit":"hour"', '"unit":"byte"', consistent=True),
        "malformed_basis",
    ),
    "zone that is none": (
        lambda p: basis(p, '"zone":"UTC"', '"zone":"Mars/One"', consistent=True),
        "malformed_basis",
    ),
    "number, which the audit record holds": (
        lambda p: edited(audited(p), lambda d: d.update(number="INV-2026-000003")),
        "different_audit",
    ),
    "audit record of another": (
        lambda p: msgspec.structs.replace(p, audit=audited(PROOFS_FIRST).audit),
        "different_audit",
    ),
    "audit record": (lambda p: in_record(audited(p), actor="somebody else"), "different_audit"),
    "digest in the audit record": (
        lambda p: in_record(audited(p), details={"issued": {FEBRUARYS.id: "sha256:0"}}),
        "different_audit",
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_change_is_found(change: str) -> None:
    """A change in any part of a proof is found, and named."""
    alter, code = CHANGES[change]
    assert code in codes(alter(PROOF))


def test_missing_line_is_found() -> None:
    """A document that leaves out what was used is found, though its sum is right."""
    shorter = replace(JANUARYS, lines=JANUARYS.lines[:2])
    assert codes(proof_of(shorter, FIRST)) == ["missing_line"]
    both = [*FIRST, call(13, "2026-01-21T00:00:00Z", "us")]
    full = issue(the_invoice(drafted(both, Asked(position=13))), "INV-2026-000001")
    assert codes(proof_of(replace(full, lines=full.lines[:3]), both)) == ["missing_line"]


def test_damaged_file_says_so() -> None:
    """A file that is cut, changed, foreign, or of another version is refused as that."""
    content = write_proof(PROOF)
    for damaged, code in (
        (content[:-1], "damaged"),
        (content + b"x", "damaged"),
        (content[:60] + b"\x00" + content[61:], "damaged"),
        (b"PK" + content, "not_a_proof"),
        (content[:20], "not_a_proof"),
        (content[:8] + b"\x02" + content[9:], "unknown_version"),
        (framed(b"not zstandard"), "malformed_proof"),
        (framed(zstandard.compress(b"{}")), "malformed_proof"),
        (framed(zstandard.compress(b"[" * 100_000)), "malformed_proof"),
    ):
        outcome = verify_bundle(damaged)
        assert isinstance(outcome, Refused)
        assert outcome.problems[0].code == code


def test_bomb_is_not_unpacked() -> None:
    """A small file that would grow beyond the limit is refused at the limit."""
    bomb = framed(zstandard.compress(bytes(50_000_000)))
    assert len(bomb) < 10_000
    outcome = read_proof(bomb, content_bytes_max=1_000_000)
    assert isinstance(outcome, Refused)
    assert outcome.problems[0].code == "too_large"


def framed(packed: bytes) -> bytes:
    """Return bytes behind a right header."""
    return b"TALLYPRF\x01" + sha256(packed).digest() + packed


def test_basis_reads_back() -> None:
    """A basis written and read is the same."""
    outcome = basis_from_document(basis_document(BASIS))
    assert outcome == Done(BASIS)


def test_basis_keeps_the_parties() -> None:
    """What a document says of issuer and payer is in its basis; a basis without stays as it was."""
    payer = Account(
        key=BASIS.payer,
        name="Acme",
        zone="UTC",
        currency="USD",
        invoiced=True,
        contact=Contact(address=PostalAddress(city="Berlin"), email="a@acme.example"),
    )
    kept = replace(BASIS, issuer=ENTITY, buyer=payer)
    outcome = basis_from_document(basis_document(kept))
    assert isinstance(outcome, Done)
    assert outcome.value == kept
    assert b"Berlin" in basis_document(kept)
    assert b"issuer" not in basis_document(BASIS)
