"""A catalog kept as YAML files: read with the place of every value, and written."""

from tallystick.integrations.catalog_files.files import read_catalog_files
from tallystick.integrations.catalog_files.policy_text import policy_text
from tallystick.integrations.catalog_files.yaml_source import Fault, source_from_yaml
from tallystick.integrations.catalog_files.yaml_text import yaml_text

__all__ = ["Fault", "policy_text", "read_catalog_files", "source_from_yaml", "yaml_text"]
