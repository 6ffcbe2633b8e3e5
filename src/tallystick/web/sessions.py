"""
Who looks at the pages: a cookie that names a session, which names a key.

A session begins with the link that `up` prints, or with a pasted key. It holds no secret, only the
key's id, and asks at each page and each second of a stream whether that key still stands: a revoked
key ends its sessions. The cookie is HttpOnly and SameSite=Strict; sessions end with the process.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from litestar.datastructures import Cookie

from tallystick.app.command import Caller
from tallystick.app.keys import ApiKey, Scope
from tallystick.bootstrap import LOCAL_KEY_ID, StartTokens
from tallystick.bootstrap.engines import Application
from tallystick.kernel import AccountKey, WorkspaceId

COOKIE = "tallystick_session"
SESSION_LENGTH = timedelta(hours=12)
SESSIONS_MAX = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A signed-in browser."""

    workspace: WorkspaceId
    key_id: str
    account: AccountKey | None
    expires_at: datetime

    @property
    def caller(self) -> Caller:
        """Return who looks, in the words of the use cases: one who may read, and no more."""
        return Caller(
            workspace=self.workspace,
            actor=f"key:{self.key_id}",
            scopes=frozenset({Scope.READ}),
            account=self.account,
        )


class Sessions:
    """The sessions of one process, by the SHA-256 of their cookie."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._start_tokens = StartTokens(application.local_key.secret)
        self._sessions: dict[bytes, Session] = {}
        self._lock = threading.Lock()

    def begin_with_start_token(self, token: str) -> Cookie | None:
        """Return the cookie for a start token, None if it is not good (any more)."""
        now = self._application.clock.now()
        workspace = self._start_tokens.redeem(token, now=now)
        if workspace is None:
            return None
        return self._begin(workspace, key_id=LOCAL_KEY_ID, account=None)

    def begin_with_key(self, token: str) -> Cookie | None:
        """Return the cookie for a key that may read, None if it is not good; blocks."""
        key = self._application.look_up_key(token.strip())
        if key is None or not may_read(key):
            return None
        return self._begin(key.workspace, key_id=key.id, account=key.account)

    def find(self, cookie: str | None) -> Session | None:
        """Return the session of a cookie if its key still stands; blocks on PostgreSQL."""
        if not cookie:
            return None
        session = self._sessions.get(_name(cookie))
        if session is None or not self._stands(session):
            self.end(cookie)
            return None
        return session

    def end(self, cookie: str | None) -> None:
        """Forget a session."""
        if cookie:
            with self._lock:
                self._sessions.pop(_name(cookie), None)

    def _stands(self, session: Session) -> bool:
        now = self._application.clock.now()
        if session.expires_at <= now:
            return False
        if session.key_id == LOCAL_KEY_ID:
            return True
        with self._application.units(session.workspace) as uow:
            found = uow.keys.find(session.key_id)
        if found is None or found[0].revoked_at is not None:
            return False
        return found[0].expires_at is None or found[0].expires_at > now

    def _begin(self, workspace: WorkspaceId, *, key_id: str, account: AccountKey | None) -> Cookie:
        text = secrets.token_urlsafe(32)
        session = Session(
            workspace=workspace,
            key_id=key_id,
            account=account,
            expires_at=self._application.clock.now() + SESSION_LENGTH,
        )
        with self._lock:
            while len(self._sessions) >= SESSIONS_MAX:
                self._sessions.pop(next(iter(self._sessions)))
            self._sessions[_name(text)] = session
        return session_cookie(text)


def session_cookie(text: str) -> Cookie:
    """Return the cookie that carries a session's secret; an empty text takes it away."""
    seconds = int(SESSION_LENGTH.total_seconds()) if text else 0
    return Cookie(
        key=COOKIE, value=text, max_age=seconds, path="/", httponly=True, samesite="strict"
    )


def may_read(key: ApiKey) -> bool:
    """Tell whether a key may see the pages."""
    return bool({Scope.READ, Scope.ADMIN} & key.scopes)


def _name(cookie: str) -> bytes:
    return hashlib.sha256(cookie.encode(errors="replace")).digest()
