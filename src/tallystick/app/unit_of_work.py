"""
One transaction of one workspace, and one across workspaces for background work.

A use case opens a unit of work with ``with``, reads and writes through its stores, and commits
exactly once. Leaving without a commit, by return or by exception, leaves nothing behind.

The stores are named here as types only. They are imported for the type checker alone, so that a
subject's package may import this module while this module speaks of the subject's ports.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from tallystick.app.accounts.ports import AccountStore, PayerStore
    from tallystick.app.anomalies.ports import InvestigationStore, PatternStore
    from tallystick.app.answered_commands import AnsweredCommands
    from tallystick.app.audit.ports import AuditLog, AuditSeals
    from tallystick.app.catalog.ports import CatalogStore, PriceSeriesStore
    from tallystick.app.corrections.ports import ReachStore
    from tallystick.app.credits.ports import CreditEndings, CreditStore, TopUpStore
    from tallystick.app.currency.ports import RateStore
    from tallystick.app.dead_letters.ports import DeadLetters, LetterRetention
    from tallystick.app.entitlements.ports import EntitlementStore, StandingStore
    from tallystick.app.invoicing.disputing.ports import DisputeStore
    from tallystick.app.invoicing.gathering.shared_documents import SharedDocuments
    from tallystick.app.invoicing.ports import (
        InvoiceSeries,
        InvoiceStore,
        ParkedAccounts,
        ParkedFigures,
        Receivables,
        SealedStore,
    )
    from tallystick.app.invoicing.running.gathered import GatheredDrafts
    from tallystick.app.invoicing.writing.ports import DocumentHistory
    from tallystick.app.keys.ports import ApiKeys
    from tallystick.app.ledger.ports import (
        DeferralStore,
        JournalExports,
        JournalReader,
        JournalStore,
    )
    from tallystick.app.outbox.ports import Outbox, OutboxClaims
    from tallystick.app.payments.ports import MoneyStore, PaymentStore
    from tallystick.app.personal.ports import ErasureStore, PersonalStore
    from tallystick.app.pipeline.alerts import AlertFigures, AlertStore
    from tallystick.app.quotas.ports import (
        ConsumptionStore,
        CounterStore,
        HoldMoves,
        HoldStore,
        QuotaDirectory,
        QuotaStore,
    )
    from tallystick.app.reconcile.runs import ReconciliationHistory, ReconciliationStore
    from tallystick.app.retention.ports import RemovalStore, RetentionStore
    from tallystick.app.segments.ports import SegmentManifest
    from tallystick.app.sources.ports import SequenceStore, SourceDirectory, SourceStore
    from tallystick.app.subscriptions.ports import SubscriptionStore
    from tallystick.app.tax.ports import TaxAnswers, TaxIdChecks
    from tallystick.app.triggers.ports import TriggerDirectory, TriggerStore
    from tallystick.app.usage_alerts.ports import UsageAlertStore
    from tallystick.app.webhooks.ports import WebhookStore
    from tallystick.app.workspaces.ports import WorkspaceDirectory, Workspaces
    from tallystick.kernel import SubscriptionKey, WorkspaceId


class Transaction(Protocol):
    """What both kinds of unit of work are: entered once, committed at most once."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def commit(self) -> None:
        """
        Make everything written durable; the stores answer no further question.

        Raises:
            Misuse: committed before, not entered, or an idempotency key has no answer yet.
        """
        ...


class UnitOfWork(Transaction, Protocol):
    """One transaction that sees and writes the rows of one workspace only."""

    workspace: WorkspaceId
    workspaces: Workspaces
    idempotency: AnsweredCommands
    audit: AuditLog
    outbox: Outbox
    keys: ApiKeys
    dead_letters: DeadLetters
    sources: SourceStore
    sequences: SequenceStore
    catalog: CatalogStore
    accounts: AccountStore
    subscriptions: SubscriptionStore
    invoices: InvoiceStore
    disputes: DisputeStore
    receivables: Receivables
    payments: PaymentStore
    money: MoneyStore
    history: DocumentHistory
    shared: SharedDocuments
    credits: CreditStore
    entitlements: EntitlementStore
    standings: StandingStore
    endings: CreditEndings
    top_ups: TopUpStore
    series: InvoiceSeries
    parked: ParkedAccounts
    journal: JournalStore
    journal_reader: JournalReader
    journal_exports: JournalExports
    deferrals: DeferralStore
    rates: RateStore
    price_series: PriceSeriesStore
    reaches: ReachStore
    alerts: AlertStore
    reconciliations: ReconciliationStore
    retention: RetentionStore
    removals: RemovalStore
    personal: PersonalStore
    erasures: ErasureStore
    sealed: SealedStore
    tax_ids: TaxIdChecks
    tax_answers: TaxAnswers
    quotas: QuotaStore
    counters: CounterStore
    holds: HoldStore
    consumptions: ConsumptionStore
    usage_alerts: UsageAlertStore
    webhooks: WebhookStore
    triggers: TriggerStore

    @property
    def hold_moves(self) -> HoldMoves:
        """Return who moves what is held to other limits."""
        ...

    @property
    def investigations(self) -> InvestigationStore:
        """Return what is looked into of usage that is not as it was."""
        ...

    @property
    def patterns(self) -> PatternStore:
        """Return what is remembered of usage, hour by hour."""
        ...

    @property
    def payers(self) -> PayerStore:
        """Return who pays for which contracts, where that was declared to change."""
        ...

    def gather(self, keys: Sequence[SubscriptionKey]) -> GatheredDrafts:
        """
        Lock contracts as `InvoiceStore.lock` does, one after the other, and read ahead for them.

        From here on questions about them are answered from what was read, and drafts of theirs are
        kept in memory until they are issued or the caller stores them.
        """
        ...


class RunnerUnitOfWork(Transaction, Protocol):
    """One transaction of background work, which claims across workspaces and sees little else."""

    directory: WorkspaceDirectory
    seals: AuditSeals
    claims: OutboxClaims
    letters: LetterRetention
    segments: SegmentManifest
    source_directory: SourceDirectory
    alert_figures: AlertFigures
    parked_figures: ParkedFigures
    reconciled: ReconciliationHistory
    quota_directory: QuotaDirectory
    trigger_directory: TriggerDirectory
