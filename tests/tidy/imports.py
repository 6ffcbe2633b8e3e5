"""Who may import what, beyond the layers that import-linter looks after."""

import ast
import re
import sys
from collections.abc import Iterator

from tests.tidy.source import Finding, Source

_OUTSIDE = frozenset(
    """
    asyncio concurrent ctypes fcntl getpass glob http logging mmap multiprocessing os pathlib
    platform queue random secrets select selectors shutil signal smtplib socket sqlite3 ssl
    subprocess sys syslog tempfile threading time urllib uuid
    """.split()
)
"""Modules of Python that reach for a clock, a file, the net, a process or chance."""

_PURE_LIBRARIES = frozenset({"msgspec", "stdnum", "tallystick", "tzdata", "zstandard"})

_FOLDERED = frozenset({"app", "bootstrap", "storage", "integrations"})
"""Roles that are foldered by subject: there, a folder is what others import from."""


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
        return [node.module]
    return []


def local_imports(source: Source) -> Iterator[Finding]:
    """An import inside a function hides a circle."""
    for function in source.nodes:
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    yield source.finding(node, "an import inside a function")


def impure_imports(source: Source) -> Iterator[Finding]:
    """The core knows values only."""
    if not source.in_core:
        return
    for node in source.nodes:
        for name in _imported(node):
            top = name.partition(".")[0]
            if top in _OUTSIDE:
                yield source.finding(node, f"{name} reaches out of the core")
            elif top not in sys.stdlib_module_names and top not in _PURE_LIBRARIES:
                yield source.finding(node, f"{name} is no library of the core")


def inner_imports(source: Source) -> Iterator[Finding]:
    """Other packages are imported from as a whole: what they show is in their `__all__`."""
    if not source.within:
        return
    for node in source.nodes:
        for name in _imported(node):
            parts = name.split(".")
            if parts[0] != "tallystick" or len(parts) == 1 or parts[1] == source.package:
                continue
            if len(parts) > (3 if parts[1] in _FOLDERED else 2):
                yield source.finding(node, f"{name} is inside another package: import from it")


def client_below(source: Source) -> Iterator[Finding]:
    """The client library is for whoever calls from outside; the subjects have no use for it."""
    for node in source.nodes:
        for name in _imported(node):
            if source.in_core and re.match(r"tallystick\.client(\.|$)", name):
                yield source.finding(node, "a subject imports the client library")


IMPORTS = (local_imports, impure_imports, inner_imports, client_below)
