"""
One table of scenarios for meters: each runs through the reference folds and through ClickHouse.

A new aggregation adds rows here and nothing else.
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from tallystick.expressions import Expression, Kind
from tallystick.kernel import Period, SubjectSpan, WorkspaceId
from tallystick.metering import (
    Dimension,
    Event,
    Filter,
    Meter,
    Peak,
    PeakPer,
    PeakTake,
    UsageQuery,
)
from tests.events import at, computed, event, meter, readings, span, window

HOUR = window(0, 3600)
LEVEL_600 = meter("time_weighted", hold_seconds_max=600)
BOOT = meter("counter", epoch="boot")
REGION = (Dimension(name="region", path="where.region"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Events, a question, and the quantity expected of each row, as text."""

    name: str
    meter: Meter
    events: list[Event]
    quantities: list[str]
    windows: tuple[Period, ...] = (HOUR,)
    spans: tuple[SubjectSpan, ...] | None = None
    group_by: tuple[str, ...] = ()
    until: datetime | None = None
    others: bool = False
    zones: tuple[str, ...] = ()
    unmeterable: int = 0
    gap_seconds: str = "0"
    gaps: int = field(default=0)

    def query(self) -> UsageQuery:
        """Return the question, with evidence."""
        return UsageQuery(
            workspace=WorkspaceId("w"),
            meter=self.meter,
            windows=self.windows,
            spans=self.spans,
            group_by=self.group_by,
            until=self.until,
            others=self.others,
            zones=self.zones,
            evidence=True,
        )


PLAIN = readings({0: "10", 5: "20.5", 3599.999999: '"3.25"', 3600: "1000"})
ODD = [
    *readings(
        {
            1: "7",
            2: "null",
            3: "-3",
            4: '"x"',
            5: "true",
            6: "[1]",
            7: '{"v":1}',
            8: "1e3",
            9: "0.1234567890123456789",
            10: "123456789012345678901",
            11: '"12 "',
            12: '""',
            13: "-0",
        }
    ),
    event(14, '{"w":5}'),
]
TAKEN: list[tuple[PeakTake, str]] = [("sum", "16"), ("average", "4")]


def truth(text: str) -> Expression:
    """Return a condition on an event."""
    return computed(text, Kind.TRUTH)


DIGITS = readings({1: "12345678901234567890.123456789012345678", 2: "0.000000000000000001"})

