"""
Files and folders of a catalog as documents, or every problem of all of them.

A folder stands for all its ``*.yaml`` and ``*.yml`` files, at any depth, in the order of their
paths; names that begin with a dot are left out.  All files together are one catalog: it does not
matter which list stands in which file.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from tallystick.catalog import Documents, Source, catalog_from_documents, gather
from tallystick.integrations.catalog_files.yaml_source import (
    BYTES_MAX,
    Fault,
    source_from_yaml,
)
from tallystick.kernel import Done, Outcome, Problem, Refused

FILES_MAX = 1000
SUFFIXES = frozenset({".yaml", ".yml"})
# What cannot be judged while a file is unreadable: the thing may be declared in it.
_UNCERTAIN = frozenset({"unknown_reference"})


def read_catalog_files(paths: Iterable[Path]) -> Outcome[Documents]:
    """
    Read files and folders.

    What the documents mean is not judged here, but where some file has faults, whatever can be
    said about the others is said with them.

    Problems:
        not_found, no_files, too_many_files, too_large, not_utf8, not_yaml, not_read, too_deep,
        duplicate_key: each message begins with the file, or with file, line and column.
    """
    found, missing = _files(paths)
    if missing:
        return Refused(tuple(missing))
    sources: list[Source] = []
    faults: list[Fault] = []
    for path in found:
        source, wrong = source_from_yaml(_content(path), file=path.as_posix())
        sources.append(source)
        faults += wrong
    documents, problems = gather(sources)
    if not faults and not problems:
        return Done(documents)
    meaning = catalog_from_documents(documents)
    said = [fault.problem for fault in sorted(faults)]
    said += problems
    if isinstance(meaning, Refused):
        said += [problem for problem in meaning.problems if problem.code not in _UNCERTAIN]
    return Refused(tuple(said))


def _files(paths: Iterable[Path]) -> tuple[list[Path], list[Problem]]:
    found: dict[Path, None] = {}
    problems: list[Problem] = []
    for path in paths:
        if path.is_dir():
            inside = list(_inside(path))
            found |= dict.fromkeys(inside)
            if not inside:
                message = f"{path}: no *.yaml or *.yml file in this folder"
                problems.append(Problem(code="no_files", message=message))
        elif path.is_file():
            found[path] = None
        else:
            message = f"{path}: no such file or folder"
            problems.append(Problem(code="not_found", message=message))
    if len(found) > FILES_MAX:
        message = f"{len(found)} files are more than {FILES_MAX}; put several into one"
        problems.append(Problem(code="too_many_files", message=message))
    return list(found), problems


def _inside(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix in SUFFIXES and path.is_file() and not hidden:
            yield path


def _content(path: Path) -> bytes:
    """Read a file, and no more of it than shows that it is too large."""
    with path.open("rb") as file:
        return file.read(BYTES_MAX + 1)
