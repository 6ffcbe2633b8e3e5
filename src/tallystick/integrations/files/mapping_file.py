"""Reads a mapping file: YAML, small, without repeated keys."""

from pathlib import Path

from tallystick.catalog import placed
from tallystick.integrations.catalog_files import source_from_yaml
from tallystick.integrations.files.mapping import FileMapping
from tallystick.integrations.files.mapping_document import mapping_from_document
from tallystick.kernel import Outcome, Refused, refuse


def load_mapping(path: Path) -> Outcome[FileMapping]:
    """
    Return the mapping that a YAML file describes.

    Problems:
        unreadable, those of a YAML file, and those of `mapping_from_document`; messages begin with
        file, line and column.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        return refuse("unreadable", f"{path}: {error.strerror}; name a mapping file")
    source, faults = source_from_yaml(content, file=str(path))
    if faults:
        return Refused(tuple(fault.problem for fault in faults))
    outcome = mapping_from_document(source.body)
    if isinstance(outcome, Refused):
        return Refused(tuple(placed(problem, source.places) for problem in outcome.problems))
    return outcome
