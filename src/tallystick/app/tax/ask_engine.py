"""Asks an engine outside which tax rules hold for an account, and keeps the answer as a fact."""

from dataclasses import dataclass
from datetime import date, timedelta

from tallystick.accounts import compact_tax_number
from tallystick.app.carrying_out import Decided, Effect, as_json, carried_out
from tallystick.app.clock import Clock
from tallystick.app.command import Caller, missing_scope
from tallystick.app.tax.ports import TaxEngine
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import (
    AccountKey,
    Done,
    Outcome,
    Refused,
    refuse,
)
from tallystick.tax import EngineAnswer, TaxQuestion, buyer_of, seller_of

# Late usage may have its tax point long ago; what was issued keeps its taxes anyway.
DAYS_BACK = 400
DAYS_AHEAD = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class AskTaxEngine:
    """Ask which rules hold between a legal entity and a payer."""

    legal_entity: str
    account: AccountKey


def ask_tax_engine(
    command: AskTaxEngine, *, caller: Caller, uow: UnitOfWork, engine: TaxEngine, clock: Clock
) -> Outcome[EngineAnswer]:
    """
    Ask the engine, keep what it said, and return it; documents drafted from now on go by it.

    The engine is asked while no transaction is open. An answer that cannot be had or read leaves
    the one before in force.

    Problems:
        forbidden: the caller lacks the scope ``billing``.
        unknown_legal_entity, unknown_account: there is none of this key.
        no_tax_engine: the legal entity does not take its rules from an engine.
        Those of `TaxEngine.rules_for` and of an idempotency key.
    """
    unpermitted = missing_scope(caller, "billing")
    if unpermitted is not None:
        return Refused((unpermitted,))
    now = clock.now()
    with uow:
        question = _question(command, uow, today=now.date())
    if isinstance(question, Refused):
        return question
    answer = engine.rules_for(question.value, at=now)
    if isinstance(answer, Refused):
        return answer

    def decide() -> Decided[EngineAnswer]:
        uow.tax_answers.add(command.legal_entity, command.account, answer.value)
        subject = f"account:{command.account}"
        details = {
            "legal_entity": command.legal_entity,
            "engine": answer.value.engine,
            "reference": answer.value.reference,
            "rules": len(answer.value.rules),
        }
        return Effect(answer=answer.value, subject=subject, at=now, details=details)

    return carried_out(command, decide, caller=caller, uow=uow, kept=as_json(EngineAnswer))


def _question(command: AskTaxEngine, uow: UnitOfWork, *, today: date) -> Outcome[TaxQuestion]:
    definitions = uow.catalog.load_definitions()
    entity = definitions.legal_entities.get(command.legal_entity)
    if entity is None:
        message = f"there is no legal entity {command.legal_entity}"
        return refuse("unknown_legal_entity", message, "legal_entity")
    if not entity.tax_engine:
        message = f"legal entity {entity.key} does not take its tax rules from an engine"
        return refuse("no_tax_engine", message, "legal_entity")
    account = uow.accounts.load_account(command.account)
    if account is None:
        return refuse("unknown_account", f"there is no account {command.account}", "account")
    number = compact_tax_number(account.tax.tax_id)
    sold = (price for plan in definitions.plan_versions.values() for price in plan.prices)
    return Done(
        TaxQuestion(
            seller=seller_of(entity),
            buyer=buyer_of(account, uow.tax_ids.answered(number) if number else None),
            address=account.contact.address,
            products=tuple(sorted({price.tax_category for price in sold})),
            since=today - timedelta(days=DAYS_BACK),
            until=today + timedelta(days=DAYS_AHEAD),
        )
    )
