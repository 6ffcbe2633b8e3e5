"""Guarantee 12: the audit chain verifies from its first record, and a changed record is found."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from decimal import Decimal

import psycopg
import pytest

from tallystick.app import Caller
from tallystick.app.audit import AuditReport, ChainHead, audit_record, seal_audit, verify_audit
from tallystick.kernel import Done, Outcome, Refused, WorkspaceId
from tests.clock import NEW_YEAR
from tests.databases import OTHER_WORKSPACE, WORKSPACE, Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A command for tests."""

    text: str


def append(database: Database, *texts: str, workspace: WorkspaceId = WORKSPACE) -> None:
    """Send a command for each text."""
    caller = Caller(workspace=workspace, actor="key:7f", request_id="r1", trace_id="t1")
    for text in texts:
        details = {"text": text, "price": Decimal("0.10"), "count": 3, "no": None, "deep": [{}]}
        with database.unit(workspace) as uow:
            record = audit_record(
                caller, Note(text=text), subject="note", at=NEW_YEAR, details=details
            )
            uow.audit.append(record)
            uow.commit()


def seal(database: Database) -> int:
    """Seal one batch."""
    return seal_audit(database.runner, limit=100)


def report(outcome: Outcome[AuditReport]) -> AuditReport:
    """Return the report of a chain that holds."""
    assert isinstance(outcome, Done), outcome
    return outcome.value


def problem(outcome: Outcome[AuditReport]) -> tuple[str, str]:
    """Return what is wrong with a chain."""
    assert isinstance(outcome, Refused), outcome
    return outcome.problems[0].code, outcome.problems[0].message


def tamper(database: Database, statement: str) -> None:
    """Change rows as somebody with all power over the database."""
    with database.connection("postgres") as connection:
        connection.execute("SET session_replication_role = replica")
        assert connection.execute(statement).rowcount > 0


@pytest.fixture
def chain(database: Database) -> Database:
    """A database with five sealed records of one workspace, ids 1 to 5."""
    append(database, "one", "two", "three", "four", "five")
    assert seal(database) == 5
    return database


def test_chain_holds(chain: Database) -> None:
    """An untouched chain verifies to its head and says what waits; sealing nothing changes it."""
    whole = report(verify_audit(chain.unit()))
    assert (whole.workspace, whole.sealed, whole.waiting) == (WORKSPACE, 5, 0)
    assert seal(chain) == 0
    append(chain, "six")
    later = report(verify_audit(chain.unit(), noted=whole.head))
    assert (later.sealed, later.waiting, later.head) == (5, 1, whole.head)


def test_empty_chain_holds(database: Database) -> None:
    """A workspace without commands has a chain of length zero."""
    assert report(verify_audit(database.unit())).sealed == 0


def test_chains_are_apart(chain: Database) -> None:
    """Each workspace has its own chain from number 1, and sees no other."""
    append(chain, "theirs", workspace=OTHER_WORKSPACE)
    append(chain, "six")
    assert seal(chain) == 2
    assert report(verify_audit(chain.unit(OTHER_WORKSPACE))).sealed == 1
    assert report(verify_audit(chain.unit())).sealed == 6


@pytest.mark.parametrize(
    "change",
    [
        "actor = 'somebody'",
        "recorded_at = recorded_at + interval '1 microsecond'",
        "command = 'Other'",
        "subject = 'other'",
        "input_digest = 'sha256:0'",
        """details = details || '{"count": 4}'""",
        "request_id = ''",
        "trace_id = ''",
    ],
)
def test_changed_record_is_found(chain: Database, change: str) -> None:
    """A change of any column of a sealed record is found at that record."""
    tamper(chain, f"UPDATE audit SET {change} WHERE id = 3")
    code, message = problem(verify_audit(chain.unit()))
    assert (code, "record 3, number 3" in message) == ("audit_changed", True)


def test_missing_record_is_found(chain: Database) -> None:
    """A sealed record that was taken out is named."""
    tamper(chain, "DELETE FROM audit WHERE id = 2")
    code, message = problem(verify_audit(chain.unit()))
    assert (code, "record 2, number 2" in message) == ("audit_missing", True)


def test_missing_link_is_found(chain: Database) -> None:
    """A record taken out together with its seal leaves a gap that is named."""
    tamper(chain, "DELETE FROM audit WHERE id = 4")
    tamper(chain, "DELETE FROM audit_seal WHERE audit_id = 4")
    code, message = problem(verify_audit(chain.unit()))
    assert (code, "number 4" in message) == ("audit_seal_missing", True)


