"""The page of a document in HTML: one file without scripts, which needs nothing else."""

from base64 import b64encode

from jinja2 import Environment, PackageLoader, StrictUndefined

from tallystick.integrations.documents.designs import Logo
from tallystick.integrations.documents.page import Page

PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"
"""What a page may do: it brings its own style, logo and charts, and asks nobody for anything."""


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

    def html(self, page: Page, logo: Logo | None) -> bytes:
        """Return the page; logo and charts are written into it, as pictures."""
        source = ""
        if logo is not None:
            source = f"data:{logo.media_type};base64,{b64encode(logo.content).decode()}"
        charts = [
            (chart, f"data:image/svg+xml;base64,{b64encode(chart.svg.encode()).decode()}")
            for chart in page.charts
        ]
        return self._template.render(page=page, logo=source, charts=charts).encode()
