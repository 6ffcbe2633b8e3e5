"""Turns what was read into HTML; templates are part of the package, and escape everything."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined

from tallystick.accounts import Account
from tallystick.web.assets import Assets
from tallystick.web.bill import BillView
from tallystick.web.charts import CHARTS
from tallystick.web.live_view import HealthView, InvoiceView, LiveReader


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
            bill=reader.bill(account),
            health=reader.health(),
            invoices=reader.invoices(account),
        )

    def bill(self, bill: BillView | None) -> str:
        """Return the bill alone."""
        return self._environment.get_template("bill.html").render(bill=bill)

    def health(self, health: HealthView) -> str:
        """Return the state of the pipeline alone."""
        return self._environment.get_template("health.html").render(health=health)

    def invoices(self, invoices: tuple[InvoiceView, ...]) -> str:
        """Return the list of invoices alone."""
        return self._environment.get_template("invoices.html").render(invoices=invoices)

    def fragments(self, reader: LiveReader, account: Account | None) -> dict[str, str]:
        """Return the parts of the live page that change, by the id of their element."""
        return {
            "bill": self.bill(reader.bill(account)),
            "health": self.health(reader.health()),
            "invoices": self.invoices(reader.invoices(account)),
        }
