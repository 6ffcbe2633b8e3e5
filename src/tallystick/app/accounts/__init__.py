"""Use cases that read accounts and resources."""

from tallystick.app.accounts.payer_of import accounts_of_payers, path_to_payer, payer_of_account
from tallystick.app.accounts.ports import AccountStore, PayerStore
from tallystick.app.accounts.read_accounts import get_account, list_accounts, list_resources

__all__ = [
    "AccountStore",
    "PayerStore",
    "accounts_of_payers",
    "get_account",
    "list_accounts",
    "list_resources",
    "path_to_payer",
    "payer_of_account",
]
