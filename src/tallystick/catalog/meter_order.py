"""The order in which meters are read: one that a formula names comes before the formula."""

from collections.abc import Iterator, Mapping, Sequence

from tallystick.metering import named_meters


def meter_order(bodies: Sequence[object]) -> list[int]:
    """
    Return the places of meters in a list, those first that others name.

    Meters that name each other in a circle come last: whichever of them is read first names one
    that is not known yet, and that is said.

    Example:
        >>> meter_order([{"key": "c", "formula": "a + b"}, {"key": "a"},
        ...              {"key": "b", "formula": "a"}])
        [1, 2, 0]
    """
    needs = [_needs(body) for body in bodies]
    keys = set(_keys(bodies, range(len(bodies))))
    waiting, known, order = list(range(len(bodies))), set[str](), list[int]()
    while waiting:
        ready = [place for place in waiting if needs[place] & keys <= known] or waiting
        order += ready
        known |= set(_keys(bodies, ready))
        waiting = [place for place in waiting if place not in set(ready)]
    return order


def _needs(body: object) -> frozenset[str]:
    if not isinstance(body, Mapping):
        return frozenset()
    versions = body.get("versions")
    entries = versions if isinstance(versions, list | tuple) else ()
    texts = [each.get("formula") for each in (body, *entries) if isinstance(each, Mapping)]
    empty: frozenset[str] = frozenset()
    return empty.union(*(named_meters(text) for text in texts if isinstance(text, str)))


def _keys(bodies: Sequence[object], places: Sequence[int]) -> Iterator[str]:
    for place in places:
        body = bodies[place]
        if isinstance(body, Mapping):
            yield str(body.get("key"))
