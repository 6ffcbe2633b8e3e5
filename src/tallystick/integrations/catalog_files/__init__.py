"""A catalog kept as YAML files: read with the place of every value."""

from tallystick.integrations.catalog_files.files import read_catalog_files
from tallystick.integrations.catalog_files.yaml_source import Fault, source_from_yaml

__all__ = ["Fault", "read_catalog_files", "source_from_yaml"]
