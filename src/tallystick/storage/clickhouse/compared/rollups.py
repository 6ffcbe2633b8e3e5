"""
Roll-ups beside the events they are made of, block by block.

Both sides are brought to one row for each subject and bucket, and, above level 0, each subject and
day; of these to a count and a sum of digests for each day: a value that moved from one subject to
another is found, too.
"""

from decimal import Decimal

from tallystick.app.reconcile import BlockDifference, Total
from tallystick.kernel import WorkspaceId
from tallystick.metering import Meter
from tallystick.storage.clickhouse.bindings import Bindings
from tallystick.storage.clickhouse.client import ClickHouse
from tallystick.storage.clickhouse.compared.groups import DAY_MICROS, date_of
from tallystick.storage.clickhouse.matching import matched_events
from tallystick.storage.clickhouse.rolled import RollUps, RollUpSizes, reading_of
from tallystick.storage.clickhouse.schema import ROLLUPS, ROWS

_EACH = """
sipHash64(subject, bucket, toUInt64(counted), toUInt64(unread), toDecimal256(total, 18),
    toDecimal256(least, 18), toDecimal256(greatest, 18))
"""
_SUMMED = f"block, day, daily, count(), sum({_EACH}), sum(counted), sum(total)"

_Key = tuple[int, int, bool]
"""Block, day, and whether of the rows of days."""
_Summed = tuple[int, int, Total]


