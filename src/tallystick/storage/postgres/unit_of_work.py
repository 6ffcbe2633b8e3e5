"""
The units of work on PostgreSQL: one for the app's commands, one for background work.

The app's transaction tells the server its workspace before anything else; row level security then
shows and takes rows of that workspace only. The setting ends with the transaction, so a connection
given back to the pool carries nothing over, and a statement sent after the commit sees no row.
"""

from collections.abc import Sequence
from typing import Self

from psycopg import Connection

from tallystick.app import AnsweredCommands
from tallystick.app.accounts import AccountStore, PayerStore
from tallystick.app.anomalies import InvestigationStore, PatternStore
from tallystick.app.audit import AuditLog, AuditSeals
from tallystick.app.catalog import CatalogStore, PriceSeriesStore
from tallystick.app.corrections import ReachStore
from tallystick.app.credits import CreditEndings, CreditStore, TopUpStore
from tallystick.app.currency import RateStore
from tallystick.app.dead_letters import DeadLetters, LetterRetention
from tallystick.app.entitlements import EntitlementStore, StandingStore
from tallystick.app.invoicing import (
    DisputeStore,
    DocumentHistory,
    GatheredDrafts,
    InvoiceSeries,
    InvoiceStore,
    ParkedAccounts,
    ParkedFigures,
    Receivables,
    SealedStore,
    SharedDocuments,
)
from tallystick.app.keys import ApiKeys
from tallystick.app.ledger import DeferralStore, JournalExports, JournalReader, JournalStore
from tallystick.app.outbox import Outbox, OutboxClaims
from tallystick.app.payments import MoneyStore, PaymentStore
from tallystick.app.personal import ErasureStore, PersonalStore
from tallystick.app.pipeline import AlertFigures, AlertStore
from tallystick.app.quotas import (
    ConsumptionStore,
    CounterStore,
    HoldMoves,
    HoldStore,
    QuotaDirectory,
    QuotaStore,
)
from tallystick.app.reconcile import ReconciliationHistory, ReconciliationStore
from tallystick.app.retention import RemovalStore, RetentionStore
from tallystick.app.segments import SegmentManifest
from tallystick.app.sources import SequenceStore, SourceDirectory, SourceStore
from tallystick.app.subscriptions import SubscriptionStore
from tallystick.app.tax import TaxAnswers, TaxIdChecks
from tallystick.app.triggers import TriggerDirectory, TriggerStore
from tallystick.app.usage_alerts import UsageAlertStore
from tallystick.app.webhooks import WebhookStore
from tallystick.app.workspaces import WorkspaceDirectory, Workspaces
from tallystick.kernel import Misuse, SubscriptionKey, WorkspaceId
from tallystick.storage.postgres.accounts import PostgresAccounts
from tallystick.storage.postgres.audit import PostgresAuditLog, PostgresAuditSeals
from tallystick.storage.postgres.catalog import PostgresCatalog
from tallystick.storage.postgres.dead_letters import PostgresDeadLetters, PostgresLetterRetention
from tallystick.storage.postgres.entitled import PostgresEntitlements, PostgresStandings
from tallystick.storage.postgres.idempotency import PostgresAnsweredCommands
from tallystick.storage.postgres.invoices import PostgresInvoices
from tallystick.storage.postgres.keys import PostgresApiKeys
from tallystick.storage.postgres.ledger import (
    PostgresDeferrals,
    PostgresJournal,
    PostgresJournalExports,
    PostgresJournalReader,
    PostgresPriceSeries,
    PostgresRates,
)
from tallystick.storage.postgres.manifest import PostgresSegmentManifest
from tallystick.storage.postgres.operation import (
    PostgresAlertFigures,
    PostgresAlerts,
    PostgresGatheredAccounts,
    PostgresGatheredInvoices,
    PostgresInvestigations,
    PostgresPatterns,
    PostgresPayers,
    PostgresReconciliationHistory,
    PostgresReconciliations,
)
from tallystick.storage.postgres.outbox import PostgresOutbox, PostgresOutboxClaims
from tallystick.storage.postgres.outgoing import (
    PostgresTriggerDirectory,
    PostgresTriggers,
    PostgresWebhooks,
)
from tallystick.storage.postgres.pool import Pool
from tallystick.storage.postgres.quotas import (
    PostgresConsumptions,
    PostgresCounters,
    PostgresHoldMoves,
    PostgresHolds,
    PostgresQuotaDirectory,
    PostgresQuotas,
    PostgresUsageAlerts,
)
from tallystick.storage.postgres.reaches import PostgresReaches
from tallystick.storage.postgres.receivable import (
    PostgresCreditEndings,
    PostgresCredits,
    PostgresDisputes,
    PostgresDocumentHistory,
    PostgresInvoiceSeries,
    PostgresMoney,
    PostgresParkedAccounts,
    PostgresParkedFigures,
    PostgresPayments,
    PostgresReceivables,
    PostgresTopUps,
)
from tallystick.storage.postgres.retained import (
    PostgresErasures,
    PostgresPersonal,
    PostgresRemovals,
    PostgresRetention,
    PostgresSealed,
)
from tallystick.storage.postgres.shared_documents import PostgresSharedDocuments
from tallystick.storage.postgres.sources import (
    PostgresSequences,
    PostgresSourceDirectory,
    PostgresSources,
)
from tallystick.storage.postgres.subscriptions import PostgresSubscriptions
from tallystick.storage.postgres.taxes import PostgresTaxAnswers, PostgresTaxIdChecks
from tallystick.storage.postgres.transaction import OneTransaction
from tallystick.storage.postgres.workspaces import PostgresWorkspaceDirectory, PostgresWorkspaces


