"""The page of a document in HTML: one file without scripts, which needs nothing else."""

from base64 import b64encode

from jinja2 import Environment, PackageLoader, StrictUndefined

from tallystick.integrations.documents.page import Page


class WebPages:
    """The template, ready to be filled; whatever the texts hold is escaped."""

    def __init__(self) -> None:
        environment = Environment(
            loader=PackageLoader("tallystick.integrations.documents"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._template = environment.get_template("invoice.html")

    def html(self, page: Page, *, logo: bytes = b"", logo_type: str = "") -> bytes:
        """Return the page; a logo is written into it."""
        source = f"data:{logo_type};base64,{b64encode(logo).decode()}" if logo else ""
        return self._template.render(page=page, logo=source).encode()
