"""Whoever changes an event, a line, a price or a record is found, whichever copy is changed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pytest
import zstandard

from tallystick.invoicing import Proof, ProvenEvent, read_proof, write_proof
from tallystick.kernel import Done, canonical_json, digest
from tallystick.storage.log.block import (
    HEADER_BYTES,
    decode_block,
    decode_header,
    encode_block,
)
from tallystick.storage.log.segment import read_headers, segments
from tests.stories.hosting import of_account
from tests.stories.installation import Installation, Ran, Story, run_command
from tests.waiting import wait_until

Month = tuple[Story, list[dict[str, Any]]]
SEAL_SECONDS_MAX = 30


@pytest.fixture(scope="module")
def proof(january: Month, tmp_path_factory: pytest.TempPathFactory) -> Proof:
    """Lend the proof of the first customer's January."""
    story, documents = january
    invoice = of_account(documents, "northwind")[1]
    content = story.proof(invoice["id"], tmp_path_factory.mktemp("proof")).read_bytes()
    read = read_proof(content)
    assert isinstance(read, Done)
    return read.value


def changed_event(proof: Proof) -> Proof:
    """Tell of three cores where there were four."""
    return _with_events(
        proof,
        [
            msgspec.structs.replace(
                event, data=event.data.replace('"cpu_count":4', '"cpu_count":3')
            )
            for event in proof.events
        ],
    )


def changed_time(proof: Proof) -> Proof:
    """Move each event by an hour."""
    return _with_events(
        proof,
        [
            msgspec.structs.replace(event, used_at=event.used_at + 3_600_000_000)
            for event in proof.events
        ],
    )


def removed_event(proof: Proof) -> Proof:
    """Leave out the last event."""
    return _with_events(proof, proof.events[:-1])


def added_event(proof: Proof) -> Proof:
    """Tell of one request more, at a position that was free."""
    last = proof.events[-1]
    return _with_events(
        proof,
        [
            *proof.events[:-1],
            msgspec.structs.replace(last, id=f"{last.id}-again", position=last.position),
            msgspec.structs.replace(last, position=last.position + 1),
        ],
    )


def changed_line(proof: Proof) -> Proof:
    """Charge a dollar less for the cores, total and all."""

    def cheaper(document: dict[str, Any]) -> None:
        line = next(line for line in document["lines"] if line["price"] == "cores")
        line["money"], line["exact"], document["total"] = "76.2", "76.2", "87.45"

    return _with_document(proof, cheaper)


def removed_line(proof: Proof) -> Proof:
    """Leave the line for requests out, total and all."""

    def shorter(document: dict[str, Any]) -> None:
        document["lines"] = [each for each in document["lines"] if each["price"] != "requests"]
        document["total"] = "87.45"

    return _with_document(proof, shorter)


def changed_total(proof: Proof) -> Proof:
    """Ask for less than the lines add up to."""
    return _with_document(proof, lambda document: document.update(total="8.45"))


def changed_price(proof: Proof) -> Proof:
    """Say that a core-hour cost less."""
    return msgspec.structs.replace(proof, basis=proof.basis.replace('"0.05"', '"0.01"'))


def changed_price_everywhere(proof: Proof) -> Proof:
    """Say that a core-hour cost less, and name that contract on the document."""
    cheaper = changed_price(proof)
    named = digest(cheaper.basis.encode())
    return _with_document(cheaper, lambda document: document.update(basis=named))


