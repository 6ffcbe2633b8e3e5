"""Use cases of payments: record, refund, allocate, give up; how a payer stands."""

from tallystick.app.payments.allocate_money import AllocateMoney, allocate_money
from tallystick.app.payments.forfeit_credit import ForfeitCredit, forfeit_credit
from tallystick.app.payments.ports import (
    Drawn,
    KnownPayment,
    MoneyStore,
    PaymentStore,
    Purse,
    RecordedMove,
    Repaid,
    Surplus,
)
from tallystick.app.payments.read_payments import (
    PayerStanding,
    list_payments,
    show_payment,
    show_standing,
)
from tallystick.app.payments.record_payment import NamedDocument, RecordPayment, record_payment
from tallystick.app.payments.refund_payment import RefundPayment, refund_payment
from tallystick.app.payments.settle_issued import (
    IssuedDocument,
    Settlement,
    carry_out,
    plan_settlement,
)

__all__ = [
    "AllocateMoney",
    "Drawn",
    "ForfeitCredit",
    "IssuedDocument",
    "KnownPayment",
    "MoneyStore",
    "NamedDocument",
    "PayerStanding",
    "PaymentStore",
    "Purse",
    "RecordPayment",
    "RecordedMove",
    "RefundPayment",
    "Repaid",
    "Settlement",
    "Surplus",
    "allocate_money",
    "carry_out",
    "forfeit_credit",
    "list_payments",
    "plan_settlement",
    "record_payment",
    "refund_payment",
    "show_payment",
    "show_standing",
]
