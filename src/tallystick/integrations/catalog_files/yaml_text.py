"""Writes plain values as YAML text that `source_from_yaml` reads back as they were."""

import io
from collections.abc import Mapping

from ruamel.yaml import YAML


def yaml_text(document: Mapping[str, object], *, comment: str = "") -> str:
    """
    Return YAML in the order of the document; texts that read as numbers or dates are quoted.

    Args:
        document: mappings, lists, texts, whole numbers and flags.
        comment: lines to stand above it.

    >>> print(yaml_text({"plan": "pro", "at": "2026-01-31", "version": 1}, comment="Ours."), end="")
    # Ours.
    plan: pro
    at: '2026-01-31'
    version: 1
    """
    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = False
    writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]  # the library types it as None
    writer.width = 4096
    written = io.StringIO()
    written.writelines(f"# {line}\n" for line in comment.splitlines())
    writer.dump(document, written)
    return written.getvalue()
