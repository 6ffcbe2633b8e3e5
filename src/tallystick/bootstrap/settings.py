"""
Settings: what the environment says, read once, checked, and passed down.

| variable                     | meaning                           | default            |
|------------------------------|-----------------------------------|--------------------|
| TALLYSTICK_DATA              | data directory                    | see `default_data` |
| TALLYSTICK_HOST              | address to serve on               | 127.0.0.1          |
| TALLYSTICK_PORT              | port to serve on; 0: socket only  | 8080               |
| TALLYSTICK_POSTGRES_URL      | a PostgreSQL 16+ server           | embedded           |
| TALLYSTICK_CLICKHOUSE_URL    | a ClickHouse server               | embedded chDB      |
| TALLYSTICK_ENGINE_MEMORY_MIB | memory of the embedded ClickHouse | a quarter          |
| TALLYSTICK_RATE_LIMIT        | requests a second for one key     | 1000               |
| TALLYSTICK_LOG_LEVEL         | debug, info, warning or error     | info               |
| TALLYSTICK_VIES_URL          | where VAT numbers are checked     | that of the EU     |
| TALLYSTICK_RATES_URL         | exchange rates that the worker fetches | none, off     |
| TALLYSTICK_RATES_HOURS       | time from one fetch to the next   | 6                  |
| TALLYSTICK_SMTP_URL          | the mail server that sends documents | none, off       |
| TALLYSTICK_MAIL_FROM         | the address that they come from   | none               |
| TALLYSTICK_PUBLIC_URL        | https address of the server, for links in letters | none, off |
| TALLYSTICK_WEBHOOK_HOSTS     | hosts that webhooks may call at any address, without TLS | none |
| TALLYSTICK_TAX_ENGINE_URL    | a tax engine outside              | none               |
| TALLYSTICK_TAX_ENGINE_KEY    | its bearer token                  | none               |
| TALLYSTICK_SOURCE_FOLDERS    | roots of watched folders          | inbox, in the data |
| TALLYSTICK_SOURCE_...        | secrets that sources may name     | none               |
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from tallystick.integrations.mail import MailServer, mail_server
from tallystick.integrations.vies import VIES_URL
from tallystick.kernel import Misuse

PREFIX = "TALLYSTICK_"
SOURCE_PREFIX = f"{PREFIX}SOURCE_"
_KNOWN = frozenset(
    {
        "DATA",
        "HOST",
        "PORT",
        "POSTGRES_URL",
        "CLICKHOUSE_URL",
        "ENGINE_MEMORY_MIB",
        "RATE_LIMIT",
        "LOG_LEVEL",
        "RECONCILE_HOURS",
        "ALERTS",
        "ALERT_SECONDS",
        "VIES_URL",
        "RATES_URL",
        "RATES_HOURS",
        "SMTP_URL",
        "MAIL_FROM",
        "PUBLIC_URL",
        "WEBHOOK_HOSTS",
        "TAX_ENGINE_URL",
        "TAX_ENGINE_KEY",
        # read by the command line alone
        "URL",
        "KEY",
        "WORKSPACE",
    }
)
_FREE = (f"{PREFIX}TEST_", SOURCE_PREFIX)
"""What begins so concerns the test suite, or is named by sources."""
_LEVELS = ("debug", "info", "warning", "error")
_MIB = 1024 * 1024
URL_LENGTH_MAX = 260
"""A link in a header stands on one line, of 998 signs at most (RFC 5322)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """
    Everything that the environment decides; the URLs are None where an engine is embedded.

    ``reconcile_hours`` is the time from one comparison of the log with what is derived from it to
    the next; 0 for never by itself. ``alert_seconds`` is the time between two looks for
    alerts, ``alerts`` changes their thresholds: ``lag_seconds=30 dead_letters=off``. ``vies_url``
    is where VAT numbers are checked, when somebody asks for it. ``rates_url`` may hold a secret;
    ``{yesterday}`` in it stands for the day before in UTC. ``mail`` is None where nothing is sent.
    ``webhook_hosts`` are separated by commas or spaces. ``public_url`` has no slash at its end, and
    is empty where none is named.
    """

    data: Path
    host: str
    port: int
    postgres_url: str | None
    clickhouse_url: str | None
    engine_memory_bytes: int
    requests_per_second: int
    log_level: str
    reconcile_hours: int
    alert_seconds: int
    alerts: str
    vies_url: str
    rates_url: str | None = field(repr=False)
    rates_hours: int
    mail: MailServer | None
    public_url: str
    webhook_hosts: frozenset[str]
    tax_engine_url: str
    tax_engine_key: str = field(repr=False)
    source_folders: tuple[Path, ...]
    source_secrets: Mapping[str, str] = field(repr=False)


