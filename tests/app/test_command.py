"""Guarantee 8: the same command sent twice has one effect and one answer."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from threading import Barrier, Event

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tallystick.app import Caller, missing_scope, remember, remembered
from tallystick.app.carrying_out import (
    Decided,
    Effect,
    Kept,
    Preview,
    Unchanged,
    carried_out,
)
from tallystick.kernel import Done, Misuse, Outcome, Refused, WorkspaceId, refuse
from tests.clock import NEW_YEAR
from tests.databases import OTHER_WORKSPACE, WORKSPACE, Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A command for tests: its effect is an audit row."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherNote:
    """Another command with the same content."""

    text: str


def caller(key: str | None, workspace: WorkspaceId = WORKSPACE) -> Caller:
    """Return a caller who sends an idempotency key."""
    return Caller(workspace=workspace, actor="test", idempotency_key=key)


@dataclass(slots=True)
class Notes:
    """The use case of the tests: writes a note and answers with a running number."""

    database: Database
    numbers: Iterator[int] = field(default_factory=count)

    def write(self, command: object, *, key: str | None, keep: bool = True) -> Outcome[bytes]:
        """Write a note, or only try it."""

        def decide() -> Decided[bytes]:
            answer = str(next(self.numbers)).encode()
            if not keep:
                return Preview(answer=answer)
            return Effect(answer=answer, subject="note", at=NEW_YEAR)

        return self.send(command, decide, key=key)

    def send(
        self, command: object, decide: Callable[[], Decided[bytes]], *, key: str | None
    ) -> Outcome[bytes]:
        """Carry a command out in a unit of work of its own."""
        uow, kept = self.database.unit(), Kept(write=bytes, read=Done)
        return carried_out(command, decide, caller=caller(key), uow=uow, kept=kept)

    def effects(self) -> int:
        """Return how many notes were written."""
        with self.database.unit() as uow:
            return uow.audit.waiting()


@pytest.fixture
def notes(database: Database) -> Notes:
    """The use case on a database of its own."""
    return Notes(database)


def test_same_command_same_answer(notes: Notes) -> None:
    """A repeat gets the first answer and has no effect."""
    first = notes.write(Note(text="a"), key="k")
    assert notes.write(Note(text="a"), key="k") == first == Done(b"0")
    assert notes.effects() == 1


def test_no_key_no_memory(notes: Notes) -> None:
    """Without a key, every sending is a new command."""
    assert notes.write(Note(text="a"), key=None) != notes.write(Note(text="a"), key=None)
    assert notes.effects() == 2


@pytest.mark.parametrize("other", [Note(text="b"), OtherNote(text="a")])
def test_key_used_for_something_else(notes: Notes, other: object) -> None:
    """The key of another input, or of another command, is a conflict without effect."""
    notes.write(Note(text="a"), key="k")
    refused = notes.write(other, key="k")
    assert isinstance(refused, Refused)
    assert [(p.code, p.field) for p in refused.problems] == [
        ("idempotency_conflict", "idempotency_key")
    ]
    assert notes.effects() == 1


@pytest.mark.parametrize("key", ["", "x" * 201, "nul\0", "line\nbreak"])
def test_keys_are_short_and_printable(notes: Notes, key: str) -> None:
    """A key that could not be kept is refused before it reaches the database."""
    refused = notes.write(Note(text="a"), key=key)
    assert isinstance(refused, Refused)
    assert refused.problems[0].code == "idempotency_key_invalid"


def test_key_stays_free_without_commit(notes: Notes) -> None:
    """A command that left without a commit has not used up its key, not even for other input."""
    notes.write(Note(text="a"), key="k", keep=False)
    assert notes.write(Note(text="b"), key="k") == Done(b"1")
    assert notes.effects() == 1


def test_refused_leaves_nothing(notes: Notes) -> None:
    """A refused command is not audited, and its key is free for another."""

    def decide() -> Decided[bytes]:
        return refuse("too_late", "the period is closed")

    assert isinstance(notes.send(Note(text="a"), decide, key="k"), Refused)
    assert notes.effects() == 0
    assert notes.write(Note(text="b"), key="k") == Done(b"0")


def test_unchanged_is_remembered_and_not_audited(notes: Notes) -> None:
    """A command that finds what it wants is answered the same way again, and leaves no record."""
    found = notes.send(Note(text="a"), lambda: Unchanged(answer=b"stands"), key="k")
    assert found == Done(b"stands") == notes.write(Note(text="a"), key="k")
    assert notes.effects() == 0


def test_keys_belong_to_a_workspace(database: Database) -> None:
    """The same key in another workspace is another key."""
    for workspace in (WORKSPACE, OTHER_WORKSPACE):
        with database.unit(workspace) as uow:
            assert remembered(uow, caller("k", workspace), Note(text="a")) == Done(None)
            remember(uow, caller("k", workspace), Note(text="a"), b"")
            uow.commit()


def test_caller_stays_in_his_workspace(database: Database) -> None:
    """A caller of one workspace in a unit of work of another is misuse."""
    with database.unit(OTHER_WORKSPACE) as uow, pytest.raises(Misuse):
        remembered(uow, caller("k"), Note(text="a"))


def test_commit_needs_the_answer(database: Database) -> None:
    """A key taken without an answer cannot be committed: the repeat would have none to give."""
    with database.unit() as uow:
        remembered(uow, caller("k"), Note(text="a"))
        with pytest.raises(Misuse, match="'k'"):
            uow.commit()


def test_concurrent_repeats(notes: Notes) -> None:
    """Eight threads sending the same command at once make one effect and get one answer."""
    start = Barrier(8)

    def send(key: str) -> Outcome[bytes]:
        start.wait()
        return notes.write(Note(text=key), key=key)

    with ThreadPoolExecutor(8) as threads:
        for key in ("k1", "k2", "k3", "k4", "k5"):
            answers = list(threads.map(send, [key] * 8))
            assert len({answer.value for answer in answers if isinstance(answer, Done)}) == 1
            assert len(answers) == 8
    assert notes.effects() == 5


def test_the_second_takes_over(notes: Notes) -> None:
    """A command that waits on one that then leaves without a commit goes on in its place."""
    taken, leave = Event(), Event()

    def give_up() -> None:
        with notes.database.unit() as uow:
            remembered(uow, caller("k"), Note(text="a"))
            taken.set()
            leave.wait()

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(give_up)
        taken.wait()
        second = threads.submit(notes.write, Note(text="a"), key="k")
        _await_blocked(notes.database)
        assert not second.done()
        leave.set()
        first.result()
        assert second.result() == Done(b"0")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(steps=st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xyz"), st.booleans())))
def test_memory_against_a_dictionary(notes: Notes, steps: list[tuple[str, str, bool]]) -> None:
    """Any sequence of commands answers as a dictionary of first committed answers would."""
    run = next(notes.numbers)
    kept: dict[str, tuple[str, Outcome[bytes]]] = {}
    for key, text, keep in steps:
        answer = notes.write(Note(text=text), key=f"{run}{key}", keep=keep)
        if key not in kept:
            assert isinstance(answer, Done)
            if keep:
                kept[key] = (text, answer)
        elif kept[key][0] == text:
            assert answer == kept[key][1]
        else:
            assert isinstance(answer, Refused)


def test_admin_holds_every_scope() -> None:
    """`admin` includes the other scopes; a missing one is a problem that names it."""
    nobody = Caller(workspace=WORKSPACE, actor="x", scopes=frozenset({"read"}))
    admin = Caller(workspace=WORKSPACE, actor="x", scopes=frozenset({"admin"}))
    assert missing_scope(nobody, "read") is None
    assert missing_scope(admin, "billing") is None
    problem = missing_scope(nobody, "billing")
    assert problem is not None
    assert "billing" in problem.message


def _await_blocked(database: Database) -> None:
    """Return when a transaction waits for another's row."""
    question = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    with database.connection("postgres") as connection:
        while connection.execute(question).fetchone() == (0,):
            pass
