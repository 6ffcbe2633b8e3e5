"""What letters on usage alerts say, whatever the language."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertWords:
    """
    The words of one language; braces hold what is filled in.

    Attributes:
        passed: with ``{feature}``, ``{value}`` and ``{thresholds}``.
        share: a value that has a limit, with ``{value}`` and ``{percent}``.
        near, reached: of the thresholds that nobody declared, with ``{feature}``, ``{percent}``.
        enforced: with ``{feature}``, by what becomes of use.
        severities, states: of the alerts of a list; who has responded.
        account to alert: stand before values.
        several: the subject of a list, with ``{count}`` and the ``{first}`` of it.
        more: what a list leaves out, with ``{count}``.
    """

    passed: str
    share: str
    near: str
    reached: str
    enforced: Mapping[str, str]
    severities: Mapping[str, str]
    states: Mapping[str, str]
    account: str
    feature: str
    used: str
    limit: str
    at: str
    alert: str
    several: str
    more: str
