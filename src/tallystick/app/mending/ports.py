"""What mending asks of the gate and of the projection."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from tallystick.app.ingest import IngestReport, Result
from tallystick.kernel import WorkspaceId


class ReplayGate(Protocol):
    """The gate, for events that were refused before: those refused again are not buried twice."""

    def check(self, workspace: str, bodies: Sequence[bytes]) -> tuple[Result, ...]:
        """Return why events could not be taken, each by its place; nothing is taken."""
        ...

    async def take_again(self, workspace: str, bodies: Sequence[bytes]) -> IngestReport:
        """Take events, each a JSON text, under the same rules as any others."""
        ...


class Positions(Protocol):
    """The projection, asked where events stand."""

    def positions_of(
        self, workspace: WorkspaceId, names: Sequence[tuple[str, str]], *, as_of: int
    ) -> Mapping[tuple[str, str], int]:
        """Return the positions of the events of these sources and ids that stand."""
        ...
