"""
What the live page shows at one instant, read through the use cases.

The account is the one asked for, or the owner of this computer, or the first that has a
subscription. A session of a key that is bound to an account sees that account and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass

from tallystick.accounts import Account
from tallystick.app.accounts import list_accounts, list_resources
from tallystick.app.command import Caller
from tallystick.app.invoicing import InvoiceSummary, PreviewInvoice, preview_invoice
from tallystick.app.subscriptions import list_subscriptions
from tallystick.bootstrap.engines import Application
from tallystick.kernel import Done, Refused, ResourceKey, SubjectSpan, counted
from tallystick.web.bill import BillView, bill_view
from tallystick.web.figures import amount_text, day_text, grouped
from tallystick.web.series import read_points, wire_points

ACCOUNTS_MAX = 200
INVOICES_SHOWN = 6
RESOURCES_SHOWN = 8
SUBJECT = "this-computer"


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthView:
    """How far the pipeline is."""

    log_position: str
    projection_position: str
    lag: str
    accepted: str
    duplicate: str
    rejected: str
    refused: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceView:
    """One issued document in the list."""

    id: str
    number: str
    period: str
    total: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveView:
    """The parts of the page that change; `pace` is empty until it is known."""

    bill: BillView | None
    pace: str
    resources: tuple[str, ...]
    health: HealthView
    invoices: tuple[InvoiceView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveReader:
    """Reads what one signed-in browser may see; blocks on the engines."""

    application: Application
    caller: Caller

    def accounts(self) -> tuple[Account, ...]:
        """Return the accounts to choose from."""
        uow = self.application.units(self.caller.workspace)
        found = list_accounts(self.caller, uow=uow, limit=ACCOUNTS_MAX)
        return found.value if isinstance(found, Done) else ()

    def shown_account(self, asked: str | None) -> Account | None:
        """Return the account to show; None where there is none, or not one that may be seen."""
        accounts = {str(account.key): account for account in self.accounts()}
        if asked:
            return accounts.get(asked)
        uow = self.application.units(self.caller.workspace)
        with uow:
            resource = uow.accounts.load_resource(ResourceKey(SUBJECT))
        if resource is not None and resource.account in accounts:
            return accounts[resource.account]
        uow = self.application.units(self.caller.workspace)
        held = list_subscriptions(self.caller, uow=uow, limit=1)
        if isinstance(held, Done) and held.value and held.value[0].account in accounts:
            return accounts[held.value[0].account]
        return next(iter(accounts.values()), None)

    def view(self, account: Account | None) -> LiveView:
        """Return everything that changes, as it is now."""
        return LiveView(
            bill=self.bill(account),
            pace="",
            resources=self.resources(account),
            health=self.health(),
            invoices=self.invoices(account),
        )

    def resources(self, account: Account | None) -> tuple[str, ...]:
        """Return what is metered for the account, a few of it."""
        if account is None:
            return ()
        uow = self.application.units(self.caller.workspace)
        found = list_resources(self.caller, uow=uow, limit=RESOURCES_SHOWN, account=account.key)
        return tuple(str(each.key) for each in found.value) if isinstance(found, Done) else ()

    def bill(self, account: Account | None) -> BillView | None:
        """Return the bill so far; None without a contract that can be rated."""
        if account is None:
            return None
        application = self.application
        outcome = preview_invoice(
            PreviewInvoice(account=account.key),
            caller=self.caller,
            uow=application.units(self.caller.workspace),
            sources=application.billing_sources,
        )
        if isinstance(outcome, Refused):
            return None
        previews = [preview.invoice for preview in outcome.value]
        return bill_view(account, previews, now=application.clock.now())

    def health(self) -> HealthView:
        """Return how far the pipeline is."""
        counters = self.application.gate.counters
        position = self.application.durable_position()
        covered = self.application.loader.covered_position
        lag = position - covered
        refused = counters.rejected + counters.conflict
        return HealthView(
            log_position=grouped(str(position)),
            projection_position=grouped(str(covered)),
            lag=counted(grouped(str(lag)), "event") if lag > 0 else "nothing",
            accepted=grouped(str(counters.accepted)),
            duplicate=grouped(str(counters.duplicate)),
            rejected=grouped(str(refused)),
            refused=refused > 0,
        )

    def invoices(self, account: Account | None) -> tuple[InvoiceView, ...]:
        """Return the latest issued documents of the account, newest first."""
        if account is None:
            return ()
        with self.application.units(self.caller.workspace) as uow:
            found = uow.invoices.page(after="", limit=ACCOUNTS_MAX, account=account.key)
        issued = [each for each in found if each.number is not None]
        latest = sorted(issued, key=lambda each: (each.issued_on, each.number), reverse=True)
        return tuple(_invoice(each, account) for each in latest[:INVOICES_SHOWN])

    def points(self, chart: str, account: Account | None) -> list[dict[str, object]]:
        """Return the data of a chart: this computer's usage while the account owned it."""
        now = self.application.clock.now()
        spans = self._spans(account)
        if not spans:
            return []
        points = read_points(
            self.application.usage, self.caller.workspace, chart=chart, spans=spans, now=now
        )
        return wire_points(points)

    def _spans(self, account: Account | None) -> tuple[SubjectSpan, ...]:
        if account is None:
            return ()
        with self.application.units(self.caller.workspace) as uow:
            owned = uow.accounts.load_ownerships(account.key)
        return tuple(
            SubjectSpan(subject=each.resource, start=each.start, end=each.end)
            for each in owned
            if each.resource == SUBJECT and each.account == account.key
        )


def _invoice(summary: InvoiceSummary, account: Account) -> InvoiceView:
    total = summary.total
    shown = amount_text(total.decimal, digits=total.currency.exponent)
    return InvoiceView(
        id=summary.id,
        number=summary.number or "",
        period=f"from {day_text(summary.period.start, account.zone)}",
        total=f"{shown} {total.currency.code}",
    )
