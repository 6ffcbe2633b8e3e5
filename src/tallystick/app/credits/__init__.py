"""Credit that accounts hold: given, used, voided, settled; what is left of it."""

from tallystick.app.credits.booking import Booked, book, book_lapses, book_uses
from tallystick.app.credits.grant_credit import GrantCredit, grant_credit, ordered_grant
from tallystick.app.credits.ports import CreditEndings, CreditStore, TopUpStore
from tallystick.app.credits.read_credit import (
    CreditBalance,
    HeldGrant,
    list_grants,
    list_transactions,
    read_balance,
)
from tallystick.app.credits.settle_credit import SettleCredit, settle_credit
from tallystick.app.credits.transfer_credit import TransferCredit, transfer_credit
from tallystick.app.credits.use_credit import (
    BurnCredit,
    GiveCreditBack,
    burn_credit,
    give_credit_back,
)
from tallystick.app.credits.void_credit import VoidCredit, void_credit
from tallystick.credits import Booking, BookingKind

__all__ = [
    "Booked",
    "Booking",
    "BookingKind",
    "BurnCredit",
    "CreditBalance",
    "CreditEndings",
    "CreditStore",
    "GiveCreditBack",
    "GrantCredit",
    "HeldGrant",
    "SettleCredit",
    "TopUpStore",
    "TransferCredit",
    "VoidCredit",
    "book",
    "book_lapses",
    "book_uses",
    "burn_credit",
    "give_credit_back",
    "grant_credit",
    "list_grants",
    "list_transactions",
    "ordered_grant",
    "read_balance",
    "settle_credit",
    "transfer_credit",
    "void_credit",
]
