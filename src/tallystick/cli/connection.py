"""Which server a command asks."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, cast

from cyclopts import Parameter

from tallystick.bootstrap import DataDirectory, Settings, settings_from
from tallystick.cli.exits import Refusal
from tallystick.cli.output import Output
from tallystick.client import Client, Endpoint, Retry
from tallystick.kernel import Problem

PAGE_ITEMS = "500"
URL_HELP = "Server to ask; without it, the one that runs on this computer."
KEY_HELP = "API key for that server."
WORKSPACE_HELP = "Workspace to ask on this computer; without it, live."
DATA_HELP = "Data directory, instead of the usual one."


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Session(Output):
    """
    Which server is asked, and how its answer is written.

    Attributes:
        url: address of a server; empty for the one on the data directory.
        key: shown at that address.
        data: the data directory; None for the usual one.
        workspace: of the server on the data directory; a key is of one workspace by itself.
    """

    url: Annotated[str, Parameter(env_var="TALLYSTICK_URL", help=URL_HELP)] = ""
    key: Annotated[str, Parameter(env_var="TALLYSTICK_KEY", help=KEY_HELP)] = ""
    data: Annotated[Path | None, Parameter(env_var="TALLYSTICK_DATA", help=DATA_HELP)] = None
    workspace: Annotated[str, Parameter(env_var="TALLYSTICK_WORKSPACE", help=WORKSPACE_HELP)] = ""

    def client(self, *, retry: Retry | None = None, timeout_seconds: float = 60.0) -> Client:
        """
        Return a client of the server.

        Raises:
            EngineUnavailable: there is no server on the data directory.
            Refusal: an address was given without a key.
        """
        return Client(self.endpoint(), retry=retry, timeout_seconds=timeout_seconds)

    def endpoint(self) -> Endpoint:
        if not self.url:
            return Endpoint.local(self.directory().run, workspace=self.workspace)
        if not self.key:
            message = "a server that is named by --url needs a key: give --key or TALLYSTICK_KEY"
            raise Refusal([Problem(code="key_missing", message=message, field="--key")])
        return Endpoint(url=self.url, key=self.key)

    def directory(self) -> DataDirectory:
        return DataDirectory(root=self.settings().data)

    def settings(self) -> Settings:
        return settings_from(os.environ, data=self.data)


HERE = Session()
"""The server of this computer, answers for people."""

Item = Mapping[str, object]


def items(client: Client, path: str, **query: str) -> Iterator[Item]:
    """Yield all items of a list, page after page."""
    cursor = ""
    while True:
        page = cast(Item, client.get(path, **query, limit=PAGE_ITEMS, cursor=cursor))
        yield from cast(list[Item], page["items"])
        cursor = str(page.get("next_cursor") or "")
        if not cursor:
            return
