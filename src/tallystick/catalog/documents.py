"""
Catalog documents: what a person wrote, before it means anything.

Files and HTTP bodies become the same `Documents`: for each list (``meters``, ``plans``, ...) its
items as plain values (text, int, Decimal, bool, None, lists, mappings), and where it is known for
each value the place in a file.  What they mean is read in
`tallystick.catalog.catalog_from_documents`, once for all ways in.

A path names a value: ``plans[0].prices[1].unit_price``.  Problems carry the path in ``field``;
where the place is known their message begins with it: ``catalog/plans.yaml:12:9 unknown field
"unit_prise"; did you mean "unit_price"?``.
"""

import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter

from tallystick.kernel import Problem

LISTS = (
    "units",
    "tax_rules",
    "legal_entities",
    "meters",
    "personal_data",
    "products",
    "features",
    "price_series",
    "price_books",
    "plans",
    "quota_policies",
    "coupons",
    "coupon_grants",
    "alert_rules",
    "accounts",
    "resources",
    "subscriptions",
)

_STEP = re.compile(r"\[(\d+)\]|\.?([^.\[\]]+)")

# Problems about the name of a field point at the name, all others at what stands behind it.
_ABOUT_THE_NAME = frozenset({"unknown_field", "unknown_list"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """
    Where a value and its name stand in a file; lines and columns count from 1.

    A list item has no name of its own: both places are the same.
    """

    file: str
    line: int
    column: int
    name_line: int
    name_column: int

    @property
    def of_value(self) -> str:
        """Give ``file:line:column`` of the value."""
        return f"{self.file}:{self.line}:{self.column}"

    @property
    def of_name(self) -> str:
        """Give ``file:line:column`` of the field's name, or of the item in a list."""
        return f"{self.file}:{self.name_line}:{self.name_column}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One body as it came: the content of a file, or of a request; ``places`` by path within it."""

    body: object
    places: Mapping[str, Place] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Documents:
    """
    The items of each list, of all sources together.

    Paths in ``places`` count through all of them.
    """

    lists: Mapping[str, Sequence[object]] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)


def path_steps(path: str) -> tuple[str, ...]:
    """
    Split a path into its steps; both ways of writing an index are read.

    >>> path_steps("plans[0].prices[1].unit_price") == path_steps("plans.0.prices.1.unit_price")
    True
    """
    return tuple(index or name for index, name in _STEP.findall(path))


def joined(path: str, below: str) -> str:
    """
    Put a relative path behind another one.

    >>> joined("plans[0]", "prices[1].key"), joined("units", "[0]"), joined("plans[0]", "")
    ('plans[0].prices[1].key', 'units[0]', 'plans[0]')
    """
    return path + below if not below or not path or below.startswith("[") else f"{path}.{below}"


def gather(sources: Iterable[Source]) -> tuple[Documents, tuple[Problem, ...]]:
    """
    Put the lists of all sources one behind the other.

    Returns:
        The documents, and a problem for each body that is not a mapping of lists (its rest is
        still gathered).
    """
    lists: dict[str, list[object]] = {}
    places: dict[str, Place] = {}
    problems: list[Problem] = []
    for source in map(_listed, sources):
        if source.body is None:  # an empty file
            continue
        if not isinstance(source.body, Mapping):
            problems.append(placed(_not_a_mapping(), source.places))
            continue
        offsets = {name: len(items) for name, items in lists.items()}
        for name, items in source.body.items():
            if name in LISTS and items is None:
                continue
            if isinstance(items, list) or name not in LISTS:
                lists.setdefault(str(name), []).extend(items if isinstance(items, list) else [])
            else:
                problems.append(placed(_not_a_list(str(name)), source.places))
        places |= {_shifted(path, offsets): place for path, place in source.places.items()}
    return Documents(lists=lists, places=places), tuple(problems)


def placed(problem: Problem, places: Mapping[str, Place]) -> Problem:
    """
    Begin the message with the place of the field, or of the nearest thing around it that has one.

    >>> where = Place(file="plans.yaml", line=2, column=9, name_line=2, name_column=3)
    >>> odd = Problem(code="x", message="is odd", field="plans[0].key.deep")
    >>> placed(odd, {"plans[0].key": where}).message
    'plans.yaml:2:9 is odd'
    """
    place = _nearest_place(problem.field, places)
    if place is None:
        return problem
    at_name = problem.field in places and problem.code in _ABOUT_THE_NAME
    where = place.of_name if at_name else place.of_value
    return replace(problem, message=f"{where} {problem.message}")


def placed_in_order(
    problems: Iterable[Problem], places: Mapping[str, Place]
) -> tuple[Problem, ...]:
    """Begin each message with its place, and give them in the order of files, lines and columns."""
    found = [(_place_of(problem, places), placed(problem, places)) for problem in problems]
    return tuple(problem for _, problem in sorted(found, key=itemgetter(0)))


def item_paths(documents: Documents) -> dict[tuple[str, Hashable], str]:
    """
    Give for each item its path, by list and identity (key, or key and version).

    >>> item_paths(Documents(lists={"plans": [{"key": "pro", "version": 2}]}))
    {('plans', ('pro', 2)): 'plans[0]'}
    """
    paths: dict[tuple[str, Hashable], str] = {}
    for name, items in documents.lists.items():
        for index, body in enumerate(items):
            if isinstance(body, Mapping):
                paths.setdefault((name, identity(name, body)), f"{name}[{index}]")
    return paths


def naming(name: str) -> str:
    """Return the field that names an item of a list."""
    return "event_type" if name == "personal_data" else "key"


def identity(name: str, body: Mapping[str, object]) -> Hashable:
    """Return what an item of a list is found by: its key, or key and version."""
    key = body.get(naming(name))
    text = str(key) if isinstance(key, str | int) else ""
    if name == "plans":
        return text, _number(body.get("version"))
    if name == "price_books":
        return text, _number(body.get("version") or 1)
    return text


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _place_of(problem: Problem, places: Mapping[str, Place]) -> tuple[str, int, int]:
    place = _nearest_place(problem.field, places)
    return (place.file, place.line, place.column) if place else ("", 0, 0)


def _nearest_place(path: str, places: Mapping[str, Place]) -> Place | None:
    """Find the place of a path, or of the nearest thing around it that has one."""
    while path not in places:
        if not path:
            return None
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    return places[path]


def _listed(source: Source) -> Source:
    """Return a body that is one quota policy as a list of it."""
    if not isinstance(source.body, Mapping) or "plan_id" not in source.body:
        return source
    of = "quota_policies[0]"
    places = {joined(of, path) if path else of: at for path, at in source.places.items()}
    return Source(body={"quota_policies": [source.body]}, places=places)


def _shifted(path: str, offsets: Mapping[str, int]) -> str:
    name, bracket, rest = path.partition("[")
    if not bracket or not offsets.get(name):
        return path
    index, _, tail = rest.partition("]")
    return f"{name}[{int(index) + offsets[name]}]{tail}"


def _not_a_mapping() -> Problem:
    message = f"the top level must be a mapping that holds some of the lists {', '.join(LISTS)}"
    return Problem(code="wrong_type", message=message)


def _not_a_list(name: str) -> Problem:
    return Problem(code="wrong_type", message=f'"{name}" must be a list', field=name)
