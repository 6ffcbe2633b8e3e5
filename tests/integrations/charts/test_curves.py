"""Charts, drawn as on the server."""

from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest

from tallystick.integrations.charts import chart_svg, curves_spec
from tallystick.web.series import SLOT_SECONDS, SLOTS

MINUTE = 1_767_603_660_000  # 2026-01-05T09:01:00Z
SECOND = 1000


def _time_labels(*, points: int, start: int) -> list[str]:
    """Return what stands under a chart of so many slots, from left to right."""
    drawn = curves_spec(
        "cpu",
        [
            {"name": "busy cores", "at": start + k * SLOT_SECONDS * SECOND, "value": Decimal("0.5")}
            for k in range(points)
        ],
        theme="light",
    )
    texts = ET.fromstring(chart_svg(drawn)).iter("{http://www.w3.org/2000/svg}text")  # noqa: S314 - our own
    return [text.text or "" for text in texts if ":" in (text.text or "")]


@pytest.mark.parametrize("start", [MINUTE, MINUTE + 25 * SECOND, MINUTE + 55 * SECOND])
@pytest.mark.parametrize("points", [1, 2, 3, 4, 7, 12, 20, 36, 50, 60, 90, SLOTS])
def test_labels_of_the_time_axis_are_distinct(points: int, start: int) -> None:
    """No instant is named twice under a chart, however short the stretch it shows."""
    labels = _time_labels(points=points, start=start)
    assert len(set(labels)) == len(labels)
    assert labels or points == 1


def test_full_minutes_are_named_without_seconds() -> None:
    """Seconds stand where they tell ticks apart, and nowhere else."""
    assert _time_labels(points=SLOTS, start=MINUTE) == [f"09:{k:02}" for k in range(1, 11)]
    short = _time_labels(points=13, start=MINUTE)
    assert short == ["09:01", "09:01:15", "09:01:30", "09:01:45", "09:02"]
