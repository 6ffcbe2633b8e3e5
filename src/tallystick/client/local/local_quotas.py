"""
Quotas decided in this process, as far as they can be, and by the server where they cannot.

    quotas = LocalQuotas(Endpoint(...), directory=Path("/var/lib/shop/quotas"))
    quotas.consume("acme", "api-calls")              the server decides; threads share requests
    quotas.leased("acme", "api-calls").consume()     decided here, in microseconds

One object serves a process; it closes itself when the process ends.
"""

import asyncio
import atexit
import contextlib
import functools
import os
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Self

from tallystick.client.client import Client
from tallystick.client.endpoint import Endpoint
from tallystick.client.errors import RequestRefused, ServerUnreachable
from tallystick.client.local.away import OpenGrants
from tallystick.client.local.desk import DeskTimes, LocalDesk
from tallystick.client.local.documents import Documents
from tallystick.client.local.keeping import Keeper
from tallystick.client.local.leased import LeasedQuota
from tallystick.client.local.place import claim_place
from tallystick.client.local.taking import LeaseOrder
from tallystick.client.local.upkeep import Upkeep
from tallystick.client.quotas import SOURCE, Consume, Decision, Number, made_id
from tallystick.client.retry import Retry
from tallystick.kernel import Misuse


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalTimes:
    """
    How long things take, in seconds.

    Attributes:
        answer: the server is away once it has not answered for so long, twice.
        away: so long it is left alone then.
        gather: so long the first use of a request waits for others.
        tick: how often slices are renewed and reported, and books synced to the disk.
        documents: so old what accounts may use becomes before it is asked for again.
        left_behind: how often books of processes that are no more are looked for.
    """

    answer: float = 2.0
    away: float = 1.0
    gather: float = 0.0
    tick: float = 0.2
    documents: float = 300.0
    left_behind: float = 10.0


class LocalQuotas:
    """
    The quotas of one server for one process; a context manager, for any number of threads.

    Args:
        directory: where books and documents are kept, on a file system of this machine; processes
            share it.
        source: of the events that uses become.
        told: called in a background thread with what was let through while the server was away,
            once that has been told.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        directory: Path,
        source: str = SOURCE,
        times: LocalTimes | None = None,
        told: Callable[[OpenGrants], None] | None = None,
    ) -> None:
        times = times or LocalTimes()
        self._source = source
        self._place = claim_place(directory)
        retry = Retry(attempts_max=2, delay_seconds_first=0.05, retry_after_seconds_max=1.0)
        self._client = Client(endpoint, retry=retry, timeout_seconds=times.answer)
        self._documents = Documents(self._client.fetch, directory=directory / "documents")
        self._desk = LocalDesk(
            self._client.fetch,
            place=self._place,
            documents=self._documents,
            times=DeskTimes(gather_seconds=times.gather, away_seconds=times.away),
        )
        self._process = os.getpid()
        self._is_closed = False
        self._upkeep = Upkeep(
            root=directory,
            desk=self._desk,
            documents=self._documents,
            document_seconds=times.documents,
            told=told,
        )
        chores = self._upkeep.chores(tick=times.tick, left_behind=times.left_behind)
        self._keeper = Keeper(chores, tick_seconds=times.tick, woken=self._desk.woken)
        atexit.register(self.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def consume(
        self,
        account: str,
        feature: str,
        *,
        quantity: Number = 1,
        id: str = "",
        operation: str = "",
    ) -> Decision:
        """
        Use so much; decided by the server, or where it is away as the feature declares.

        Raises:
            RequestRefused: the question is wrong, or the key may not ask it.
            EngineBusy: too many wait already.
        """
        self._upkeep.accounts.add(account)
        return self._desk.decide(
            Consume(
                account=account,
                feature=feature,
                quantity=Decimal(quantity),
                source=self._source,
                id=id or made_id(),
                operation=operation,
            )
        )

    async def consume_async(
        self,
        account: str,
        feature: str,
        *,
        quantity: Number = 1,
        id: str = "",
        operation: str = "",
    ) -> Decision:
        """Use so much as `consume` does; the event loop goes on meanwhile."""
        use = functools.partial(self.consume, quantity=quantity, id=id, operation=operation)
        return await asyncio.to_thread(use, account, feature)

    def leased(
        self, account: str, feature: str, *, quantity: Number = 1_000, seconds: int = 60
    ) -> LeasedQuota:
        """
        Return the leased quota of a feature, the same one each time.

        `quantity` and `seconds` are those of a slice, said by the first call: what a process that
        is killed has not spent is back after these seconds, of which there are 3,600 at most.
        """
        self._upkeep.accounts.add(account)
        made = self._upkeep.leased.get((account, feature))
        if made is not None:
            return made
        order = LeaseOrder(
            account=account,
            feature=feature,
            quantity=Decimal(quantity),
            seconds=seconds,
            source=self._source,
        )
        if self._is_closed:
            raise Misuse("these quotas are closed")
        return self._upkeep.leased.setdefault(
            (account, feature), LeasedQuota(order, desk=self._desk)
        )

    def knows(self, account: str) -> bool:
        """Tell whether it is known what an account may use, should the server be away."""
        return self._documents.known(account) is not None

    @property
    def problems(self) -> list[str]:
        """Return what hinders reporting now; empty: all that is due is told."""
        return self._keeper.problems

    def close(self) -> None:
        """Report, give back what is left, and end; what cannot be told now is told later."""
        if self._is_closed or os.getpid() != self._process:
            return
        self._is_closed = True
        atexit.unregister(self.close)
        self._keeper.stop()
        self._desk.try_again()
        for leased in self._upkeep.leased.values():
            with contextlib.suppress(ServerUnreachable, RequestRefused):
                leased.close()
        self._desk.close()
        with contextlib.suppress(ServerUnreachable, RequestRefused):
            self._upkeep.reconcile()
        self._place.remove()
        self._client.close()
