"""
Writes plain values as YAML text that `source_from_yaml` reads back as they were.

What fits stands on one line, but each mapping of a list on its own; of versions it is said which
is the newest. What might be read as anything but the text that it is stands in quotes.
"""

import io
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, PlainScalarString

from tallystick.integrations.catalog_files.scalars import value_of
from tallystick.kernel import plain

_WIDTH = 100
_VERSIONED = frozenset({"plans", "price_books"})
# What nobody reads as anything but text; all else is quoted, whether it must be or not.
_PLAIN = re.compile(r"[^\W_](?:[\w ./@+-]*[\w./@+-])?")
_DAY = re.compile(r"[0-9]{4}-[0-9]")


def yaml_text(document: Mapping[str, object], *, comment: str = "") -> str:
    """
    Return YAML in the order of the document; texts that read as numbers or dates are quoted.

    Args:
        document: mappings, lists, texts, whole numbers, decimals and flags.
        comment: lines to stand above it.

    >>> print(yaml_text({"plan": "pro", "at": "2026-01-31", "version": 1}, comment="Ours."), end="")
    # Ours.
    plan: pro
    at: "2026-01-31"
    version: 1
    """
    body = CommentedMap()
    for name, value in document.items():
        body[name] = _versions(value) if name in _VERSIONED else _node(value, depth=1)
    writer = YAML()
    writer.width = 4096
    writer.indent(mapping=2, sequence=4, offset=2)
    written = io.StringIO()
    written.writelines(f"# {line}\n" for line in comment.splitlines())
    writer.dump(body, written)
    return written.getvalue()


def _versions(items: object) -> Any:  # noqa: ANN401 - ruamel's nodes are not typed
    """Write things that have versions; they stand in the order of these."""
    found = _node(items, depth=1)
    if not isinstance(items, Sequence) or not isinstance(found, CommentedSeq):
        return found
    newest = {_field(item, "key"): _field(item, "version") for item in items}
    for at, item in enumerate(items):
        is_newest = newest[_field(item, "key")] == _field(item, "version")
        state = "current" if is_newest else "historical"
        found.yaml_set_comment_before_after_key(at, before=state, indent=2)
    return found


def _field(item: object, name: str) -> object:
    return item.get(name) if isinstance(item, Mapping) else None


def _node(value: object, *, depth: int) -> Any:  # noqa: ANN401 - as `_versions`
    if isinstance(value, Mapping):
        mapping = CommentedMap(
            (_text(key), _node(each, depth=depth + 1)) for key, each in value.items()
        )
        return _laid_out(mapping, depth=depth)
    if isinstance(value, list | tuple):
        sequence = CommentedSeq(_node(each, depth=depth + 1) for each in value)
        return _laid_out(sequence, depth=depth)
    if isinstance(value, str):
        return _text(value)
    return PlainScalarString(plain(value)) if isinstance(value, Decimal) else value


def _text(text: str) -> str:
    is_plain = _PLAIN.fullmatch(text) is not None and value_of(text) == text
    return text if is_plain and not _DAY.match(text) else DoubleQuotedScalarString(text)


def _laid_out(node: Any, *, depth: int) -> Any:  # noqa: ANN401 - as `_versions`
    is_listing = isinstance(node, list) and any(isinstance(each, dict) for each in node)
    if not is_listing and len(_short(node)) + 4 * depth <= _WIDTH:
        node.fa.set_flow_style()
    else:
        node.fa.set_block_style()
    return node


def _short(node: object) -> str:
    if isinstance(node, Mapping):
        return "{" + ", ".join(f"{key}: {_short(each)}" for key, each in node.items()) + "}"
    if isinstance(node, list):
        return "[" + ", ".join(_short(each) for each in node) + "]"
    return f'"{node}"' if isinstance(node, DoubleQuotedScalarString) else str(node)
