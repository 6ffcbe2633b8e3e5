"""The fonts of documents, out of installed packages; nothing of the machine's own is used."""

from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import typst

# Each holds Noto fonts under the SIL Open Font License and nothing else.
_PACKAGES = (
    "fontpkg_noto_sans",
    "fontpkg_noto_sans_arabic",
    "noto_cjk_sans_jp_regular",
    "noto_cjk_sans_jp_bold",
)
FAMILIES = ("Noto Sans", "Noto Sans Arabic", "Noto Sans CJK JP")


@lru_cache(maxsize=1)
def document_fonts() -> typst.Fonts:
    """Return the fonts; they are read when a document first needs them."""
    folders: list[Path] = [Path(str(files(package))) for package in _PACKAGES]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)
