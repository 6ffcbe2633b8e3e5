"""Each ban, shown a planted sample that it must find and its honest neighbour that it must not."""

import textwrap

import pytest

from tests.tidy import bans, imports, shape, sql, tracked
from tests.tidy.source import Rule, Source

CORE = "src/tallystick/pricing/sample.py"
APP = "src/tallystick/app/invoicing/sample.py"
SHELL = "src/tallystick/api/sample.py"
CLICKHOUSE = "src/tallystick/storage/clickhouse/sample.py"
TEST = "tests/pricing/test_sample.py"
_LEFT = "TO" + "DO"  # cut, so that the rule does not find this file

PLANTED: list[tuple[Rule, str, str]] = [
    (bans.floats, CORE, "x = float('1')"),
    (bans.floats, CORE, "def f(x: float) -> None: ..."),
    (bans.floats, CORE, "x = Decimal(0.1)"),
    (bans.floats, CORE, "x = 1e3"),
    (bans.builtin_rounding, CORE, "x = round(y, 2)"),
    (bans.builtin_rounding, CORE, "x = map(round, y)"),
    (bans.clocks, CORE, "x = datetime.now(UTC)"),
    (bans.clocks, CORE, "x = datetime.datetime.utcnow()"),
    (bans.clocks, CORE, "x = time.time()"),
    (bans.clocks, CORE, "x = time.monotonic_ns()"),
    (bans.clocks, CORE, "x = date.today()"),
    (bans.clocks, APP, "clock = datetime.now"),
    (bans.swallowed_errors, SHELL, "try:\n    f()\nexcept ValueError:\n    pass"),
    (bans.swallowed_errors, SHELL, "try:\n    f()\nexcept ValueError:\n    ..."),
    (bans.swallowed_errors, SHELL, "try:\n    f()\nexcept:\n    raise"),
    (bans.swallowed_errors, TEST, "with contextlib.suppress(Exception):\n    f()"),
    (bans.prints, SHELL, "print('x')"),
    (bans.asserts, SHELL, "def f(x):\n    assert x > 0\n    return x"),
    (bans.mocks, TEST, "from unittest.mock import Mock"),
    (bans.mocks, TEST, "from unittest import mock"),
    (bans.mocks, TEST, "import mock"),
    (bans.mocks, TEST, "def test(monkeypatch):\n    monkeypatch.setattr(m, 'f', g)"),
    (bans.sleeps, TEST, "time.sleep(1)"),
    (bans.environment_reads, SHELL, "x = os.environ['X']"),
    (bans.environment_reads, CORE, "x = os.getenv('X')"),
    (bans.unfinished, SHELL, f"x = 1  # {_LEFT}: later"),
    (bans.unfinished, SHELL, "x = 1  # FIX" + "ME wrong"),
    (bans.unexplained_ignores, SHELL, "x = 1  # no" + "qa"),
    (bans.unexplained_ignores, SHELL, "x = 1  # no" + "qa: S608"),
    (bans.unexplained_ignores, SHELL, "x = 1  # type: " + "ignore"),
    (bans.unexplained_ignores, SHELL, "x = 1  # type: " + "ignore[arg-type]"),
    (imports.local_imports, SHELL, "def f():\n    import json\n    return json"),
    (imports.local_imports, SHELL, "class A:\n    def f(self):\n        from a import b"),
    (imports.impure_imports, CORE, "import os"),
    (imports.impure_imports, CORE, "from pathlib import Path"),
    (imports.impure_imports, CORE, "import psycopg.rows"),
    (imports.inner_imports, CORE, "from tallystick.kernel.money import Money"),
    (imports.inner_imports, CORE, "import tallystick.kernel.money"),
    (imports.inner_imports, SHELL, "from tallystick.app.metering.ports import UsageReader"),
    (imports.client_below, CORE, "from tallystick.client import Client"),
    (shape.long_files, CORE, "x = 1\n" * 401),
    (shape.long_files, TEST, "x = 1\n" * 601),
    (shape.long_functions, CORE, "def f():\n" + "    x = 1\n" * 41),
    (shape.long_functions, SHELL, "async def f():\n" + "    x = 1\n" * 61),
    (shape.long_classes, SHELL, "class A:\n" + "    x = 1\n" * 150),
    (
        shape.long_classes,
        CORE,
        "class A:\n" + "".join(f"    def f{n}(self): ...\n" for n in range(11)),
    ),
    (sql.lossy_sql, CLICKHOUSE, "x = 'SELECT avg(v) FROM e'"),
    (sql.lossy_sql, CLICKHOUSE, "x = f'sum(toDecimal128OrNull({x}, 18))'"),
    (shape.vague_names, "src/tallystick/pricing/utils.py", ""),
    (shape.vague_names, "src/tallystick/helpers/tiers.py", ""),
    (shape.vague_names, CORE, "class InvoiceService: ..."),
    (shape.vague_names, CORE, "class BaseModel: ..."),
]

