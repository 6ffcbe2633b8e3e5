"""API keys: made, checked, listed, revoked."""

from tallystick.app.keys.authenticate import authenticate
from tallystick.app.keys.create_key import CreatedKey, CreateKey, create_key
from tallystick.app.keys.list_keys import list_keys
from tallystick.app.keys.ports import ApiKey, ApiKeys, Scope
from tallystick.app.keys.revoke_key import RevokeKey, revoke_key
from tallystick.app.keys.token import Token, new_token, token_from_text

__all__ = [
    "ApiKey",
    "ApiKeys",
    "CreateKey",
    "CreatedKey",
    "RevokeKey",
    "Scope",
    "Token",
    "authenticate",
    "create_key",
    "list_keys",
    "new_token",
    "revoke_key",
    "token_from_text",
]
