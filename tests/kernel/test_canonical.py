"""The one byte sequence of a value."""

import json
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.kernel import (
    Misuse,
    Money,
    canonical_json,
    canonical_struct,
    currency,
    digest,
    instant,
)


class Colour(StrEnum):
    """An enumeration with texts."""

    RED = "red"


class Wire(msgspec.Struct):
    """A Struct with fields out of order."""

    z: int
    a: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """A dataclass that keeps something computed beside its value."""

    width: int
    area: int = field(init=False)

    def __post_init__(self) -> None:
        """Compute what follows from the rest."""
        object.__setattr__(self, "area", self.width**2)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1, "a": None}, '{"a":null,"b":1}'),
        ({"é": 'ü\n"', "A": [True, False]}, '{"A":[true,false],"é":"ü\\n\\""}'),
        ({"B": 0, "a": 0, "_": 0}, '{"B":0,"_":0,"a":0}'),
        (Decimal("1.500"), '"1.5"'),
        (Decimal("-0.0"), '"0"'),
        (instant("2026-01-01T00:00:00+01:00"), '"2025-12-31T23:00:00.000000Z"'),
        (date(2026, 1, 31), '"2026-01-31"'),
        (Colour.RED, '"red"'),
        ({Colour.RED: 1}, '{"red":1}'),
        ((1, (2, [])), "[1,[2,[]]]"),
        (Wire(z=1, a=Decimal("2.0")), '{"a":"2","z":1}'),
        (Derived(width=3), '{"width":3}'),
        (
            Money(minor=5, currency=currency("USD")),
            '{"currency":{"code":"USD","exponent":2},"minor":5}',
        ),
        (10**30, str(10**30)),
    ],
)
def test_a_value_has_one_text(value: object, text: str) -> None:
    """Keys by code point, decimals and instants in their one form, None kept, nothing derived."""
    assert canonical_json(value) == text.encode()
    assert json.loads(canonical_json(value)) == json.loads(text)


@pytest.mark.parametrize(
    "value",
    [1.5, {1: 2}, {None: 1}, {"a"}, b"a", object(), Decimal("NaN"), "\ud800", Wire, {"a": [0.1]}],
)
def test_what_has_no_single_text_is_refused(value: object) -> None:
    """Binary fractions, sets, bytes, keys that are no text, lone surrogates, classes."""
    with pytest.raises(Misuse):
        canonical_json(value)


def test_the_order_of_insertion_does_not_show() -> None:
    """Equal mappings have equal bytes and digests."""
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    assert digest({"a": 1}) != digest({"a": 2})


def test_bytes_are_digested_as_they_are() -> None:
    """The digest of bytes is plain SHA-256, so that anybody can check it."""
    empty = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert digest(b"") == empty


class Shape(msgspec.Struct, omit_defaults=True):
    """A Struct as the wire shapes of documents are."""

    z: int
    text: str
    on: date
    colour: Colour
    listed: list[str | None]
    inner: "Shape | None" = None
    more: dict[str, object] = {}


TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@given(
    st.builds(
        Shape,
        z=st.integers(),
        text=TEXTS,
        on=st.dates(),
        colour=st.just(Colour.RED),
        listed=st.lists(st.none() | TEXTS, max_size=3),
        more=st.dictionaries(TEXTS, TEXTS | st.integers() | st.booleans() | st.none(), max_size=5),
    )
)
def test_a_struct_is_written_alike(shape: Shape) -> None:
    """The fast writer gives a wire shape the bytes that the slow one gives what it holds."""
    outer = Shape(z=1, text="", on=shape.on, colour=Colour.RED, listed=[], inner=shape)
    for one in (shape, outer):
        assert canonical_struct(one) == canonical_json(msgspec.to_builtins(one))


def test_a_struct_with_a_lone_surrogate_is_refused() -> None:
    """Text that is not Unicode has no canonical form, however it is written."""
    shape = Shape(z=1, text="\ud800", on=date(2026, 1, 1), colour=Colour.RED, listed=[])
    with pytest.raises(Misuse):
        canonical_struct(shape)