class PostgresUnitOfWork(OneTransaction):
    """One transaction of one workspace, on a pool that connects as ``tallystick_app``."""

    def __init__(self, pool: Pool, workspace: WorkspaceId) -> None:
        super().__init__(pool)
        self.workspace: WorkspaceId = workspace

    def __enter__(self) -> Self:
        workspace = self.workspace
        connection = self._open = self.begin(workspace=workspace)
        self._answers = PostgresAnsweredCommands(connection, workspace)
        self.idempotency: AnsweredCommands = self._answers
        self.workspaces: Workspaces = PostgresWorkspaces(connection)
        self.audit: AuditLog = PostgresAuditLog(connection)
        self.outbox: Outbox = PostgresOutbox(connection, workspace)
        self.keys: ApiKeys = PostgresApiKeys(connection, workspace)
        self.dead_letters: DeadLetters = PostgresDeadLetters(connection)
        self.sources: SourceStore = PostgresSources(connection, workspace)
        self.sequences: SequenceStore = PostgresSequences(connection)
        self.catalog: CatalogStore = PostgresCatalog(connection, workspace)
        self.accounts: AccountStore = PostgresAccounts(connection, workspace)
        self.subscriptions: SubscriptionStore = PostgresSubscriptions(connection, workspace)
        self.invoices: InvoiceStore = PostgresInvoices(connection, workspace)
        self.disputes: DisputeStore = PostgresDisputes(connection, workspace)
        self.receivables: Receivables = PostgresReceivables(connection, workspace)
        self.payments: PaymentStore = PostgresPayments(connection, workspace)
        self.money: MoneyStore = PostgresMoney(connection, workspace)
        self.history: DocumentHistory = PostgresDocumentHistory(connection)
        self.shared: SharedDocuments = PostgresSharedDocuments(connection)
        self._open_credit(connection)
        self.entitlements: EntitlementStore = PostgresEntitlements(connection, workspace)
        self.standings: StandingStore = PostgresStandings(connection)
        self.series: InvoiceSeries = PostgresInvoiceSeries(connection, workspace)
        self.parked: ParkedAccounts = PostgresParkedAccounts(connection, workspace)
        self.journal: JournalStore = PostgresJournal(connection, workspace)
        self.journal_reader: JournalReader = PostgresJournalReader(connection)
        self.journal_exports: JournalExports = PostgresJournalExports(connection, workspace)
        self.rates: RateStore = PostgresRates(connection, workspace)
        self.price_series: PriceSeriesStore = PostgresPriceSeries(connection, workspace)
        self.deferrals: DeferralStore = PostgresDeferrals(connection, workspace)
        self.reaches: ReachStore = PostgresReaches(connection, workspace)
        self.alerts: AlertStore = PostgresAlerts(connection, workspace)
        self.reconciliations: ReconciliationStore = PostgresReconciliations(connection, workspace)
        self._retention = PostgresRetention(connection, workspace)
        self.retention: RetentionStore = self._retention
        self.removals: RemovalStore = PostgresRemovals(connection, workspace)
        self.personal: PersonalStore = PostgresPersonal(connection, workspace)
        self.erasures: ErasureStore = PostgresErasures(connection, workspace)
        self.sealed: SealedStore = PostgresSealed(connection, workspace)
        self.tax_ids: TaxIdChecks = PostgresTaxIdChecks(connection, workspace)
        self.tax_answers: TaxAnswers = PostgresTaxAnswers(connection, workspace)
        self.quotas: QuotaStore = PostgresQuotas(connection, workspace)
        self.counters: CounterStore = PostgresCounters(connection, workspace)
        self.holds: HoldStore = PostgresHolds(connection, workspace)
        self.consumptions: ConsumptionStore = PostgresConsumptions(connection, workspace)
        self.usage_alerts: UsageAlertStore = PostgresUsageAlerts(connection, workspace)
        self.webhooks: WebhookStore = PostgresWebhooks(connection, workspace)
        self.triggers: TriggerStore = PostgresTriggers(connection, workspace)
        return self

    def _open_credit(self, connection: Connection) -> None:
        """Open the stores of credit."""
        self.credits: CreditStore = PostgresCredits(connection, self.workspace)
        self.endings: CreditEndings = PostgresCreditEndings(connection)
        self.top_ups: TopUpStore = PostgresTopUps(connection, self.workspace)

    def gather(self, keys: Sequence[SubscriptionKey]) -> GatheredDrafts:
        """Lock contracts, read ahead what their documents rest on, and keep their drafts."""
        gathered = PostgresGatheredInvoices(self._open, self.workspace, keys)
        self.invoices = gathered
        found = self.subscriptions.load_many(keys)
        gathered.contracts = {key: found[key] for key in keys if key in found}
        accounts = {contract.account for contract in found.values()}
        self.accounts = read = PostgresGatheredAccounts(self._open, self.workspace, accounts)
        self.tax_ids = checks = PostgresTaxIdChecks(self._open, self.workspace)
        checks.read_ahead(read.tax_numbers)
        self._retention.read_ahead()
        billed = [line for key in keys for line in gathered.load_billed(key)]
        if billed:
            owned = (one for key in accounts for one in self.accounts.load_ownerships(key))
            subjects = {str(key) for key in accounts} | {str(one.resource) for one in owned}
            after = min(line.position for line in billed)
            self.reaches.read_ahead(subjects, after=after)
        return gathered

    @property
    def hold_moves(self) -> HoldMoves:
        """Return who moves what is held to other limits."""
        return PostgresHoldMoves(self._open, self.workspace)

    @property
    def investigations(self) -> InvestigationStore:
        """Return what is looked into of usage that is not as it was."""
        return PostgresInvestigations(self._open, self.workspace)

    @property
    def patterns(self) -> PatternStore:
        """Return what is remembered of usage, hour by hour."""
        return PostgresPatterns(self._open, self.workspace)

    @property
    def payers(self) -> PayerStore:
        """Return who pays for which contracts."""
        return PostgresPayers(self._open)

    def commit(self) -> None:
        """Commit, once, and only with an answer under the idempotency key that was taken."""
        if self._answers.unanswered:
            message = f"the answer to the idempotency key {self._answers.unanswered!r} is missing"
            raise Misuse(message)
        super().commit()


class PostgresRunnerUnitOfWork(OneTransaction):
    """One transaction across workspaces, on a pool that connects as ``tallystick_runner``."""

    def __enter__(self) -> Self:
        connection = self.begin()
        self.directory: WorkspaceDirectory = PostgresWorkspaceDirectory(connection)
        self.seals: AuditSeals = PostgresAuditSeals(connection)
        self.claims: OutboxClaims = PostgresOutboxClaims(connection)
        self.letters: LetterRetention = PostgresLetterRetention(connection)
        self.segments: SegmentManifest = PostgresSegmentManifest(connection)
        self.source_directory: SourceDirectory = PostgresSourceDirectory(connection)
        self.alert_figures: AlertFigures = PostgresAlertFigures(connection)
        self.parked_figures: ParkedFigures = PostgresParkedFigures(connection)
        self.reconciled: ReconciliationHistory = PostgresReconciliationHistory(connection)
        self.quota_directory: QuotaDirectory = PostgresQuotaDirectory(connection)
        self.trigger_directory: TriggerDirectory = PostgresTriggerDirectory(connection)
        return self