def settings_from(environment: Mapping[str, str], *, data: Path | None = None) -> Settings:
    """
    Return the settings of an environment.

    Args:
        environment: variables by name; only those with the prefix count.
        data: the data directory, where the command line names one.

    Raises:
        Misuse: an unknown variable, or a value that cannot be; the message says what can.

    """
    for name in environment:
        if name.startswith(PREFIX) and not name.startswith(_FREE):
            _check_known(name)
    get = environment.get
    level = get(f"{PREFIX}LOG_LEVEL", "info")
    if level not in _LEVELS:
        message = f"{PREFIX}LOG_LEVEL is {level!r}; it can be {', '.join(_LEVELS)}"
        raise Misuse(message)
    named = get(f"{PREFIX}DATA")
    data = data or (Path(named) if named else default_data(environment))
    return Settings(
        data=data,
        host=get(f"{PREFIX}HOST", "127.0.0.1"),
        port=_whole(environment, "PORT", 8080, least=0, most=65_535),
        postgres_url=get(f"{PREFIX}POSTGRES_URL") or None,
        clickhouse_url=get(f"{PREFIX}CLICKHOUSE_URL") or None,
        engine_memory_bytes=_MIB
        * _whole(environment, "ENGINE_MEMORY_MIB", max(512, memory_bytes() // _MIB // 4)),
        requests_per_second=_whole(environment, "RATE_LIMIT", 1000),
        log_level=level,
        alert_seconds=_whole(environment, "ALERT_SECONDS", 30, most=86_400),
        alerts=get(f"{PREFIX}ALERTS", ""),
        vies_url=get(f"{PREFIX}VIES_URL", VIES_URL),
        mail=_mail(get(f"{PREFIX}SMTP_URL", ""), get(f"{PREFIX}MAIL_FROM", "")),
        public_url=_public_url(get(f"{PREFIX}PUBLIC_URL", "")),
        webhook_hosts=frozenset(get(f"{PREFIX}WEBHOOK_HOSTS", "").replace(",", " ").split()),
        tax_engine_url=get(f"{PREFIX}TAX_ENGINE_URL", ""),
        tax_engine_key=get(f"{PREFIX}TAX_ENGINE_KEY", ""),
        reconcile_hours=_whole(environment, "RECONCILE_HOURS", 24, least=0, most=8760),
        rates_url=get(f"{PREFIX}RATES_URL") or None,
        rates_hours=_whole(environment, "RATES_HOURS", 6, most=8760),
        source_folders=_folders(get(f"{SOURCE_PREFIX}FOLDERS"), data),
        source_secrets={
            name: value for name, value in environment.items() if name.startswith(SOURCE_PREFIX)
        },
    )


def environment_settings() -> Settings:
    """Return the settings of this process's own environment."""
    return settings_from(os.environ)


def default_data(environment: Mapping[str, str]) -> Path:
    """
    Return where data is kept if nothing else is said.

    For root that is outside root's home, which is closed to the user that PostgreSQL runs as.
    """
    if os.geteuid() == 0:
        return Path("/var/lib/tallystick")
    home = environment.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(home) / "tallystick"


def memory_bytes() -> int:
    """Return the memory that this process may use: the machine's, or less by its control group."""
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limit = Path("/sys/fs/cgroup/memory.max")
    if limit.exists() and (text := limit.read_text().strip()).isdigit():
        return min(physical, int(text))
    return physical


def _mail(url: str, sender: str) -> MailServer | None:
    if not url and not sender:
        return None
    if not url or not sender:
        message = f"{PREFIX}SMTP_URL and {PREFIX}MAIL_FROM must both be set, or neither"
        raise Misuse(message)
    return mail_server(url, sender)


def _public_url(text: str) -> str:
    """Return an address without a path: pages of the server name each other from its root."""
    message = f"{PREFIX}PUBLIC_URL is {text[:80]!r}; it must be https://host[:port] and no more"
    try:
        parts = urlsplit(text)
        port = f":{parts.port}" if parts.port is not None else ""
    except ValueError as error:
        raise Misuse(message) from error
    url = f"https://{parts.hostname}{port}"
    if text and (len(url) > URL_LENGTH_MAX or text.lower().removesuffix("/") != url):
        raise Misuse(message)
    return url if text else ""


def _folders(text: str | None, data: Path) -> tuple[Path, ...]:
    if text is None:
        return (data / "inbox",)
    return tuple(Path(each) for each in text.split(os.pathsep) if each)


def _check_known(name: str) -> None:
    if name.removeprefix(PREFIX) not in _KNOWN:
        known = ", ".join(sorted(PREFIX + known for known in _KNOWN))
        message = f"{name} is no setting; known are {known}"
        raise Misuse(message)


def _whole(
    environment: Mapping[str, str], name: str, default: int, *, least: int = 1, most: int = 2**40
) -> int:
    text = environment.get(PREFIX + name, str(default))
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        message = f"{PREFIX}{name} is {text!r}; it must be a whole number from {least} to {most}"
        raise Misuse(message)
    return int(text)
