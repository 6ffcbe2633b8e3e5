"""Declines letters for whoever holds the link of one, without any key."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tallystick.app.clock import Clock
from tallystick.app.command import Caller
from tallystick.app.keys import Scope
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.app.usage_alerts.declining import DeclineLetters, decline_letters
from tallystick.app.usage_alerts.letter_links import LetterLink, LetterLinks
from tallystick.kernel import AccountKey, Done, Outcome, WorkspaceId, refuse

BY_LINK = "letter"
"""Who declined, in the audit and in lists: nobody who has a key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkUse:
    """A link that somebody followed, in which request and trace."""

    link: LetterLink
    request_id: str = ""
    trace_id: str = ""


def decline_by_link(
    use: LinkUse,
    links: LetterLinks,
    *,
    units: Callable[[WorkspaceId], UnitOfWork],
    clock: Clock,
) -> Outcome[None]:
    """
    Note that the address of a link wants no letters on usage; again it changes nothing.

    The link says no address: it is found among those that are written to.

    Args:
        use: a link that `LetterLinks.read` returned.
        links: tell addresses.
        units: opens a unit of work in a workspace.
        clock: tells when.

    Problems:
        not_found: neither the account of the link nor a rule writes to its address any more.
    """
    link = use.link
    with units(link.workspace) as uow:
        found = next((one for one in _written_to(link, uow) if links.names(link, one)), None)
        if found is None:
            return refuse("not_found", "nobody writes to the address of this link any more")
        if uow.usage_alerts.declined.among([found]):
            return Done(None)
    caller = Caller(
        workspace=link.workspace,
        actor=BY_LINK,
        request_id=use.request_id,
        trace_id=use.trace_id,
        scopes=frozenset({Scope.QUOTA.value}),
    )
    command = DeclineLetters(address=found)
    told = decline_letters(command, caller=caller, uow=units(link.workspace), clock=clock)
    return Done(None) if isinstance(told, Done) else told


def _written_to(link: LetterLink, uow: UnitOfWork) -> Iterator[str]:
    account = uow.accounts.load_account(AccountKey(link.account)) if link.account else None
    if account is not None and account.contact.email:
        yield account.contact.email
    for one in uow.catalog.load_alert_rules():
        yield from one.rule.recipients
        for step in one.rule.steps:
            yield from step.recipients