class RollUpComparison:
    """Compares what is rolled up; a step is as many blocks of level 0 as one of level 1 has."""

    def __init__(self, clickhouse: ClickHouse, rollups: RollUps) -> None:
        self._clickhouse = clickhouse
        self._rollups = rollups

    def steps(self, workspace: WorkspaceId, meter: Meter, *, through: int) -> range:
        reading = reading_of(meter)
        if not reading:
            return range(0)
        sizes = self._rollups.sizes
        blocks = min(
            self._rollups.blocks(workspace, reading)[0],
            through // sizes.block_events,
        )
        first = min([blocks, *self._first_blocks(workspace, meter)])
        if first >= blocks:
            return range(0)
        return range(first // sizes.fan, -(-blocks // sizes.fan))

    def compare(self, workspace: WorkspaceId, meter: Meter, step: int) -> list[BlockDifference]:
        reading, fan = reading_of(meter), self._rollups.sizes.fan
        built = self._rollups.blocks(workspace, reading)
        found = self._compare_level(
            workspace, meter, level=0, blocks=(step * fan, min((step + 1) * fan, built[0]))
        )
        for level, count in enumerate(built[1:], start=1):
            # A block is compared in the last of the steps that it spans.
            block, rest = divmod(step + 1, fan ** (level - 1))
            if not rest and block <= count:
                found += self._compare_level(
                    workspace, meter, level=level, blocks=(block - 1, block)
                )
        return found

    def forget(self, workspace: WorkspaceId, meter: Meter, *, block: int) -> None:
        self._rollups.forget(workspace, reading_of(meter), block=block)

    def _first_blocks(self, workspace: WorkspaceId, meter: Meter) -> list[int]:
        """Return the blocks of level 0 with the first event and with what is rolled up first."""
        sizes = self._rollups.sizes
        statement = (
            f"SELECT level, min(block) FROM {ROLLUPS} WHERE reading = {{reading:String}} "
            "GROUP BY level"
        )
        asked = {"workspace": str(workspace), "reading": reading_of(meter)}
        held = self._clickhouse.read(statement, asked)
        found = [int(block) * sizes.fan ** int(level) for level, block in held]
        position = self._rollups.first_position(workspace, meter)
        return [*found, (position - 1) // sizes.block_events] if position else found

    def _compare_level(
        self, workspace: WorkspaceId, meter: Meter, *, level: int, blocks: tuple[int, int]
    ) -> list[BlockDifference]:
        logged = self._from_events(workspace, meter, level=level, blocks=blocks)
        held = self._stored(workspace, meter, level=level, blocks=blocks)
        nothing = (0, 0, Total())
        found: dict[tuple[int, int], BlockDifference] = {}
        for key in sorted({*logged, *held}):
            block, day, _ = key
            if logged.get(key) != held.get(key):
                # Where buckets differ the day does, too, and is told once.
                difference = BlockDifference(
                    level=level,
                    block=block,
                    day=date_of(day),
                    first=block * self._rollups.sizes.fan**level,
                    logged=logged.get(key, nothing)[2],
                    held=held.get(key, nothing)[2],
                )
                found.setdefault((block, day), difference)
        return list(found.values())

    def _from_events(
        self, workspace: WorkspaceId, meter: Meter, *, level: int, blocks: tuple[int, int]
    ) -> dict[_Key, _Summed]:
        bind = Bindings(events=ROWS, workspace=str(workspace))
        sizes = self._rollups.sizes
        size = sizes.positions(level)
        inside = [
            f"position > {bind.position(blocks[0] * size)}",
            f"position <= {bind.position(blocks[1] * size)}",
        ]
        each = (
            f"SELECT intDiv(position - 1, {bind.position(size)}) AS block, subject, "
            f"{sizes.bucket_of('at', bind)} AS bucket, countIf(readable) AS counted, "
            "countIf(NOT readable) AS unread, sumIf(value, readable) AS total, "
            "minIf(value, readable) AS least, maxIf(value, readable) AS greatest "
            f"FROM ({matched_events(meter, inside, bind)}) GROUP BY block, subject, bucket"
        )
        if not level:
            return self._summed(f"(SELECT false AS daily, * FROM ({each}))", bind)
        return self._summed(f"({_by_day_too(each, sizes, bind)})", bind)

    def _stored(
        self, workspace: WorkspaceId, meter: Meter, *, level: int, blocks: tuple[int, int]
    ) -> dict[_Key, _Summed]:
        bind = Bindings(workspace=str(workspace))
        each = (
            "SELECT daily, block, subject, bucket, counted, unread, total, least, greatest "
            f"FROM {ROLLUPS} WHERE reading = {bind.text(reading_of(meter))} "
            f"AND level = {bind.whole(level)} AND block >= {bind.position(blocks[0])} "
            f"AND block < {bind.position(blocks[1])}"
        )
        return self._summed(f"({each})", bind)

    def _summed(self, source: str, bind: Bindings) -> dict[_Key, _Summed]:
        a_day = bind.whole(DAY_MICROS // self._rollups.sizes.bucket_micros)
        day = f"toInt64(intDiv(bucket, {a_day}) - (bucket < 0 AND bucket % {a_day} != 0))"
        statement = (
            f"SELECT {_SUMMED} FROM (SELECT *, {day} AS day FROM {source}) "
            "GROUP BY block, day, daily"
        )
        return {
            (int(block), int(day), bool(daily)): (
                int(rows),
                int(digest),
                Total(rows=int(counted), value=Decimal(total)),
            )
            for block, day, daily, rows, digest, counted, total in self._clickhouse.read(
                statement, bind.parameters
            )
        }


def _by_day_too(each: str, sizes: RollUpSizes, bind: Bindings) -> str:
    """Return rows by bucket, and the same once more by day."""
    starts = f"if(daily, {sizes.day_of('bucket', bind)}, bucket)"
    return (
        f"SELECT daily, block, subject, starts AS bucket, sum(counted_) AS counted, "
        "sum(unread_) AS unread, sum(total_) AS total, minIf(least_, counted_ > 0) AS least, "
        "maxIf(greatest_, counted_ > 0) AS greatest FROM (SELECT daily, block, subject, "
        f"{starts} AS starts, counted AS counted_, unread AS unread_, total AS total_, "
        f"least AS least_, greatest AS greatest_ FROM ({each}) ARRAY JOIN [false, true] AS daily) "
        "GROUP BY daily, block, subject, starts"
    )
