"""Charts of documents: texts stay texts, places follow from values, the mirror image."""

from dataclasses import replace
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest

from tallystick.integrations.charts import (
    Columns,
    Part,
    Sheet,
    Spec,
    chart_svg,
    columns_spec,
    parts_spec,
)

SHEET = Sheet(accent="#1d5c63", font="Noto Sans, sans-serif")
HOSTILE = "</text><script>alert(1)</script> &amp; datum.at {signal} http://a.example/x.svg \"'"
DAYS = Columns(
    values=(Decimal(3), Decimal("0.5"), Decimal(2)),
    labels={0: "Jan 1", 1: "Jan 2", 2: "Jan 3"},
    highest="3 calls",
)
PARTS = (
    Part(name="cpu", amount="10.00", value=Decimal(10)),
    Part(name="credit", amount="-2.00", value=Decimal(-2)),
    Part(name="3 others", amount="1.00", value=Decimal(1), is_rest=True),
)
SVG = "{http://www.w3.org/2000/svg}"


def drawn(spec: Spec) -> ET.Element:
    """Return the drawing of a spec."""
    return ET.fromstring(chart_svg(spec))  # noqa: S314 - our own


def texts(spec: Spec) -> list[str]:
    """Return the texts of a drawing."""
    return [text.text or "" for text in drawn(spec).iter(f"{SVG}text")]


def shapes(spec: Spec) -> list[tuple[str, str]]:
    """Return fill and outline of the bars of a drawing, in their order."""
    return [
        (path.attrib["fill"], path.attrib["d"])
        for path in drawn(spec).iter(f"{SVG}path")
        if "fill" in path.attrib and path.attrib.get("class") != "background"
    ]


@pytest.mark.parametrize("text", [HOSTILE, "datum.at", "a\nb", "é 日本 عربي", "100%"])
def test_texts_stay_texts(text: str) -> None:
    """Whatever a text holds, it is drawn as it is; nothing else comes of it."""
    columns = Columns(values=(Decimal(1), Decimal(2)), labels={0: text}, highest=text)
    part = Part(name=text, amount=text, value=Decimal(1))
    for spec in (columns_spec(columns, SHEET), parts_spec((part, part), SHEET)):
        found = drawn(spec)
        assert text in [one.text for one in found.iter(f"{SVG}text")]
        assert {one.tag for one in found.iter()} <= {
            f"{SVG}{tag}" for tag in ("svg", "g", "path", "text", "line", "rect")
        }


def test_places_follow_from_values_alone() -> None:
    """Longer texts and other fonts move nothing: no machine measures them."""
    other = replace(DAYS, labels={0: "a very long label"}, highest="a very long one, too")
    far = replace(SHEET, font="serif")
    assert shapes(columns_spec(DAYS, SHEET)) == shapes(columns_spec(other, far))
    wide = tuple(replace(part, name=part.name * 9) for part in PARTS)
    assert shapes(parts_spec(PARTS, SHEET)) == shapes(parts_spec(wide, far))


def test_columns_are_as_high_as_their_values() -> None:
    """3, 0.5 and 2 are drawn 90, 15 and 60 high."""
    boxes = [outline for _, outline in shapes(columns_spec(DAYS, SHEET))]
    heights = [Decimal(box.partition("v")[2].partition("h")[0]) for box in boxes]
    assert [round(height, 6) for height in heights] == [90, 15, 60]


def test_the_marked_column_is_darker() -> None:
    """One document among others differs by more than its place, and has its amount above it."""
    spec = columns_spec(replace(DAYS, marked=(2, "2.00")), SHEET)
    assert [fill for fill, _ in shapes(spec)] == ["#c3cad1", "#c3cad1", "#1d5c63"]
    assert "2.00" in texts(spec)


def test_what_takes_off_stands_on_the_other_side() -> None:
    """A negative part begins at 0 and goes the other way; the rest is lighter."""
    first, second, third = shapes(parts_spec(PARTS, SHEET))
    assert [fill for fill, _ in (first, second, third)] == ["#1d5c63", "#1d5c63", "#c3cad1"]
    zero = Decimal(340) * 2 / 12
    assert second[1].startswith("M0,")
    assert first[1].startswith(f"M{zero:.3f}"[:6])


def test_read_from_the_right_it_is_the_mirror_image() -> None:
    """The first column, the first label and the highest stand at the right."""
    mirrored = replace(SHEET, right_to_left=True)
    left, right = (shapes(columns_spec(DAYS, sheet)) for sheet in (SHEET, mirrored))
    starts = [Decimal(outline[1:].partition(",")[0]) for _, outline in left]
    mirror = [Decimal(outline[1:].partition(",")[0]) for _, outline in right]
    assert starts == sorted(starts)
    assert mirror == sorted(mirror, reverse=True)
    anchors = {
        one.text: one.attrib["text-anchor"]
        for one in drawn(columns_spec(DAYS, mirrored)).iter(f"{SVG}text")
    }
    assert (anchors["3 calls"], anchors["Jan 1"], anchors["Jan 3"]) == ("end", "end", "start")


@pytest.mark.parametrize("right_to_left", [False, True])
def test_a_level_is_what_it_was_on_each_day(*, right_to_left: bool) -> None:
    """A level of 3, 0.5 and 2 is a line of steps, each as long as its day."""
    sheet = replace(SHEET, right_to_left=right_to_left)
    spec = columns_spec(replace(DAYS, is_level=True), sheet)
    (line,) = (
        one.attrib["d"]
        for one in drawn(spec).iter(f"{SVG}path")
        if one.attrib.get("stroke") == "#1d5c63"
    )
    points = [tuple(map(float, point.split(","))) for point in line[1:].split("L")]
    third = 340 / 3
    places = [(0, 16), (third, 16), (third, 91), (2 * third, 91), (2 * third, 46), (340, 46)]
    if right_to_left:
        places = sorted(((340 - x, y) for x, y in places), key=lambda place: place[0])
    seen = list(dict.fromkeys(points))
    assert {(round(x, 1), y) for x, y in seen} == {(round(x, 1), y) for x, y in places}


def test_the_same_values_give_the_same_bytes() -> None:
    """Drawn again it is the same to the byte; another value is seen."""
    again = replace(DAYS, values=(Decimal(3), Decimal("0.5"), Decimal("2.00")))
    other = replace(DAYS, values=(Decimal(3), Decimal("0.5"), Decimal("2.1")))
    one, same, changed = (chart_svg(columns_spec(each, SHEET)) for each in (DAYS, again, other))
    assert one == same
    assert one != changed
