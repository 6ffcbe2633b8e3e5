"""Checks of tax numbers over the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

from tallystick.app.tax import CheckTaxId
from tallystick.kernel import AccountKey
from tallystick.tax import TaxIdCheck, TaxIdState


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
