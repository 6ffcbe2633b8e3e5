"""
What accounts may use, as the server said last: kept in memory and, if wished, on disk.

A document is asked for with the tag of the one that is here, so that an unchanged one costs a few
bytes. On disk one outlives the process: a program that starts while the server is away knows what
was granted before.
"""

import contextlib
import hashlib
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from urllib.parse import quote

import httpx
import msgspec

from tallystick.client.errors import RequestRefused
from tallystick.client.exchange import Request

FRESH_SECONDS = 60.0
KEPT_SECONDS_MAX = 7 * 86_400
ACCOUNTS_MAX = 10_000
FAIL_OPEN = "fail_open"
FAIL_CLOSED = "fail_closed"
_FORM = 1
"""What is kept on disk: 1 with the meters of features; without a number, without them."""
_UNCHANGED = 304
_MISSING = 404

Fetch = Callable[[Request], httpx.Response]


class _Feature(msgspec.Struct, frozen=True, kw_only=True):
    key: str
    kind: str
    meter: str | None = None
    unit: str = ""
    per: str | None = None
    if_unreachable: str = FAIL_CLOSED


class EntitledFeature(msgspec.Struct, frozen=True, kw_only=True):
    """
    What an account may use of a feature.

    `limit` is None where there is none, or where the kind has none; at `valid_until` something
    that is known now changes it.
    """

    declared: _Feature = msgspec.field(name="feature")
    enabled: bool
    value: str | None = None
    limit: Decimal | None = None
    text: str = ""
    valid_until: datetime | None = None

    @property
    def key(self) -> str:
        return self.declared.key

    @property
    def kind(self) -> str:
        return self.declared.kind

    @property
    def if_unreachable(self) -> str:
        return self.declared.if_unreachable

    def counts_with(self, other: "EntitledFeature") -> bool:
        """Tell whether a use of another feature counts towards this one's limit."""
        is_held = self.kind == "metered" and self.enabled and self.limit is not None
        meter = self.declared.meter
        is_beside = meter is not None and meter == other.declared.meter and self.key != other.key
        return is_held and is_beside


class AccountEntitlements(msgspec.Struct, frozen=True, kw_only=True):
    """All that is granted to an account."""

    items: tuple[EntitledFeature, ...] = msgspec.field(name="entitlements")

    def feature(self, key: str) -> EntitledFeature | None:
        return next((each for each in self.items if each.key == key), None)

    def closed_by(self, asked: EntitledFeature) -> EntitledFeature | None:
        """
        Return the feature by which a use is refused while the server is away; None: by none.

        That is the one that is asked for if it fails closed, else the first of those towards whose
        limits the use counts, too.
        """
        beside = (each for each in self.items if each.counts_with(asked))
        return next((each for each in (asked, *beside) if each.if_unreachable != FAIL_OPEN), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """
    A document with its tag.

    Attributes:
        said_at: when the server said it last, seconds since 1970.
        is_new: whether it says something else than the one before.
    """

    document: AccountEntitlements
    etag: str
    said_at: float
    is_new: bool = True

    def is_fresh(self, seconds: float) -> bool:
        """Tell whether it was said so recently, and nothing that was known then has come."""
        now = time.time()
        ends = (each.valid_until for each in self.document.items if each.valid_until is not None)
        return 0 <= now - self.said_at < seconds and all(now < end.timestamp() for end in ends)


class _Kept(msgspec.Struct, kw_only=True):
    account: str
    etag: str
    document: AccountEntitlements
    form: int = 0


class Documents:
    """
    The documents of the accounts that were asked about; any number of threads may use them.

    Args:
        fetch: of the client.
        directory: where they are kept; None: nowhere.
    """

    def __init__(self, fetch: Fetch, *, directory: Path | None = None) -> None:
        self._fetch = fetch
        self._directory = directory
        self._known: dict[str, Known] = {}
        self._lock = threading.Lock()
        if directory is not None:
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)

    def known(self, account: str) -> Known | None:
        """Return what was said last, without asking; None: nothing, or too long ago."""
        with self._lock:
            found = self._known.get(account) or self._read(account)
            if found is None or time.time() - found.said_at > KEPT_SECONDS_MAX:
                return None
            self._known[account] = found
        return found

    def fresh(self, account: str, *, seconds: float = FRESH_SECONDS) -> Known | None:
        """
        Return a document no older than some seconds, asked for if need be; None: no such account.

        Raises:
            ServerUnreachable, RequestRefused: it cannot be had now; `known` may have an older one.
        """
        found = self.known(account)
        if found is not None and found.is_fresh(seconds):
            return found
        return self.ask(account)

    def ask(self, account: str) -> Known | None:
        """Ask for a document, whatever is here; raises as `fresh` does."""
        before = self.known(account)
        headers = {"if-none-match": before.etag} if before is not None and before.etag else {}
        path = f"/v1/accounts/{quote(account, safe='')}/entitlements"
        said_at = time.time()
        try:
            answer = self._fetch(Request(method="GET", path=path, headers=headers))
        except RequestRefused as error:
            if error.answer.status != _MISSING:
                raise
            self._forget(account)
            return None
        if answer.status_code == _UNCHANGED and before is not None:
            found = Known(document=before.document, etag=before.etag, said_at=said_at, is_new=False)
        else:
            document = msgspec.json.decode(answer.content, type=AccountEntitlements)
            etag = answer.headers.get("etag", "")
            found = Known(document=document, etag=etag, said_at=said_at)
        self._keep(account, found)
        return found

    def said_at(self, account: str) -> float:
        """Return when the server spoke of an account last, 0 if never; without looking on disk."""
        found = self._known.get(account)
        return 0.0 if found is None else found.said_at

    def _keep(self, account: str, found: Known) -> None:
        with self._lock:
            self._known.pop(account, None)
            if len(self._known) >= ACCOUNTS_MAX:
                del self._known[next(iter(self._known))]
            self._known[account] = found
            path = self._path(account)
            if path is None:
                return
            if not found.is_new and path.exists():
                os.utime(path)
                return
            kept = _Kept(account=account, etag=found.etag, document=found.document, form=_FORM)
            fresh = path.with_suffix(f".{os.getpid()}.new")
            fresh.write_bytes(msgspec.json.encode(kept))
            fresh.replace(path)

    def _forget(self, account: str) -> None:
        with self._lock:
            self._known.pop(account, None)
            path = self._path(account)
            if path is not None:
                path.unlink(missing_ok=True)

    def _read(self, account: str) -> Known | None:
        path = self._path(account)
        if path is None:
            return None
        with contextlib.suppress(FileNotFoundError, msgspec.DecodeError):
            kept = msgspec.json.decode(path.read_bytes(), type=_Kept)
            if kept.account == account:
                said_at = path.stat().st_mtime
                # One that was kept without something that is read today is asked for in full.
                etag = kept.etag if kept.form == _FORM else ""
                return Known(document=kept.document, etag=etag, said_at=said_at)
        return None

    def _path(self, account: str) -> Path | None:
        if self._directory is None:
            return None
        return self._directory / f"{hashlib.sha256(account.encode()).hexdigest()[:32]}.json"