@pytest.mark.parametrize(
    ("tamper", "found"),
    [
        (changed_event, "events give 5184000"),
        (changed_time, "digest"),
        (removed_event, "its events give"),
        (added_event, "its events give"),
        (changed_line, "76.2, rating its quantity gives 77.2"),
        (removed_line, "stands on no line"),
        (changed_total, "the total says 8.45"),
        (changed_price, "the document was made on"),
        (changed_price_everywhere, "rating its quantity gives 37.2"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_changed_proof_is_refused(
    proof: Proof, tamper: Callable[[Proof], Proof], found: str, tmp_path: Path
) -> None:
    """A proof that was changed and packed again, digests and all, says what does not fit."""
    assert _verified(write_proof(proof), tmp_path).code == 0
    changed = tamper(proof)
    assert changed != proof
    ran = _verified(write_proof(changed), tmp_path)
    assert ran.code == 1
    assert found in ran.err


def test_damaged_proof_is_refused(proof: Proof, tmp_path: Path) -> None:
    """One byte of the file is enough."""
    content = bytearray(write_proof(proof))
    content[len(content) // 2] ^= 1
    ran = _verified(bytes(content), tmp_path)
    assert ran.code == 1
    assert "changed or cut" in ran.err


def test_changed_byte_of_the_log_is_found(january: Month, installation: Installation) -> None:
    """`verify invoice` does not believe a log in which a byte was flipped."""
    story, documents = january
    invoice = of_account(documents, "northwind")[1]["id"]
    with _tampered_log(installation, story, _flipped):
        ran = story.run("verify", "invoice", invoice)
        assert ran.code == 1
        assert "the log is damaged: position" in ran.err
    assert story.run("verify", "invoice", invoice).code == 0


def test_rewritten_event_of_the_log_is_found(january: Month, installation: Installation) -> None:
    """An event rewritten in the log, with a block digest that fits it, no longer fits the line."""
    story, documents = january
    invoice = of_account(documents, "northwind")[1]["id"]
    with _tampered_log(installation, story, _rewritten):
        ran = story.run("verify", "invoice", invoice)
        assert ran.code == 1
        assert "its events give 5184000" in ran.err
    assert story.run("verify", "invoice", invoice).code == 0


def test_changed_line_of_a_stored_invoice_is_found(
    january: Month, installation: Installation
) -> None:
    """Nobody of the program can change an issued document; who can is found by `verify invoice`."""
    story, documents = january
    invoice = of_account(documents, "southwind")[1]["id"]
    with _changed_document(installation, invoice, b'"money":"4.8"', b'"money":"3.8"'):
        ran = story.run("verify", "invoice", invoice)
        assert ran.code == 1
        assert "was changed in the store" in ran.err
    assert story.run("verify", "invoice", invoice).code == 0


def test_changed_audit_record_is_found(january: Month, installation: Installation) -> None:
    """A record of the audit that a superuser changed no longer fits its seal."""
    story, _ = january
    wait_until(
        lambda: story.answer("verify", "audit")["waiting"] == 0,
        seconds_max=SEAL_SECONDS_MAX,
        waiting_for="the seals of all records",
    )
    record = "SELECT min(id) FROM audit WHERE workspace_id = %s AND subject = 'account:northwind'"
    change = "UPDATE audit SET actor = %s WHERE id = %s"
    with installation.superuser() as connection:
        (id_,) = connection.execute(record, (story.workspace,)).fetchone() or (None,)
        actor = "SELECT actor FROM audit WHERE id = %s"
        (before,) = connection.execute(actor, (id_,)).fetchone() or (None,)
        connection.execute(change, ("somebody-else", id_))
        ran = story.run("verify", "audit")
        connection.execute(change, (before, id_))
    assert ran.code == 1
    assert f"record {id_}" in ran.err
    assert story.run("verify", "audit").code == 0


def _verified(content: bytes, folder: Path) -> Ran:
    file = folder / "invoice.proof"
    file.write_bytes(content)
    return run_command("verify", file)


def _with_events(proof: Proof, events: list[ProvenEvent]) -> Proof:
    return msgspec.structs.replace(proof, events=events)


def _with_document(proof: Proof, change: Callable[[dict[str, Any]], None]) -> Proof:
    document = msgspec.json.decode(proof.document)
    change(document)
    return msgspec.structs.replace(proof, document=canonical_json(document).decode())


@contextmanager
def _changed_document(
    installation: Installation, invoice: str, old: bytes, new: bytes
) -> Iterator[None]:
    change = "UPDATE invoice SET content = %s WHERE id = %s"
    with installation.superuser() as connection:
        asked = "SELECT content FROM invoice WHERE id = %s"
        (kept,) = connection.execute(asked, (invoice,)).fetchone() or (b"",)
        content = zstandard.decompress(kept)
        assert content.count(old) == 1
        connection.execute(change, (zstandard.compress(content.replace(old, new)), invoice))
        try:
            yield
        finally:
            connection.execute(change, (kept, invoice))


@contextmanager
def _tampered_log(
    installation: Installation, story: Story, tamper: Callable[[bytes], bytes]
) -> Iterator[None]:
    """Change the first block that holds the story's first machine, and change it back."""
    for segment in segments(installation.data.segments):
        content = segment.read_bytes()
        for offset, header in read_headers(segment):
            end = offset + HEADER_BYTES + header.body_bytes
            block = decode_block(header, content[offset + HEADER_BYTES : end])
            whose = block.batch.select(["workspace", "subject"]).to_pylist()
            if {"workspace": story.workspace, "subject": "vm-a"} in whose:
                segment.write_bytes(content[:offset] + tamper(content[offset:end]) + content[end:])
                try:
                    yield
                finally:
                    segment.write_bytes(content)
                return
    pytest.fail(f"the log holds no machine of {story.workspace}")


def _flipped(block: bytes) -> bytes:
    place = len(block) // 2
    return block[:place] + bytes([block[place] ^ 1]) + block[place + 1 :]


def _rewritten(block: bytes) -> bytes:
    """Tell of three cores where there were four, in a block that is whole."""
    header = decode_header(block)
    assert header is not None
    decoded = decode_block(header, block[HEADER_BYTES:])
    texts = decoded.batch.column("data").to_pylist()
    changed = [text.replace('"cpu_count":4', '"cpu_count":3') for text in texts]
    assert changed != texts
    place = decoded.batch.schema.get_field_index("data")
    batch = decoded.batch.set_column(place, decoded.batch.schema.field(place), pa.array(changed))
    return encode_block(batch, decoded.identities, first_position=header.first_position)
