"""Reads a change of a contract that is asked for, as a catalog file is read."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tallystick.app.subscriptions.agreed import AgreeChange
from tallystick.catalog import (
    Catalog,
    ContractChange,
    Documents,
    Subscription,
    catalog_from_documents,
    plan_catalog,
    subscription_document,
)
from tallystick.invoicing import Basis
from tallystick.kernel import Done, Outcome, Problem, Refused, instant_text, refuse

# Fees are told around the change: counting periods up to it must come to an end.
_AHEAD_MAX = timedelta(days=3_660)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """A subscription, and what is needed to read a change of it."""

    known: Catalog
    subscription: Subscription
    basis: Basis
    actor: str
    now: datetime


def changed_contract(
    command: AgreeChange, contract: Contract, *, at: datetime
) -> Outcome[Subscription]:
    """
    Return the subscription as it would be, read like a catalog file: what stands is kept.

    Args:
        command: what is asked for.
        contract: of which.
        at: when it takes effect, unless the change names an instant.

    Problems:
        too_far_ahead: the change would take effect in more than ten years.
        Those of a catalog document, with the path below the change.
    """
    documents = _documents(command, contract, at=at)
    outcome = plan_catalog(documents, stored=contract.known, at=contract.now)
    if isinstance(outcome, Refused):
        return Refused(tuple(_below_the_change(problem) for problem in outcome.problems))
    stores = outcome.value.stores.subscriptions
    changed = stores.get(command.subscription, contract.subscription)
    if any(change.at > contract.now + _AHEAD_MAX for change in new_in(contract, changed)):
        return refuse("too_far_ahead", "a change lies at most ten years ahead", "at")
    return Done(changed)


def new_in(contract: Contract, after: Subscription) -> tuple[ContractChange, ...]:
    """Return the changes that a contract did not have before."""
    return tuple(one for one in after.changes if one not in contract.subscription.changes)


def _documents(command: AgreeChange, contract: Contract, *, at: datetime) -> Documents:
    """Return the contract's document with what is asked for, at an instant unless it names one."""
    document = subscription_document(contract.subscription)
    if command.change:
        document["changes"] = [{"at": instant_text(at), **_signed(command.change, contract.actor)}]
    else:
        document["end"] = instant_text(at)
    return Documents(lists={"subscriptions": [document]})


def repeated(
    command: AgreeChange, contract: Contract, *, at: datetime
) -> tuple[ContractChange, ...]:
    """Return the change that is asked for where it stands already; nothing is new then."""
    documents = _documents(command, contract, at=at)
    read = catalog_from_documents(documents, stored=contract.known, at=contract.now)
    if isinstance(read, Refused) or not command.change:
        return ()
    asked = read.value.subscriptions[command.subscription].changes
    return tuple(one for one in asked if one in contract.subscription.changes)


def _signed(change: Mapping[str, object], actor: str) -> dict[str, object]:
    """Return a change whose amounts by hand say who set them."""
    amounts = change.get("amounts")
    if not isinstance(amounts, list):
        return dict(change)
    return {**change, "amounts": [{**each, "by": actor} for each in amounts]}


def _below_the_change(problem: Problem) -> Problem:
    for prefix in ("subscriptions[0].changes[0].", "subscriptions[0]."):
        if problem.field.startswith(prefix):
            return replace(problem, field=problem.field.removeprefix(prefix))
    return problem
