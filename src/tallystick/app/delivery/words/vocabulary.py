"""What letters on usage alerts say, whatever the language."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyWords:
    """
    What is said of money, and of what is expected; amounts come as the language writes them.

    Attributes:
        spend, budget: with ``{of}``, ``{value}`` and ``{thresholds}``; a budget with its
            ``{limit}`` and ``{percent}`` of it.
        credit, credit_share: with what is left as ``{value}``; ``{percent}`` of what was granted.
        usage_ahead, budget_ahead, credit_ahead: with ``{projected}``, and behind it ``{day}``: one
            of the two that follow, or nothing.
        reached_on, used_up_on: with the ``{day}``.
        projected, every: a ``{threshold}`` that is held against what is expected, or that recurs.
    """

    spend: str
    budget: str
    credit: str
    credit_share: str
    usage_ahead: str
    budget_ahead: str
    credit_ahead: str
    reached_on: str
    used_up_on: str
    projected: str
    every: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecliningWords:
    """
    What is said to whoever may decline further letters.

    Attributes:
        line: the last one of a letter, with the ``{url}``.
        title, question, kept, button: of the page that asks; ``kept`` says what goes on.
        done: of the page behind it.
    """

    line: str
    title: str
    question: str
    kept: str
    button: str
    done: str


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
        unanswered: the subject of a further step, with ``{minutes}`` and what it is about, ``{first}``.
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
    unanswered: str
    money: MoneyWords
    declining: DecliningWords
