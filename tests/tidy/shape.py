"""Sizes and names: a thing that wants more room is two things, one that cannot be named is none."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from tests.tidy.source import ROOT, Finding, Source

_Function = ast.FunctionDef | ast.AsyncFunctionDef

FILE_LINES_MAX = 400
TEST_LINES_MAX = 600
FUNCTION_LINES_MAX = 60
CORE_FUNCTION_LINES_MAX = 40
CLASS_LINES_MAX = 150
PUBLIC_METHODS_MAX = 10
PACKAGE_FILES_MAX = 20
README_LINES = range(12, 151)


def long_files(source: Source) -> Iterator[Finding]:
    """A file is one subject."""
    lines = source.text.count("\n")
    limit = FILE_LINES_MAX if source.within else TEST_LINES_MAX
    if lines > limit:
        yield source.finding(limit, f"{lines} lines, {limit} at most")


def long_functions(source: Source) -> Iterator[Finding]:
    """A function fits a screen; its docstring is not counted."""
    limit = CORE_FUNCTION_LINES_MAX if source.in_core else FUNCTION_LINES_MAX
    for node in source.nodes:
        if isinstance(node, _Function):
            body = node.body[1:] if ast.get_docstring(node, clean=False) else node.body
            lines = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
            if lines > limit:
                yield source.finding(node, f"{node.name} has {lines} lines, {limit} at most")


def long_classes(source: Source) -> Iterator[Finding]:
    """A class is one thing with a few verbs."""
    for node in source.nodes:
        if isinstance(node, ast.ClassDef):
            lines = (node.end_lineno or 0) - node.lineno + 1
            verbs = [
                inner.name
                for inner in node.body
                if isinstance(inner, _Function)
                and not inner.name.startswith("_")
                and not any("property" in ast.dump(mark) for mark in inner.decorator_list)
            ]
            if lines > CLASS_LINES_MAX:
                yield source.finding(node, f"{node.name} has {lines} lines")
            if source.within and len(verbs) > PUBLIC_METHODS_MAX:
                yield source.finding(node, f"{node.name} has {len(verbs)} public methods")


_VAGUE_MODULE = re.compile(r"(utils?|helpers?|commons?|managers?|base|services?|misc|stuff)(\.py)?")
_VAGUE_CLASS = re.compile(
    r"(Abstract|Base)[A-Z]\w*|\w+(Service|Manager|Handler|Helper|Impl|Info|Data)"
)


def vague_names(source: Source) -> Iterator[Finding]:
    """A module and a class are named by what they are."""
    for part in PurePosixPath(source.path).parts:
        if _VAGUE_MODULE.fullmatch(part):
            yield source.finding(1, f"{part} says nothing")
    for node in source.nodes:
        if source.within and isinstance(node, ast.ClassDef) and _VAGUE_CLASS.fullmatch(node.name):
            yield source.finding(node, f"{node.name} says nothing: name what it is")


SHAPES = (long_files, long_functions, long_classes, vague_names)


def crowded_packages(root: Path = ROOT) -> Iterator[Finding]:
    """More than twenty modules in one folder are two subjects."""
    for folder in _packages(root / "src" / "tallystick", depth=9):
        modules = [path for path in folder.glob("*.py") if path.stem != "__init__"]
        if len(modules) > PACKAGE_FILES_MAX:
            path = folder.relative_to(root).as_posix()
            yield Finding(path=path, line=1, message=f"{len(modules)} modules in one package")


def missing_readmes(root: Path = ROOT) -> Iterator[Finding]:
    """Each package says what it is and is not, in a page; so does each engine under storage."""
    top = root / "src" / "tallystick"
    for folder in (*_packages(top, depth=1), *_packages(top / "storage", depth=1)):
        readme = folder / "README.md"
        lines = len(readme.read_text(encoding="utf-8").splitlines()) if readme.exists() else 0
        if lines not in README_LINES:
            message = f"{lines} lines of README.md"
            yield Finding(path=folder.relative_to(root).as_posix(), line=1, message=message)


def _packages(top: Path, *, depth: int) -> list[Path]:
    found = []
    for init in sorted(top.rglob("__init__.py")):
        parts = init.parent.relative_to(top).parts
        if 0 < len(parts) <= depth:
            found.append(init.parent)
    return found
