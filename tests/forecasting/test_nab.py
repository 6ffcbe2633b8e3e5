"""Anomalies in real, labelled series, beside two rules that are in use."""

import sys
from pathlib import Path

import pytest

from tests.forecasting.nab import RULES, Labelled, Score, read_series, score

PAGE = Path(__file__).resolve().parents[2] / "docs" / "quotas" / "anomalies.md"
HEAD = "| | found | missed | false | F1 | half | other half | F1 by values |"


def line(name: str, whole: Score, halves: list[Score]) -> str:
    """Return a row of the table as the page shows it."""
    figures = [
        *(str(each) for each in (whole.found, whole.missed, whole.false)),
        f"{whole.f1:.2f}",
        *(f"{half.f1:.2f}" for half in halves),
        f"{whole.f1_by_values:.2f}",
    ]
    return f"| {name} | {' | '.join(figures)} |"


@pytest.mark.shared
def test_anomalies_are_found_better_than_by_plain_rules(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """F1 is above a rolling 3-sigma rule and the mean plus 30 %, on the whole and on each half."""
    series = read_series()
    assert (len(series), sum(len(one.windows) for one in series)) == (17, 30)
    parts: list[list[Labelled]] = [series, series[::2], series[1::2]]
    scores: dict[str, list[Score]] = {}
    for name, rule in RULES.items():
        flagged = {one.name: rule(one.values) for one in series}
        scores[name] = [score(part, flagged) for part in parts]
    rows = [line(name, found[0], found[1:]) for name, found in scores.items()]
    with capsys.disabled():
        sys.stdout.write("\n".join(["", HEAD, *rows, ""]))
    own, *others = scores.values()
    for other in others:
        for mine, theirs in zip(own, other, strict=True):
            assert mine.f1 > theirs.f1
            assert mine.f1_by_values > theirs.f1_by_values
    text = PAGE.read_text(encoding="utf-8")
    assert [row for row in (HEAD, *rows) if row not in text] == []
