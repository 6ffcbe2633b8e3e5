"""Turns what was read into HTML; templates are part of the package, and escape everything."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined

from tallystick.app.delivery import DecliningWords
from tallystick.integrations.charts import CHARTS
from tallystick.web.assets import Assets
from tallystick.web.limits import LimitsView
from tallystick.web.live_view import LiveReader, LiveView
from tallystick.web.pipeline import PipelineView


class Renderer:
    """The templates of the pages."""

    def __init__(self, assets: Assets) -> None:
        self._environment = Environment(
            loader=PackageLoader("tallystick.web"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals["asset"] = assets.address

    def sign_in(self, message: str) -> str:
        """Return the page where one signs in."""
        return self._environment.get_template("sign_in.html").render(message=message)

    def live_page(self, reader: LiveReader, *, asked: str) -> str:
        """Return the live page as it is now."""
        account = reader.shown_account(asked)
        return self._environment.get_template("live.html").render(
            workspace=reader.caller.workspace,
            accounts=reader.accounts(),
            account="" if account is None else account.key,
            charts=CHARTS,
            **view_variables(reader.view(account)),
        )

    def pipeline_page(self, workspace: str, view: PipelineView) -> str:
        """Return the page about the pipeline."""
        template = self._environment.get_template("pipeline.html")
        return template.render(workspace=workspace, view=view)

    def limits_page(self, workspace: str, view: LimitsView) -> str:
        """Return the page about limits."""
        template = self._environment.get_template("limits.html")
        return template.render(workspace=workspace, view=view)

    def declining_page(
        self, words: DecliningWords, *, language: str, direction: str, is_done: bool
    ) -> str:
        """Return the page that asks whether no letters are to come, or says that none will."""
        template = self._environment.get_template("declining.html")
        return template.render(words=words, language=language, direction=direction, is_done=is_done)

    def fragments(self, view: LiveView) -> dict[str, str]:
        """Return the parts of the live page that change, by the id of their element."""
        known = view_variables(view)
        return {
            name: self._environment.get_template(f"{name}.html").render(known)
            for name in ("total", "lines", "health", "invoices")
        }


def view_variables(view: LiveView) -> dict[str, object]:
    """Return what the templates know of a view."""
    return {
        "bill": view.bill,
        "pace": view.pace,
        "resources": view.resources,
        "health": view.health,
        "invoices": view.invoices,
    }
