"""One YAML file, with the place of every value for the messages."""

from pathlib import Path

from tallystick.catalog import Source
from tallystick.cli.exits import Refusal
from tallystick.integrations.catalog_files import source_from_yaml
from tallystick.kernel import Problem


def read_yaml(path: Path) -> Source:
    """
    Return the content of a YAML file.

    Raises:
        Refusal: it cannot be read, or is not YAML.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        message = f"{path}: {error.strerror}; name a YAML file"
        raise Refusal([Problem(code="unreadable", message=message)]) from error
    source, faults = source_from_yaml(content, file=str(path))
    if faults:
        raise Refusal([fault.problem for fault in faults])
    return source
