"""What all charts have in common: colours, the frame of a spec, and how a spec is written down."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec

Spec = dict[str, Any]
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
_ENCODER = msgspec.json.Encoder(decimal_format="number")


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """
    Colours of a chart.

    What has to be told apart differs in lightness too: for eyes that see no colours, and in print.
    """

    text: str
    grid: str
    first: str
    second: str


THEMES = {
    "light": Theme(text="#6b6257", grid="#e9e1d6", first="#b45f1a", second="#2f7f86"),
    "dark": Theme(text="#a89f92", grid="#39332c", first="#f0a04b", second="#5cc0c7"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """
    What a chart in a document is drawn on; its size follows from what it shows, never from fonts.

    Attributes:
        accent: the colour of what it is about, ``#rrggbb``.
        font: families by name, in the order in which they are tried.
        right_to_left: whether it is read from the right: then it is the mirror image.
    """

    accent: str
    font: str
    right_to_left: bool = False

    @property
    def theme(self) -> Theme:
        """Return colours that a print in black and white keeps apart."""
        return Theme(text="#3c444d", grid="#c9d0d6", first=self.accent, second="#c3cad1")

    def across(self, least: Decimal, most: Decimal, width: int) -> Spec:
        """Return the scale from one side to the other, in the direction of reading."""
        places = [width, 0] if self.right_to_left else [0, width]
        return {"domain": [least, most], "range": places, "nice": False, "zero": False}

    def aligned(self, at: str) -> str:
        """Return the name of a side as it is in the direction of reading."""
        mirrored = {"left": "right", "right": "left"}
        return mirrored.get(at, at) if self.right_to_left else at


def chart_json(spec: Spec) -> bytes:
    """Return a spec as JSON; decimals are written as numbers, with every digit."""
    return _ENCODER.encode(spec)


def sheet_spec(sheet: Sheet, layers: list[Spec], *, width: int, height: int) -> Spec:
    """Return the spec of a document's chart: layers over each other, in a frame of a fixed size."""
    return {
        "$schema": SCHEMA,
        "width": width,
        "height": height,
        "autosize": {"type": "none"},
        "padding": 0,
        "background": None,
        "layer": layers,
        "config": {
            "font": sheet.font,
            "aria": False,  # the document says in its own words what the chart shows
            "view": {"stroke": None},
        },
    }


def span_of(values: list[Decimal]) -> tuple[Decimal, Decimal]:
    """Return least and greatest of some values and 0, never the same."""
    least, most = min([*values, Decimal(0)]), max([*values, Decimal(0)])
    return least, most if most != least else least + 1
