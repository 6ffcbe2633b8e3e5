"""
The chain of seals: each covers its record and the seal before it.

A record that is changed, taken out or moved no longer fits its seal; a seal that is changed no
longer fits the next one. The chain alone cannot show that its end was cut off: for that, note its
head elsewhere and compare (``verify_audit(noted=...)``).
"""

from tallystick.app.audit.ports import Seal, StoredRecord
from tallystick.kernel import seal_digest

ORIGIN = "sha256:" + "0" * 64


def next_seal(previous: Seal | None, stored: StoredRecord) -> Seal:
    """Return the seal that follows in the chain of the record's workspace."""
    sequence = 1 if previous is None else previous.sequence + 1
    before = ORIGIN if previous is None else previous.digest
    return Seal(
        workspace=stored.record.workspace,
        sequence=sequence,
        audit_id=stored.id,
        previous_digest=before,
        digest=seal_digest(stored.record, id_=stored.id, sequence=sequence, previous=before),
    )
