"""A log with everything that a reconciliation asks, and ways to damage what is derived from it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from tallystick.app.invoicing import BillingSources
from tallystick.app.reconcile import (
    BlocksFrom,
    ReconcileSources,
    Reconciliation,
    Scope,
    Watched,
    reconcile,
)
from tallystick.app.segments import ManifestAgreement, Segment
from tallystick.integrations.documents import PaperWriter
from tallystick.kernel import WorkspaceId
from tallystick.metering import Meter
from tallystick.storage.clickhouse import (
    ClickHouseCorrections,
    ComparedTables,
    RollUpComparison,
    RollUps,
    RollUpSizes,
    StandingEvents,
)
from tallystick.storage.clickhouse.schema import ROLLUPS_TARGET
from tests.app.invoicing.billing import ListedLog
from tests.corrected_log import CorrectedLog
from tests.databases import Database
from tests.events import meter

SIZES = RollUpSizes(block_events=3, fan=2)
W = WorkspaceId("test")
SUM = meter("sum", event_type="t")
COUNT = meter("count", event_type="t", key="calls")


@dataclass(kw_only=True)
class Patient:
    """Waits for a reconciliation; counts its steps."""

    expected: int = 0
    done: int = 0

    def expect(self, steps: int) -> None:
        """Note how many there will be."""
        self.expected = steps

    def advance(self, stage: str) -> None:
        """Note one."""
        del stage
        self.done += 1

    def check(self) -> None:
        """Go on waiting."""


@dataclass(kw_only=True)
class Reconciling:
    """A log whose projection can be damaged, compared and repaired."""

    log: CorrectedLog
    database: Database
    meters: tuple[Meter, ...] = (SUM, COUNT)
    patient: Patient = field(default_factory=Patient)
    covered: Callable[[], int] | None = None
    durable: Callable[[], int] | None = None
    blocks_from: BlocksFrom | None = None
    segments: list[Segment] = field(default_factory=list)
    reloads: int = 0

    def __post_init__(self) -> None:
        """Wire the engines."""
        self.clickhouse = self.log.store.clickhouse
        self.rollups = RollUps(self.clickhouse, SIZES)

    @property
    def sources(self) -> ReconcileSources:
        """Return whom a reconciliation asks."""
        return ReconcileSources(
            projection=ComparedTables(self.clickhouse, self.log.store.projection, seed=7),
            rollups=RollUpComparison(self.clickhouse, self.rollups),
            blocks_from=self.blocks_from or self.log.blocks_from,
            durable_position=self.durable or self.log.durable_position,
            covered_position=self.covered or self.log.durable_position,
            while_not_loading=self._while_not_loading,
            meters=lambda: [(W, each) for each in self.meters],
            projected=StandingEvents(self.clickhouse),
            segments=lambda: self.segments,
            units=self.database.unit,
            runner=self.database.runner,
            clock=self.log.clock,
        )

    def run(
        self,
        scope: Scope | None = None,
        *,
        repair: bool = False,
        watched: Watched | None = None,
    ) -> Reconciliation:
        """Compare, and repair if asked to."""
        billing = BillingSources(
            usage=self.log.store.reader,
            log=ListedLog(),
            clock=self.log.clock,
            tzdata_version="2026a",
            agreement=ManifestAgreement(self.log.store.projection, units=self.database.runner),
            corrections=ClickHouseCorrections(self.clickhouse),
            writer=PaperWriter(Path("nowhere")),
        )
        return reconcile(
            scope or Scope(),
            sources=self.sources,
            billing=billing,
            repair=repair,
            watched=watched or self.patient,
        )

    def roll_up(self) -> None:
        """Roll up what is whole."""
        for each in self.meters:
            self.rollups.roll_up(W, each, through=self.log.durable_position())

    def rows(self, target: str, where: str = "1") -> pa.Table:
        """Return rows of a table as they are stored."""
        return self.clickhouse.read_columns(f"SELECT * FROM {target} WHERE {where}", {})

    def put_again(self, target: str, where: str) -> None:
        """Store rows a second time."""
        self.clickhouse.write(target, self.rows(target, where), {"insert_deduplicate": 0})

    def change(self, target: str, where: str, **columns: object) -> None:
        """Replace columns of rows, as nobody may."""
        rows = self.rows(target, where)
        assert rows.num_rows, where
        for name, value in columns.items():
            place = rows.schema.get_field_index(name)
            kind = rows.schema.field(name).type
            rows = rows.set_column(place, name, pa.array([value] * rows.num_rows).cast(kind))
        self.clickhouse.remove(target, where, {})
        self.clickhouse.write(target, rows, {"insert_deduplicate": 0})

    def rolled(self) -> Iterator[tuple[object, ...]]:
        """Yield the roll-ups, in order."""
        found = self.clickhouse.read_as_writer(f"SELECT * FROM {ROLLUPS_TARGET} ORDER BY ALL")
        yield from (tuple(row) for row in found)

    def _while_not_loading(self, take_out: Callable[[], None]) -> None:
        self.reloads += 1
        self.log.loader.recount(take_out)
