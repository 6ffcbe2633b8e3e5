"""Reads a mapping file: YAML, small, without repeated keys."""

from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from tallystick.integrations.files.mapping import FileMapping
from tallystick.integrations.files.mapping_document import mapping_from_document
from tallystick.kernel import Outcome, refuse

MAPPING_BYTES_MAX = 256 * 1024


def load_mapping(path: Path) -> Outcome[FileMapping]:
    """
    Return the mapping that a YAML file describes.

    Problems:
        unreadable: not there, too large, not YAML; else those of `mapping_from_document`.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        return refuse("unreadable", f"{path}: {error.strerror}; name a mapping file")
    if len(content) > MAPPING_BYTES_MAX:
        return refuse("unreadable", f"{path}: a mapping has at most {MAPPING_BYTES_MAX} bytes")
    try:
        document = YAML(typ="safe", pure=True).load(content)
    except (YAMLError, UnicodeDecodeError) as error:
        return refuse("unreadable", f"{path}: {error}")
    return mapping_from_document(document)