HONEST: list[tuple[Rule, str, str]] = [
    (bans.floats, CORE, "if isinstance(x, float | bool): raise Misuse"),
    (bans.floats, CORE, "match x:\n    case float():\n        y = 1"),
    (bans.floats, SHELL, "timeout = 0.5"),
    (bans.builtin_rounding, SHELL, "x = round(seconds, 1)"),
    (bans.clocks, "src/tallystick/app/clock.py", "x = datetime.now(UTC)"),
    (bans.clocks, CORE, "x = datetime(2026, 1, 1, tzinfo=UTC)"),
    (bans.clocks, APP, "x = self.clock.now()"),
    (bans.clocks, APP, "deadline = time.monotonic() + 1"),
    (bans.swallowed_errors, SHELL, "try:\n    f()\nexcept ValueError:\n    return 0"),
    (bans.swallowed_errors, SHELL, "with suppress(FileNotFoundError):\n    f()"),
    (bans.prints, "src/tallystick/cli/sample.py", "print('x')"),
    (bans.asserts, TEST, "assert f() == 1"),
    (bans.mocks, TEST, "def test(monkeypatch):\n    monkeypatch.setenv('A', 'b')"),
    (bans.sleeps, SHELL, "time.sleep(1)"),
    (bans.sleeps, TEST, "@pytest.mark.nightly\ndef test():\n    time.sleep(1)"),
    (bans.environment_reads, "src/tallystick/bootstrap/settings.py", "x = os.environ"),
    (bans.unfinished, SHELL, f"x = 1  # {_LEFT} 12: later"),
    (bans.unfinished, SHELL, f"x = '{_LEFT}'"),
    (bans.unexplained_ignores, SHELL, "x = 1  # no" + "qa: S608 - the name is a constant"),
    (bans.unexplained_ignores, SHELL, "x = 1  # type: " + "ignore[no-any-return]  # no stubs"),
    (imports.local_imports, SHELL, "import json\ndef f(): ..."),
    (imports.impure_imports, CORE, "import hashlib\nfrom tallystick.kernel import Money"),
    (imports.impure_imports, SHELL, "import os"),
    (imports.inner_imports, CORE, "from tallystick.kernel import Money"),
    (imports.inner_imports, CORE, "from tallystick.pricing.tiers import Tier"),
    (imports.inner_imports, SHELL, "from tallystick.app.metering import UsageReader"),
    (imports.client_below, "src/tallystick/cli/sample.py", "from tallystick.client import Client"),
    (shape.long_files, CORE, "x = 1\n" * 400),
    (shape.long_functions, CORE, 'def f():\n    """\n' + "    x\n" * 50 + '    """\n    return 1'),
    (sql.lossy_sql, CLICKHOUSE, '"""Never avg(v)."""\nx = "sum(toDecimal256(v, 18))"'),
    (bans.sleeps, TEST, "async def test():\n    await asyncio.sleep(0)"),
    (shape.vague_names, "src/tallystick/storage/database.py", "class Base64Text: ..."),
]


def _name(case: object) -> str:
    return getattr(case, "__name__", None) or textwrap.shorten(str(case), 40)


@pytest.mark.parametrize(("rule", "path", "text"), PLANTED, ids=_name)
def test_planted(rule: Rule, path: str, text: str) -> None:
    """A planted breach is found."""
    assert list(rule(Source(path, text)))


@pytest.mark.parametrize(("rule", "path", "text"), HONEST, ids=_name)
def test_honest(rule: Rule, path: str, text: str) -> None:
    """What only looks like a breach is left alone."""
    assert [str(finding) for finding in rule(Source(path, text))] == []


def test_every_rule_has_samples() -> None:
    """No rule goes untried."""
    rules = {*bans.BANS, *imports.IMPORTS, *shape.SHAPES, *sql.SQL} - {sql.base_tables}
    assert rules == {rule for rule, _, _ in PLANTED}


def test_base_tables() -> None:
    """A table's name is found wherever it stands in a text, but not in its one module."""
    schema = Source(sql.SCHEMA, "_TABLE = 'event_rows'\nEVENTS = 'open_view'")
    names = sql.guarded_names(schema)
    assert names == {"event_rows"}
    query = "x = f'SELECT 1 FROM event_rows WHERE {y}'"
    assert list(sql.base_tables(Source(SHELL, query), names))
    assert list(sql.base_tables(Source(CLICKHOUSE, query), names))
    assert not list(sql.base_tables(schema, names))
    assert not list(sql.base_tables(Source(SHELL, "x = 'FROM open_view'"), names))


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("docs/a.md", "see /wo" + "rk/shared"),
        ("Makefile", "cd /ro" + "ot/x"),
        ("a.toml", "url = 'https://files.python" + "hosted.org/x'"),
        ("a.md", "PyP" + "I.org has it"),
        ("a.md", "deb.deb" + "ian.org"),
        ("a.md", "registry.npm" + "js.org"),
        ("requirements/run.txt", "--find-links /mnt/wheels"),
        ("requirements/run.txt", "  --extra-index-url x"),
        ("requirements/run.txt", "x @ file:///x.whl"),
    ],
)
def test_leak(path: str, line: str) -> None:
    """A path of one machine, a registry's host and an address in a lock are found."""
    assert list(tracked.leaks(path, line.encode()))


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("a.md", "../shared/data, ./work/x, https://example.org/work/"),
        ("a.md", "apt install python3-venv"),
        ("requirements/run.txt", "httpx==0.28.1 \\"),
        ("picture.png", "\0/wo" + "rk/"),
    ],
)
def test_no_leak(path: str, line: str) -> None:
    """Relative paths, other hosts and pictures are left alone."""
    assert [str(finding) for finding in tracked.leaks(path, line.encode())] == []
