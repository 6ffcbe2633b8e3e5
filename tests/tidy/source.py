"""What the tidy rules read: one Python file of the project, parsed once, and where it stands."""

import ast
import gc
import io
import re
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[2]

SUBJECTS = frozenset(
    """
    reports optimization budgets allocation costing payments invoicing credits tax quotas
    entitlements subscriptions catalog pricing metering ledger accounts currency forecasting
    thresholds expressions kernel
    """.split()
)
"""The pure packages: values in, values out."""


_OF_INTEREST = re.compile(r"FIXME|XXX|TODO|noqa|type:")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A place that breaks a rule."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


@dataclass(frozen=True)
class Source:
    """One file, named by its path from the root of the project."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        return tuple(ast.walk(self.tree))

    @cached_property  # asked for at each node
    def within(self) -> tuple[str, ...]:
        """The parts of the path below src/tallystick; nothing for other files."""
        parts = PurePosixPath(self.path).parts
        return parts[2:] if parts[:2] == ("src", "tallystick") else ()

    @cached_property
    def package(self) -> str:
        """The package right below tallystick, or nothing."""
        return PurePosixPath(self.within[0]).stem if self.within else ""

    @cached_property
    def in_core(self) -> bool:
        return self.package in SUBJECTS

    @property
    def is_test(self) -> bool:
        return self.path.startswith("tests/")

    @cached_property
    def comments(self) -> tuple[tuple[int, str], ...]:
        """Line and text of each comment that a rule has something to say about."""
        if not _OF_INTEREST.search(self.text):
            return ()
        tokens = tokenize.generate_tokens(io.StringIO(self.text).readline)
        return tuple((t.start[0], t.string) for t in tokens if t.type == tokenize.COMMENT)

    def finding(self, node: ast.AST | int, message: str) -> Finding:
        line = node if isinstance(node, int) else getattr(node, "lineno", 1)
        return Finding(path=self.path, line=line, message=message)


Rule = Callable[[Source], Iterator[Finding]]


def project_sources(root: Path = ROOT) -> tuple[Source, ...]:
    """All Python files of src, tests and bench, by path."""
    found = [path for part in ("src", "tests", "bench") for path in (root / part).rglob("*.py")]
    return tuple(
        Source(path.relative_to(root).as_posix(), path.read_text(encoding="utf-8"))
        for path in sorted(found)
    )


@cache
def parsed_sources() -> tuple[Source, ...]:
    """
    All of them, read and parsed once.

    A million nodes are made, and none goes: the collector waits meanwhile, and does not look at
    them after, which took four times as long as parsing.
    """
    sources = project_sources()
    gc.disable()
    try:
        for source in sources:
            _ = source.nodes
    finally:
        gc.enable()
    gc.freeze()
    return sources


def dotted(node: ast.AST) -> str:
    """`a.b.c` of an attribute chain that starts at a name; else nothing."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        head = dotted(node.value)
        return f"{head}.{node.attr}" if head else ""
    return ""
