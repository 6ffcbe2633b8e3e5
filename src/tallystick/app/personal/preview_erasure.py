"""Tells what an erasure would take, and in how many events it stands; changes nothing."""

from dataclasses import dataclass

from tallystick.app.command import Caller, missing_scope
from tallystick.app.keys import Scope
from tallystick.app.personal.choose_values import Whose, choice_of, holding
from tallystick.app.personal.find_letters import letters_of
from tallystick.app.personal.ports import EventSpan, PersonalEvents, UseGroup
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import Done, Outcome, Problem, Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasedPath:
    """What would be erased at one path of one type, and the events that bear it."""

    uses: UseGroup
    events: EventSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasurePreview:
    """
    What an erasure would take.

    Attributes:
        paths: by type and path.
        letters: how many dead letters would go.
        left_out: resources of the account that others owned too.
        held: why nothing may be erased now; None: it may.
    """

    paths: tuple[ErasedPath, ...]
    letters: int
    left_out: tuple[str, ...]
    held: Problem | None


def preview_erasure(
    whose: Whose, *, caller: Caller, uow: UnitOfWork, events: PersonalEvents
) -> Outcome[ErasurePreview]:
    """
    Return what an erasure would take.

    Problems:
        forbidden: the caller does not hold the scope ``admin``.
        Those of `choice_of`.
    """
    unpermitted = missing_scope(caller, Scope.ADMIN)
    if unpermitted is not None:
        return Refused((unpermitted,))
    with uow:
        choice = choice_of(whose, uow)
        if isinstance(choice, Refused):
            return choice
        chosen = choice.value.chosen
        paths = tuple(
            ErasedPath(
                uses=group,
                events=events.bearing(
                    uow.workspace,
                    group,
                    subjects=chosen.subjects,
                    pseudonyms=uow.erasures.pseudonyms_of(chosen, group),
                ),
            )
            for group in uow.erasures.groups(chosen)
        )
        return Done(
            ErasurePreview(
                paths=paths,
                letters=len(letters_of(uow, chosen)),
                left_out=choice.value.left_out,
                held=holding(chosen, uow),
            )
        )
