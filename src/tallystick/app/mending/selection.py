"""Which letters a command means: by their numbers, or by what they have in common."""

from dataclasses import dataclass, field, replace

from tallystick.app.dead_letters import DeadLetter, LetterFilter, LetterState
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import Done, Outcome, refuse

LETTERS_MAX = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """
    Letters that wait.

    Attributes:
        ids: their numbers; empty: those of the filter.
        wanted: what they have in common; its state is not looked at.
        limit: at most so many of them, the newest first.
    """

    ids: tuple[int, ...] = ()
    wanted: LetterFilter = field(default_factory=LetterFilter)
    limit: int = LETTERS_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """The letters of a selection, by number, and whether others of it wait behind them."""

    letters: tuple[DeadLetter, ...]
    more: bool


def select_letters(selection: Selection, uow: UnitOfWork) -> Outcome[Selected]:
    """
    Return the letters that are meant and still wait; call it inside of the unit of work.

    Problems:
        wrong_value: more than 1,000.
        not_found: a number that no letter has (field ``ids[i]``).
    """
    if len(selection.ids) > LETTERS_MAX or not 1 <= selection.limit <= LETTERS_MAX:
        return refuse("wrong_value", f"1 to {LETTERS_MAX} letters at a time", "ids")
    if not selection.ids:
        wanted = replace(selection.wanted, state=LetterState.WAITING)
        found = uow.dead_letters.page(before=None, limit=selection.limit + 1, wanted=wanted)
        more = len(found) > selection.limit
        letters = sorted(found[: selection.limit], key=lambda letter: letter.id)
        return Done(Selected(letters=tuple(letters), more=more))
    known = {letter.id: letter for letter in uow.dead_letters.load(selection.ids)}
    for index, number in enumerate(selection.ids):
        if number not in known:
            return refuse("not_found", f"there is no dead letter {number}", f"ids[{index}]")
    waiting = [letter for letter in known.values() if letter.state is LetterState.WAITING]
    return Done(Selected(letters=tuple(waiting), more=False))
