"""API keys: made, checked, revoked."""

from tallystick.app.keys.ports import ApiKey, ApiKeys, Scope

__all__ = ["ApiKey", "ApiKeys", "Scope"]