SCENARIOS = [
    Scenario(name="count", meter=meter("count"), events=PLAIN, quantities=["3"]),
    Scenario(name="sum", meter=meter("sum"), events=PLAIN, quantities=["33.75"]),
    Scenario(name="sum of ones", meter=meter("sum", None), events=PLAIN, quantities=["3"]),
    Scenario(name="max", meter=meter("max"), events=PLAIN, quantities=["20.5"]),
    Scenario(name="min", meter=meter("min"), events=PLAIN, quantities=["3.25"]),
    Scenario(name="latest", meter=meter("latest"), events=PLAIN, quantities=["3.25"]),
    Scenario(name="unique", meter=meter("unique"), events=PLAIN, quantities=["3"]),
    Scenario(name="avg", meter=meter("avg"), events=PLAIN, quantities=["11.25"]),
    *(
        Scenario(name=f"{one} of nothing", meter=meter(one), events=PLAIN[3:], quantities=["0"])
        for one in ("count", "sum", "max", "min", "latest", "unique", "avg")
    ),
    *(
        Scenario(
            name=f"percentile {share} of {count}",
            meter=meter("percentile", percentile=Decimal(share)),
            events=readings({n + 1: str((n * 101) % count + 1) for n in range(count)}),
            quantities=[expected],
        )
        for share, count, expected in [
            ("95", 100, "95"),
            ("95", 20, "19"),
            ("95", 21, "20"),
            ("50", 4, "2"),
            ("100", 7, "7"),
            ("0.001", 7, "1"),
            ("99.9", 999, "999"),
            ("99.9", 1001, "1000"),
        ]
    ),
    Scenario(
        name="percentile of nothing",
        meter=meter("percentile", percentile=Decimal(95)),
        events=PLAIN[3:],
        quantities=["0"],
    ),
    Scenario(
        name="percentile of what is readable",
        meter=meter("percentile", percentile=Decimal(50), negative_allowed=True),
        events=ODD,
        quantities=["0"],  # -3, 0, 7
        unmeterable=11,
    ),
    *(
        Scenario(
            name=f"peaks of the quarter-hours, {take}",
            meter=meter("peak", peak=Peak(per=PeakPer.QUARTER_HOUR, take=take)),
            events=readings(
                {0: "3", 899.999999: "5", 900: "4", 1000: "null", 3599: "7", 3600: "9"}
            ),
            quantities=[expected, "0", "9"],
            windows=(HOUR, window(-450, -1), window(3600, 3601)),
            unmeterable=1,
        )
        for take, expected in TAKEN
    ),
    Scenario(
        name="peaks of the days of a zone",
        # New Year's Eve until 05:00 UTC, then two days, the last until 23:00 UTC.
        meter=meter("peak", peak=Peak(per=PeakPer.DAY)),
        events=readings({0: "3", 17_999: "8", 18_000: "5", 104_399: "2", 104_400: "4"}),
        windows=(window(0, 169_200), window(0, 18_000)),
        zones=("America/New_York", "UTC"),
        quantities=["17", "8"],
    ),
    Scenario(
        name="an average of peaks counts what has begun",
        meter=meter("peak", peak=Peak(per=PeakPer.HOUR, take="average")),
        events=readings({0: "3", 3600: "5"}),
        windows=(window(0, 86_400),),
        until=at(4000),
        quantities=["4"],
    ),
    Scenario(
        name="peaks below zero",
        meter=meter("peak", peak=Peak(per=PeakPer.HOUR), negative_allowed=True),
        events=readings({0: "-3", 10: "-2", 3600: "-5"}),
        windows=(window(0, 7200),),
        quantities=["-7"],
    ),
    Scenario(
        name="peaks by subject",
        meter=meter("peak", peak=Peak(per=PeakPer.HOUR)),
        events=[
            event(seconds, f'{{"v":{value}}}', subject=subject)
            for seconds, value, subject in [
                (0, 3, "a"),
                (1, 2, "b"),
                (3600, 1, "a"),
                (3601, 9, "b"),
            ]
        ],
        windows=(window(0, 7200),),
        group_by=("subject",),
        quantities=["4", "11"],
    ),
    Scenario(name="level of nothing", meter=LEVEL_600, events=PLAIN[3:], quantities=["0"]),
    Scenario(name="counter of nothing", meter=BOOT, events=PLAIN[3:], quantities=["0"]),
    Scenario(
        name="every digit counts",
        meter=meter("sum"),
        events=DIGITS,
        quantities=["12345678901234567890.123456789012345679"],
    ),
    Scenario(name="unmeterable", meter=meter("sum"), events=ODD, quantities=["7"], unmeterable=12),
    Scenario(
        name="negative allowed",
        meter=meter("sum", negative_allowed=True),
        events=ODD,
        quantities=["4"],
        unmeterable=11,
    ),
    Scenario(
        name="greatest of negatives",
        meter=meter("max", negative_allowed=True),
        events=readings({1: "-7", 2: "-3"}),
        quantities=["-3"],
    ),
    Scenario(
        name="unique texts",
        meter=meter("unique"),
        events=readings({1: "1", 2: '"1"', 3: "1.0", 4: "true", 5: '"true"', 6: "null", 7: "[2]"}),
        quantities=["3"],
        unmeterable=2,
    ),
    Scenario(
        name="the sequence decides at one instant",
        meter=meter("latest"),
        events=[
            event(1, '{"v":3}', sequence="3"),
            event(1, '{"v":1}', sequence="1"),
            event(1, '{"v":2}', sequence="2"),
        ],
        quantities=["3"],
    ),
    Scenario(
        name="source and id decide after the sequence",
        meter=meter("latest"),
        events=[
            event(1, '{"v":9}', source="b", id="1"),
            event(1, '{"v":8}', source="a", id="9"),
            event(1, '{"v":7}', source="a", id="8"),
        ],
        quantities=["9"],
    ),
    Scenario(
        name="filters",
        meter=meter(
            "count",
            filters=(
                Filter(path="ok", op="eq", values=("true",)),
                Filter(path="code", op="in", values=("200", "206")),
                Filter(path="who.kind", op="ne", values=("robot",)),
                Filter(path="code", op="exists"),
            ),
        ),
        events=[
            event(1, '{"ok":true,"code":200,"who":{"kind":"person"}}'),
            event(2, '{"ok":true,"code":"206"}'),
            event(3, '{"ok":true,"code":404}'),
            event(4, '{"ok":false,"code":200}'),
            event(5, '{"ok":true,"code":200,"who":{"kind":"robot"}}'),
            event(6, '{"ok":true}'),
            event(7, '{"ok":true,"code":200.0}'),
        ],
        quantities=["2"],
    ),
    Scenario(
        name="conditions leave out what is false, and keep what cannot be decided as unmeterable",
        meter=meter(
            "sum",
            conditions=(
                truth("data.n > 1 and data.n / 3 < 2"),
                truth('data.code != "404" or data.n == 5'),
            ),
        ),
        events=[
            event(1, '{"v":1,"n":2}'),
            event(2, '{"v":2,"n":1}'),
            event(4, '{"v":4,"n":5,"code":404}'),
            event(8, '{"v":8,"n":4,"code":404}'),
            event(16, '{"v":16}'),
            event(17, '{"v":16,"code":404,"n":"x"}'),
            event(18, '{"v":null,"n":2}'),
            event(19, '{"v":32,"n":6}'),
        ],
        quantities=["5"],
        unmeterable=3,
    ),
    Scenario(
        name="conditions of a count",
        meter=meter("count", conditions=(truth("data.n > 1"),)),
        events=[event(1, '{"n":2}'), event(2, '{"n":1}'), event(3)],
        quantities=["1"],
        unmeterable=1,
    ),
    Scenario(
        name="by dimension and subject",
        meter=meter("sum", dimensions=REGION),
        events=[
            event(1, '{"v":1,"where":{"region":"eu"}}', subject="b"),
            event(2, '{"v":2,"where":{"region":"eu"}}', subject="a"),
            event(3, '{"v":4,"where":{"region":7}}', subject="a"),
            event(4, '{"v":8,"where":"eu"}', subject="a"),
            event(5, '{"v":16,"where":{"region":{}}}', subject="a"),
        ],
        group_by=("subject", "region"),
        # Of a: no region, 7, eu; then of b.
        quantities=["24", "4", "2", "1"],
    ),
    Scenario(
        name="two windows that overlap, and one before all",
        meter=meter("sum"),
        events=readings({10: "1", 20: "2", 30: "4"}),
        windows=(window(0, 25), window(15, 31), window(-9, 10), window(25, 30)),
        quantities=["3", "6", "0", "0"],
    ),
    Scenario(
        name="spans of subjects",
        meter=meter("sum"),
        events=[
            event(t, f'{{"v":{v}}}', subject=s)
            for t, v, s in [
                (1, 1, "a"),
                (5, 2, "a"),
                (9, 4, "a"),
                (5, 8, "b"),
                (6, 16, "c"),
                (7, 32, ""),
            ]
        ],
        spans=(span("a", 0, 5), span("a", 9, None), span("b"), span("c", 6, 6)),
        quantities=["13"],
    ),
    Scenario(
        name="a level holds over the border",
        meter=meter("time_weighted"),
        events=readings({-7200: "2", 1800: "3.5"}),
        quantities=["9900"],
    ),
    Scenario(
        name="the last of one instant holds",
        meter=meter("time_weighted"),
        events=[event(0, '{"v":9}', sequence="2"), event(0, '{"v":1}', sequence="1")],
        quantities=["32400"],
    ),
    Scenario(
        name="a level not beyond the present",
        meter=meter("time_weighted"),
        events=readings({0: "1"}),
        until=at(100.5),
        quantities=["100.5"],
    ),
    Scenario(
        name="a level until its resource ends",
        meter=meter("time_weighted"),
        events=readings({0: "1"}),
        spans=(span("vm-1", None, 250),),
        quantities=["250"],
    ),
    Scenario(
        name="a resource ended, others go on",
        meter=meter("time_weighted"),
        events=[event(0, '{"v":1}', subject=subject) for subject in ("a", "b", "c", "")],
        spans=(span("a", None, 250), span("b", 5, 5)),
        others=True,
        quantities=["7450"],  # 250 + 0 + 3600 + 3600
    ),
    Scenario(
        name="gaps are left out",
        meter=LEVEL_600,
        events=readings({0: "2", 900: "3"}),
        quantities=["3000"],
        gap_seconds="2400",
        gaps=2,
    ),
    Scenario(
        name="gaps are held",
        meter=meter("time_weighted", hold_seconds_max=600, gap_policy="hold"),
        events=readings({0: "2", 900: "3"}),
        quantities=["9900"],
        gap_seconds="2400",
        gaps=2,
    ),
    Scenario(
        name="a window inside a gap",
        meter=LEVEL_600,
        events=readings({-9000: "2", 9000: "3"}),
        quantities=["0"],
        gap_seconds="3600",
        gaps=1,
    ),
    Scenario(
        name="an unreadable level changes nothing",
        meter=LEVEL_600,
        events=readings({0: "2", 10: "null", 300: "0", 310: "-1"}),
        until=at(600),
        quantities=["600"],
        unmeterable=2,
    ),
    Scenario(
        name="an unreadable event before the window does not hide the level",
        meter=meter("time_weighted"),
        events=[
            *readings({-30: "1", -20: "2", -10: "null"}),
            *readings({-20: "null", -10: "4"}, subject="vm-2"),
            *readings({-10: "null"}, subject="vm-3"),
        ],
        quantities=["21600"],  # 3600 x 2 + 3600 x 4
    ),
    Scenario(
        name="a level changes its owner",
        meter=meter("time_weighted"),
        events=readings({-100: "5", 50: "7"}),
        spans=(span("vm-1", 20, 60), span("vm-1", 100, 110)),
        quantities=["290"],  # 30 x 5 + 10 x 7 + 10 x 7
    ),
    Scenario(
        name="a level hour by hour",
        meter=LEVEL_600,
        events=readings({-60: "1", 500: "2", 5000: "1"}),
        windows=(window(0, 3600), window(3600, 7200), window(7200, 10800)),
        quantities=["1700", "600", "0"],  # 500 x 1 + 600 x 2; 600 x 1
        gap_seconds="9100",
        gaps=4,
    ),
    Scenario(
        name="levels are told apart by subject and dimension",
        meter=meter("time_weighted", dimensions=REGION),
        events=[
            event(0, '{"v":1,"where":{"region":"eu"}}', subject="a"),
            event(100, '{"v":2,"where":{"region":"us"}}', subject="a"),
            event(200, '{"v":4,"where":{"region":"eu"}}', subject="b"),
        ],
        until=at(300),
        quantities=["1100"],  # 300 x 1 + 200 x 2 + 100 x 4
    ),
    Scenario(
        name="a machine counts by the instants of its own life, whenever it is polled",
        meter=meter(
            "time_weighted",
            computed('if data.did in ("start", "resume", "resize") then data.cores else 0'),
            conditions=(truth('data.did != "reboot"'),),
        ),
        events=[
            event(60, '{"did":"start","cores":2}'),
            event(90, '{"did":"reboot"}'),
            event(120, '{"did":"pause"}'),
            event(180, '{"did":"resume","cores":2}'),
            event(200, '{"did":"resize","cores":4}'),
            event(240, '{"did":"stop"}'),
            event(1010, '{"did":"start","cores":1}', subject="vm-2"),
            event(1190, '{"did":"delete"}', subject="vm-2"),
        ],
        quantities=["500"],  # 60 x 2 + 20 x 2 + 40 x 4, and three minutes of one core
    ),
    Scenario(
        name="a counter rises at the later instant",
        meter=BOOT,
        events=readings({-10: "100", 10: "160.5", 3599: "161", 3601: "500"}),
        quantities=["61"],
    ),
    Scenario(
        name="the reading at a border counts in the window it opens",
        meter=BOOT,
        events=readings({-10: "1", 0: "4", 60: "9"}),
        windows=(window(-60, 0), window(0, 60), window(60, 90)),
        quantities=["0", "3", "5"],
    ),
    Scenario(
        name="a falling counter was reset",
        meter=meter("counter"),
        events=readings({1: "100", 2: "160", 3: "220", 4: "30", 5: "90"}),
        quantities=["210"],
    ),
    Scenario(
        name="a counter wraps at 32 bits",
        meter=meter("counter", wrap_bits=32),
        events=readings({1: "4294967000", 2: "704", 3: "4294967296", 4: "1"}),
        quantities=["4294967593"],  # 1000 + 4294966592 + 1
    ),
    Scenario(
        name="a counter wraps at 64 bits",
        meter=meter("counter", wrap_bits=64),
        events=readings({1: "18446744073709551615", 2: "0.5"}),
        quantities=["1.5"],
    ),
    Scenario(
        name="an epoch tells a reset from a rise",
        meter=BOOT,
        events=[
            event(1, '{"v":10,"boot":"a"}'),
            event(2, '{"v":15,"boot":"a"}'),
            event(3, '{"v":20,"boot":"b"}'),
            event(4, '{"v":23}'),
            event(5, '{"v":24,"boot":"c"}'),
            event(6, '{"v":30,"boot":"d"}'),
        ],
        quantities=["59"],  # 5 + 20 + 3 + 1 + 30
    ),
    Scenario(
        name="a counter counts for who had it",
        meter=BOOT,
        events=readings({1: "1", 5: "3", 9: "7", 12: "15", 15: "31"}),
        spans=(span("vm-1", 5, 10), span("vm-1", 15, None)),
        quantities=["22"],  # 2 + 4 + 16
    ),
]
