"""
Setting pages with Typst.

Texts go in as JSON and are set as text, so no value can become markup.  A compiler is kept per
template and used by one thread at a time: it knows the template and the fonts, which makes the
second page five times as fast as the first.  No package is ever fetched, and a template sees the
files of its own folder only.

The same page gives the same bytes: the date inside is the date of issue, not of setting.

PDF/A takes no sign that no font has. Such signs, as an emoji in a name, are replaced by the one
that stands for them, up to a hundred different ones; a document is not refused for them.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from threading import Lock
from typing import Literal, cast

import msgspec
import typst

from tallystick.integrations.documents.page import Page
from tallystick.integrations.documents.typesetting.attachment import Attachment
from tallystick.integrations.documents.typesetting.fonts import document_fonts

TEMPLATE = Path(__file__).parents[1] / "templates" / "invoice.typ"
NO_PACKAGES = Path(__file__).parent / "no-packages"
PIXELS_PER_INCH = 110
REPLACEMENT = "\ufffd"
REPLACED_MAX = 100
_JOINED = frozenset({"Mn", "Mc", "Me", "Cf"})
_MISSING = re.compile(r'the text `"(.+)"` could not be displayed')
_CODE = re.compile(r"\\u\{([0-9a-f]{1,6})\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """
    What stands around a page's texts.

    Attributes:
        dated: the day inside the file; None (a draft): the epoch.
        logo: JSON of an image (`Logo.as_input`); empty: none.
        attachments: files to be embedded.
    """

    dated: date | None = None
    logo: str = ""
    attachments: tuple[Attachment, ...] = ()


class Typesetter:
    """One template, ready to be filled."""

    def __init__(self, template: Path = TEMPLATE, *, root: Path | None = None) -> None:
        self._lock = Lock()
        self._compiler = typst.Compiler(
            input=template,
            root=root or template.parent,
            font_paths=document_fonts(),
            ignore_system_fonts=True,
            package_path=NO_PACKAGES,
            package_cache_path=NO_PACKAGES,
        )

    def pdf(self, page: Page, setting: Setting) -> bytes:
        """Return the page as PDF/A-3b, tagged, with its attachments."""
        return self._set(page, setting, form="pdf")[0]

    def pictures(self, page: Page, setting: Setting) -> list[bytes]:
        """Return each page as PNG."""
        return self._set(page, setting, form="png")

    def _set(self, page: Page, setting: Setting, *, form: Literal["pdf", "png"]) -> list[bytes]:
        inputs = {
            "page": msgspec.json.encode(page).decode(),
            "files": msgspec.json.encode(setting.attachments).decode(),
            "logo": setting.logo,
        }
        for _ in range(REPLACED_MAX):
            try:
                return self._compiled(inputs, setting, form=form)
            except typst.TypstError as error:
                missing = sign_without_glyph(error.message)
                if missing is None:
                    raise
                inputs["page"] = _replaced(inputs["page"], missing)
        return self._compiled(inputs, setting, form=form)

    def _compiled(
        self, inputs: dict[str, str], setting: Setting, *, form: Literal["pdf", "png"]
    ) -> list[bytes]:
        with self._lock:
            made = self._compiler.compile(
                format=form,
                sys_inputs=inputs,
                pdf_standards="a-3b" if form == "pdf" else [],
                timestamp=_instant(setting.dated),
                ppi=PIXELS_PER_INCH,
            )
        pages: Sequence[bytes] = [made] if isinstance(made, bytes) else cast(list[bytes], made)
        return list(pages)


def sign_without_glyph(message: str) -> str | None:
    r"""
    Return the sign of which Typst says that no font has it; None if it says something else.

    >>> sign_without_glyph('PDF/A-3b error: the text `"\\u{1}"` could not be displayed with font')
    '\x01'
    """
    found = _MISSING.search(message)
    if found is None:
        return None
    return _CODE.sub(lambda code: chr(int(code[1], 16)), found[1])


def _replaced(page: str, sign: str) -> str:
    """Return a page's JSON with another sign in the place of one, and of marks that stood on it."""
    replaced = page.replace(msgspec.json.encode(sign).decode()[1:-1], REPLACEMENT)
    kept: list[str] = []
    for one in replaced:
        if not (kept and kept[-1] == REPLACEMENT and unicodedata.category(one) in _JOINED):
            kept.append(one)
    return "".join(kept)


def _instant(dated: date | None) -> datetime:
    return datetime.combine(dated or date(1970, 1, 1), time(), tzinfo=UTC)
