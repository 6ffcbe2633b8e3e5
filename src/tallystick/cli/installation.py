"""
What an installation needs before its first event: a schema, a workspace, a key.

All of it may be done again: the schema is brought up to date, the workspace stands already, and a
key is made only while the workspace has none.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from tallystick.app.clock import Clock
from tallystick.app.command import Caller
from tallystick.app.keys import CreateKey, Scope, create_key, list_keys
from tallystick.app.workspaces import CreateWorkspace, WorkspaceKind, create_workspace
from tallystick.bootstrap import Settings
from tallystick.bootstrap.engines import APP_ROLE, OWNER_ROLE, postgres_uri
from tallystick.cli.exits import Refusal
from tallystick.kernel import Outcome, Refused, WorkspaceId
from tallystick.storage.postgres import Pool, PostgresUnitOfWork, migrate, open_pool

Value = TypeVar("Value")

WORKSPACE = WorkspaceId("live")
FIRST_KEY = "first admin key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """
    What the start found or made.

    Attributes:
        admin_token: the first key's token, if it was made just now; it is shown this once.
    """

    admin_token: str | None

    @property
    def is_new(self) -> bool:
        return self.admin_token is not None


def install(settings: Settings, clock: Clock) -> Installed:
    """
    Bring the database up to date and see that there is a workspace with a key.

    Raises:
        EngineUnavailable: PostgreSQL cannot be reached, or is of a newer release.
        Refusal: the workspace or the key cannot be made.
    """
    migrate(postgres_uri(settings, OWNER_ROLE))
    caller = Caller(workspace=WORKSPACE, actor="local:up", scopes=frozenset({Scope.ADMIN}))
    with open_pool(postgres_uri(settings, APP_ROLE), connections_max=1) as pool:
        wanted = CreateWorkspace(kind=WorkspaceKind.LIVE, name="Live")
        _value(create_workspace(wanted, caller=caller, uow=_unit(pool), clock=clock))
        if _value(list_keys(caller, uow=_unit(pool), limit=1)):
            return Installed(admin_token=None)
        first = CreateKey(label=FIRST_KEY, scopes=(Scope.ADMIN,))
        created = _value(create_key(first, caller=caller, uow=_unit(pool), clock=clock))
        return Installed(admin_token=created.token)


def _unit(pool: Pool) -> PostgresUnitOfWork:
    return PostgresUnitOfWork(pool, WORKSPACE)


def _value(outcome: Outcome[Value]) -> Value:
    if isinstance(outcome, Refused):
        raise Refusal(outcome.problems)
    return outcome.value


def child_environment(settings: Settings) -> Mapping[str, str]:
    """Return what the children inherit: our environment, and what the command line changed."""
    return {
        **os.environ,
        "TALLYSTICK_DATA": str(settings.data),
        "TALLYSTICK_HOST": settings.host,
        "TALLYSTICK_PORT": str(settings.port),
        "PYTHONUNBUFFERED": "1",
    }
