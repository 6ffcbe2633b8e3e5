"""SQL that must not be written: around the one door to ClickHouse, or losing digits."""

import ast
import re
from collections.abc import Iterator

from tests.tidy.source import ROOT, Finding, Source

SCHEMA = "src/tallystick/storage/clickhouse/schema.py"
_HOLDS_A_NAME = re.compile(r"_(TABLE|VIEW)S?(_\w+)?|_\w+_(TABLE|VIEW)")
_LOSSY = re.compile(
    r"\bavg\w*\s*\(|\btoDecimal\d+Or(Null|Zero|Default)\b|\btoFloat\d+|\bDecimal128\b|\bFINAL\b"
)


def guarded_names(schema: Source) -> frozenset[str]:
    """The names of tables and views that the schema module keeps in constants of its own."""
    return frozenset(
        node.value.value
        for node in schema.tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        and any(_HOLDS_A_NAME.fullmatch(getattr(name, "id", "")) for name in node.targets)
    )


def _texts(source: Source) -> Iterator[tuple[ast.Constant, str]]:
    """All texts but those that stand alone, which are documentation."""
    prose = {node.value for node in source.nodes if isinstance(node, ast.Expr)}
    for node in source.nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in prose:
            yield node, node.value


def base_tables(source: Source, names: frozenset[str] | None = None) -> Iterator[Finding]:
    """Only the schema module knows a table's name: all else reads a view that takes a workspace."""
    if not source.within or source.path == SCHEMA:
        return
    guarded = GUARDED if names is None else names
    for node, text in _texts(source):
        found = guarded & set(re.findall(r"\w+", text))
        if found:
            yield source.finding(node, f"{', '.join(sorted(found))} is a matter of schema.py")
    if source.package != "storage":
        for place in source.nodes:
            if isinstance(place, ast.alias) and place.name == "INSERT_TARGET":
                yield source.finding(place, "only the projection writes to ClickHouse")


def lossy_sql(source: Source) -> Iterator[Finding]:
    """ClickHouse's avg is binary, its 128-bit sums overflow, its ...OrNull casts cut digits."""
    if source.within[:2] != ("storage", "clickhouse"):
        return
    for node, text in _texts(source):
        if _LOSSY.search(text):
            yield source.finding(node, "lossy in ClickHouse: sum Decimal256, divide in Python")


GUARDED = (
    guarded_names(Source(SCHEMA, (ROOT / SCHEMA).read_text(encoding="utf-8")))
    if (ROOT / SCHEMA).exists()
    else frozenset()
)

SQL = (base_tables, lossy_sql)
