"""
The logos and templates that operators put into the folder of designs.

A design is presentation, not fact: a document that is written again after a logo has changed shows
the new one.
"""

from dataclasses import dataclass
from pathlib import Path

import msgspec

from tallystick.catalog import Branding
from tallystick.kernel import Done, Outcome, refuse

LOGO_BYTES_MAX = 256 * 1024
_TYPES = {".svg": "image/svg+xml", ".png": "image/png"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Logo:
    """An image: its bytes and type."""

    content: bytes
    media_type: str

    def as_input(self) -> str:
        """Return it as a template takes it: JSON of a format, with text or bytes."""
        if self.media_type == _TYPES[".svg"]:
            parts: dict[str, object] = {"format": "svg", "text": self.content.decode()}
        else:
            parts = {"format": "png", "bytes": list(self.content)}
        return msgspec.json.encode(parts).decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """What an entity declares for its documents; None: as usual."""

    logo: Logo | None = None
    template: Path | None = None


def design_of(branding: Branding, folder: Path) -> Outcome[Design]:
    """
    Return the design that a branding names.

    Problems:
        unusable_design: a file is missing, too large, outside the folder, or of another kind.
    """
    logo: Logo | None = None
    if branding.logo:
        path = _inside(folder, branding.logo)
        kind = _TYPES.get(path.suffix.lower()) if path is not None else None
        if path is None or kind is None:
            return _unusable("logo", f"{branding.logo} is no SVG or PNG file in {folder}")
        content = path.read_bytes()
        if len(content) > LOGO_BYTES_MAX or (kind == _TYPES[".svg"] and not _is_text(content)):
            message = f"{branding.logo} has more than {LOGO_BYTES_MAX} bytes, or is no text"
            return _unusable("logo", message)
        logo = Logo(content=content, media_type=kind)
    template = _inside(folder, branding.template) if branding.template else None
    if branding.template and template is None:
        return _unusable("template", f"{branding.template} is no file in {folder}")
    return Done(Design(logo=logo, template=template))


def _inside(folder: Path, name: str) -> Path | None:
    path = (folder / name).resolve()
    return path if path.is_file() and path.is_relative_to(folder.resolve()) else None


def _is_text(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def _unusable(field: str, message: str) -> Outcome[Design]:
    return refuse("unusable_design", message, f"branding.{field}")
