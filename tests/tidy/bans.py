"""What must not be written: each rule yields the places where it is."""

import ast
import re
from collections.abc import Iterator

from tests.tidy.source import Finding, Source, dotted


def _refusals(source: Source) -> set[ast.AST]:
    """Types that are only asked for: isinstance(x, float), case float()."""
    asked: set[ast.AST] = set()
    for node in source.nodes:
        if isinstance(node, ast.Call) and dotted(node.func) == "isinstance":
            asked.update(inner for argument in node.args[1:] for inner in ast.walk(argument))
        if isinstance(node, ast.MatchClass):
            asked.add(node.cls)
    return asked


def floats(source: Source) -> Iterator[Finding]:
    """Binary fractions in the core; asking for them in order to refuse them is fine."""
    if not source.in_core:
        return
    refusals = _refusals(source)
    for node in source.nodes:
        if isinstance(node, ast.Name) and node.id == "float" and node not in refusals:
            yield source.finding(node, "float in the core: use Decimal")
        if isinstance(node, ast.Constant) and isinstance(node.value, float | complex):
            yield source.finding(node, f"the literal {node.value} is binary: write Decimal(...)")


def builtin_rounding(source: Source) -> Iterator[Finding]:
    """The builtin rounds halves to even and floats by luck; money is settled, in one place."""
    for node in source.nodes:
        if source.in_core and isinstance(node, ast.Name) and node.id == "round":
            yield source.finding(node, "builtin round in the core: settle() crosses to money")


_WALL_CLOCKS = re.compile(r"(^|\.)(datetime\.(now|utcnow|today)|date\.today|time\.time(_ns)?)$")
_ANY_CLOCK = re.compile(r"(^|\.)time\.(monotonic|perf_counter|process_time)(_ns)?$")


def clocks(source: Source) -> Iterator[Finding]:
    """Time is a parameter below app, and in app it comes from app/clock.py."""
    if source.within == ("app", "clock.py") or not (source.in_core or source.package == "app"):
        return
    for node in source.nodes:
        name = dotted(node)
        if _WALL_CLOCKS.search(name) or (source.in_core and _ANY_CLOCK.search(name)):
            yield source.finding(node, f"{name}: time is a parameter")


def swallowed_errors(source: Source) -> Iterator[Finding]:
    """An error is handled or passed on; one that is dropped comes back as a wrong figure."""
    for node in source.nodes:
        if isinstance(node, ast.ExceptHandler):
            if node.type is None:
                yield source.finding(node, "bare except")
            if all(_says_nothing(statement) for statement in node.body):
                yield source.finding(node, "empty except")
        if (
            isinstance(node, ast.Call)
            and dotted(node.func) in {"suppress", "contextlib.suppress"}
            and {"Exception", "BaseException"} & {dotted(kind) for kind in node.args}
        ):
            yield source.finding(node, "suppress of every error")


def _says_nothing(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Pass) or (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    )


def prints(source: Source) -> Iterator[Finding]:
    """Only the command line speaks on standard output."""
    if not source.within or source.package == "cli":
        return
    for node in source.nodes:
        if isinstance(node, ast.Call) and dotted(node.func) in {"print", "rich.print"}:
            yield source.finding(node, "print outside cli: log in the shell, return in the core")


def asserts(source: Source) -> Iterator[Finding]:
    """`python -O` removes assert; check() stays."""
    for node in source.nodes:
        if source.within and isinstance(node, ast.Assert):
            yield source.finding(node, "assert vanishes under -O: use kernel's check()")


def mocks(source: Source) -> Iterator[Finding]:
    """A mock agrees with whoever wrote it; the engines and the pure core are there to be used."""
    for node in source.nodes:
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        if isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        if any(re.match(r"(unittest\.)?mock(\.|$)|pytest_mock", name) for name in names):
            yield source.finding(node, "a mock")
        if isinstance(node, ast.Call) and re.fullmatch(
            r"(monkeypatch|mp|patch)\.(setattr|delattr|setitem)", dotted(node.func)
        ):
            yield source.finding(node, "a name patched in another module: pass a value instead")


_MAY_SLEEP = frozenset(
    {
        "tests/waiting.py",
        "tests/stories/test_killed.py",  # kills at random moments
    }
)


def sleeps(source: Source) -> Iterator[Finding]:
    """Tests wait for a condition (tests/waiting.py), not for time to pass; nightly ones may."""
    if not source.is_test or source.path in _MAY_SLEEP:
        return
    nightly = {
        inner
        for node in source.nodes
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and any(dotted(mark) == "pytest.mark.nightly" for mark in node.decorator_list)
        for inner in ast.walk(node)
    }
    for node in source.nodes:
        if node in nightly or not isinstance(node, ast.Call):
            continue
        if dotted(node.func) in {"time.sleep", "asyncio.sleep"} and not _is_zero(node.args):
            yield source.finding(node, "a sleep: wait_until(condition, ...) from tests.waiting")


def _is_zero(arguments: list[ast.expr]) -> bool:
    """A sleep of zero only lets others run."""
    return [getattr(argument, "value", None) for argument in arguments] == [0]


_HANDS_ON_THE_ENVIRONMENT = frozenset(
    {"src/tallystick/storage/postgres/embedded/server_user.py"}  # what the server inherits
)


def environment_reads(source: Source) -> Iterator[Finding]:
    """The environment is read where settings are built and where a process starts."""
    if not source.within or source.package in {"bootstrap", "cli", "owner", "worker"}:
        return
    if source.path in _HANDS_ON_THE_ENVIRONMENT:
        return
    for node in source.nodes:
        if dotted(node) in {"os.environ", "os.getenv", "os.environb"}:
            yield source.finding(node, "the environment: take a setting from bootstrap")


def unfinished(source: Source) -> Iterator[Finding]:
    """What is left to do has a number; what is known to be broken is mended."""
    for line, comment in source.comments:
        if re.search(r"\bFIXME\b|\bXXX\b", comment):
            yield source.finding(line, "a known defect left in: mend it")
        if re.search(r"\bTODO\b", comment) and not re.search(r"\bTODO\b\W{0,3}\d+", comment):
            yield source.finding(line, "a TODO without a number")


def unexplained_ignores(source: Source) -> Iterator[Finding]:
    """Whoever silences a checker says of what and why."""
    for line, comment in source.comments:
        for kind, reasoned in _IGNORES:
            if re.search(kind, comment) and not re.search(reasoned, comment):
                yield source.finding(line, "an ignore without code and reason")


_IGNORES = (
    (r"#\s*noqa\b", r"#\s*noqa:\s*[A-Z]+\d+(\s*,\s*[A-Z]+\d+)*\W+\w.{3,}"),
    (r"#\s*type:\s*ignore\b", r"#\s*type:\s*ignore\[[\w, -]+\]\W+\w.{3,}"),
)

BANS = (
    floats,
    builtin_rounding,
    clocks,
    swallowed_errors,
    prints,
    asserts,
    mocks,
    sleeps,
    environment_reads,
    unfinished,
    unexplained_ignores,
)