def test_closed_gap_is_found(chain: Database) -> None:
    """A record and seal taken out, with the later numbers moved up, break the chain there."""
    tamper(chain, "DELETE FROM audit WHERE id = 2")
    tamper(chain, "DELETE FROM audit_seal WHERE audit_id = 2")
    for number in (3, 4, 5):
        tamper(chain, f"UPDATE audit_seal SET sequence = {number - 1} WHERE sequence = {number}")
    assert problem(verify_audit(chain.unit()))[0] == "audit_reordered"


def test_swapped_records_are_found(chain: Database) -> None:
    """Two records whose contents changed places are found at the first of them."""
    tamper(
        chain,
        "UPDATE audit AS a SET details = b.details, input_digest = b.input_digest"
        " FROM audit AS b WHERE (a.id, b.id) IN ((2, 4), (4, 2))",
    )
    code, message = problem(verify_audit(chain.unit()))
    assert (code, "record 2, number 2" in message) == ("audit_changed", True)


def test_swapped_seals_are_found(chain: Database) -> None:
    """Two seals that changed places are found at the first place."""
    for old, new in ((2, 99), (3, 2), (99, 3)):
        tamper(chain, f"UPDATE audit_seal SET sequence = {new} WHERE sequence = {old}")
    code, message = problem(verify_audit(chain.unit()))
    assert (code, "number 2" in message) == ("audit_reordered", True)


def test_first_record_counts(chain: Database) -> None:
    """The chain is verified from its very first record."""
    tamper(chain, "UPDATE audit SET actor = 'x' WHERE id = 1")
    assert "record 1, number 1" in problem(verify_audit(chain.unit()))[1]


def test_cut_end_is_found_by_a_noted_head(chain: Database) -> None:
    """A chain cut off at its end verifies in itself, but not against a head noted before."""
    head = report(verify_audit(chain.unit())).head
    tamper(chain, "DELETE FROM audit WHERE id = 5")
    tamper(chain, "DELETE FROM audit_seal WHERE audit_id = 5")
    assert report(verify_audit(chain.unit())).sealed == 4
    assert problem(verify_audit(chain.unit(), noted=head))[0] == "audit_head_missing"
    assert report(verify_audit(chain.unit(), noted=ChainHead(sequence=0, digest=""))).sealed == 4


def test_unsealed_record_cannot_hide(chain: Database) -> None:
    """A record that stands outside of the chain without waiting for it is found."""
    append(chain, "six")
    tamper(chain, "DELETE FROM audit_unsealed")
    assert problem(verify_audit(chain.unit()))[0] == "audit_unsealed"


def test_app_cannot_withhold_a_record(database: Database) -> None:
    """The app can neither take a record off the waiting list nor put a seal itself."""
    append(database, "one")
    for statement in (
        "DELETE FROM audit_unsealed",
        "INSERT INTO audit_unsealed VALUES ('test', 99)",
        "INSERT INTO audit_seal VALUES ('test', 1, 1, '', '')",
    ):
        with database.connection() as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute(statement)


def test_late_commit_is_sealed(database: Database) -> None:
    """A record that commits after one with a higher id was sealed is sealed in the next batch."""
    record = audit_record(
        Caller(workspace=WORKSPACE, actor="slow"), Note(text="slow"), subject="note", at=NEW_YEAR
    )
    with database.unit() as slow:
        slow.audit.append(record)  # has id 1, not committed
        append(database, "fast")
        assert seal(database) == 1
        slow.commit()
    assert seal(database) == 1
    assert report(verify_audit(database.unit())).sealed == 2
    with database.unit() as uow:
        assert [seal.audit_id for seal, _ in uow.audit.links(after=0, limit=9)] == [2, 1]


def test_sealers_take_turns(database: Database) -> None:
    """Sealers at work at once seal each record once, in one chain."""
    append(database, *[f"note {number}" for number in range(30)])
    with ThreadPoolExecutor(4) as threads:
        sealed = list(threads.map(lambda _: seal_audit(database.runner, limit=9), range(8)))
    assert sum(sealed) == 30
    assert report(verify_audit(database.unit())).sealed == 30


def test_rolled_back_commands_leave_no_gap(database: Database) -> None:
    """A command that left without a commit is not in the audit, and the chain does not miss it."""
    append(database, "one")
    record = audit_record(
        Caller(workspace=WORKSPACE, actor="x"), Note(text="gone"), subject="note", at=NEW_YEAR
    )
    with ExitStack() as stack:
        stack.enter_context(database.unit()).audit.append(record)
    append(database, "two")
    assert seal(database) == 2
    assert report(verify_audit(database.unit())).sealed == 2
