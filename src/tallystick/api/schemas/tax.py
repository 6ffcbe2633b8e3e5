"""Checks of tax numbers over the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec

from tallystick.app.tax import CheckTaxId
from tallystick.catalog import tax_rule_document
from tallystick.kernel import AccountKey
from tallystick.tax import EngineAnswer, TaxIdCheck, TaxIdState


class TaxIdOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A number to be checked; with `state`, what a person found out elsewhere."""

    account: Annotated[AccountKey, msgspec.Meta(examples=["acme"])]
    state: TaxIdState | None = None
    reference: str = ""


class TaxIdAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a register said of a number, and when; `message` tells why it could not be asked."""

    account: str
    tax_id: str
    state: TaxIdState
    checked_at: datetime
    source: str
    reference: str
    message: str


class TaxRulesOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose rules an engine outside is to be asked for; `account` is the payer."""

    legal_entity: Annotated[str, msgspec.Meta(examples=["main"])]
    account: Annotated[AccountKey, msgspec.Meta(examples=["acme"])]


class TaxRulesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What an engine said, and when; each rule as in a catalog."""

    legal_entity: str
    account: str
    engine: str
    reference: str
    answered_at: datetime
    rules: tuple[dict[str, Any], ...]


def wire_from_answer(order: TaxRulesOrder, answer: EngineAnswer) -> TaxRulesAnswer:
    """Return an engine's answer as it goes over the wire."""
    return TaxRulesAnswer(
        legal_entity=order.legal_entity,
        account=order.account,
        engine=answer.engine,
        reference=answer.reference,
        answered_at=answer.answered_at,
        rules=tuple(tax_rule_document(rule) for rule in answer.rules),
    )


def check_from_wire(order: TaxIdOrder) -> CheckTaxId:
    """Return the command that an order asks for."""
    return CheckTaxId(account=order.account, state=order.state, reference=order.reference)


def wire_from_check(account: str, check: TaxIdCheck) -> TaxIdAnswer:
    """Return a check as it goes over the wire."""
    return TaxIdAnswer(
        account=account,
        tax_id=check.tax_id,
        state=check.state,
        checked_at=check.checked_at,
        source=check.source,
        reference=check.reference,
        message=check.message,
    )
