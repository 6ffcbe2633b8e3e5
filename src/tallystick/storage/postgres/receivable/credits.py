"""The store of credit: grants, voids, movements, and what of them was booked."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import msgspec
from psycopg import Connection

from tallystick.credits import (
    Booking,
    BookingKind,
    CreditHistory,
    Grant,
    GrantDocument,
    GrantKey,
    GrantKind,
    LotId,
    Movement,
    MovementKind,
    Part,
    Void,
    grant_from_wire,
    wire_from_grant,
)
from tallystick.kernel import AccountKey, WorkspaceId, parse_decimal, plain

# The row is locked from here to the commit; a first fact makes it.
_HOLD = """
INSERT INTO credit_account AS c (workspace_id, account, facts) VALUES (%s, %s, 1)
ON CONFLICT (workspace_id, account) DO UPDATE SET facts = c.facts + 1
RETURNING facts
"""
_GRANTS = "SELECT document::text FROM credit_grant WHERE account = %s ORDER BY ordinal"
_FIND = "SELECT document::text FROM credit_grant WHERE key = %s"
_ADD_ENDING = """
INSERT INTO credit_ending AS e (workspace_id, grant_key, account, ends_at)
SELECT g.workspace_id, g.key, g.account, %s FROM credit_grant AS g
WHERE g.key = %s AND g.document->>'kind' = 'paid'
ON CONFLICT (workspace_id, grant_key)
DO UPDATE SET ends_at = least(e.ends_at, excluded.ends_at), is_open = true
"""
_REOPEN = """
UPDATE credit_ending SET is_open = true WHERE grant_key = ANY(%s) AND NOT is_open
"""
# UNION, so that accounts that stand above each other would end it too.
_PURSES = """
WITH RECURSIVE below (payer, account) AS (
  SELECT key, key FROM account WHERE key = ANY(%s)
  UNION
  SELECT b.payer, a.key FROM below AS b JOIN account AS a ON a.parent = b.account
  WHERE NOT a.invoiced
)
SELECT b.payer, array_agg(b.account ORDER BY b.account) FROM below AS b
JOIN credit_account AS c ON c.account = b.account
GROUP BY b.payer
"""
_VOIDS = """
SELECT v.grant_key, v.at, v.reason FROM credit_void AS v
JOIN credit_grant AS g ON g.workspace_id = v.workspace_id AND g.key = v.grant_key
WHERE g.account = %s ORDER BY g.ordinal
"""
_MOVEMENTS = """
SELECT m.ordinal, m.key, m.kind, m.at, m.gives_back, m.source, p.grant_key, p.lot, p.amount
FROM credit_movement AS m
JOIN credit_movement_part AS p ON p.workspace_id = m.workspace_id AND p.account = m.account
  AND p.movement = m.ordinal
WHERE m.account = %s ORDER BY m.ordinal, p.place
"""
_ADD_GRANT = """
INSERT INTO credit_grant (workspace_id, account, ordinal, key, document, recorded_at)
VALUES (%s, %s, %s, %s, %s, %s)
"""
_ADD_VOID = """
INSERT INTO credit_void (workspace_id, grant_key, at, reason, recorded_at)
VALUES (%s, %s, %s, %s, %s)
"""
_ADD_MOVEMENT = """
INSERT INTO credit_movement
  (workspace_id, account, ordinal, key, kind, at, gives_back, source, recorded_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
_ADD_PART = """
INSERT INTO credit_movement_part
  (workspace_id, account, movement, place, grant_key, lot, amount)
VALUES (%s, %s, %s, %s, %s, %s, %s)
"""
_BOOKED = """
SELECT b.grant_key, b.kind, sum(b.minor) FROM credit_booking AS b
JOIN credit_grant AS g ON g.workspace_id = b.workspace_id AND g.key = b.grant_key
WHERE g.account = %s GROUP BY b.grant_key, b.kind HAVING sum(b.minor) <> 0
"""
_BOOK = """
INSERT INTO credit_booking (workspace_id, grant_key, entry_id, kind, minor)
VALUES (%s, %s, %s, %s, %s)
"""


class PostgresCredits:
    """The credit of one workspace's accounts."""

    def __init__(self, connection: Connection, workspace: WorkspaceId) -> None:
        self._connection = connection
        self._workspace = workspace

    def hold(self, account: AccountKey) -> int:
        row = self._connection.execute(_HOLD, [self._workspace, account]).fetchone()
        return int(row[0]) if row else 0

    def load(self, account: AccountKey) -> CreditHistory:
        grants = self._connection.execute(_GRANTS, [account]).fetchall()
        voids = self._connection.execute(_VOIDS, [account]).fetchall()
        return CreditHistory(
            grants=tuple(_grant(text) for (text,) in grants),
            voids=tuple(
                Void(grant=GrantKey(key), at=at, reason=reason) for key, at, reason in voids
            ),
            movements=self._movements(account),
        )

    def find(self, grant: GrantKey) -> Grant | None:
        row = self._connection.execute(_FIND, [grant]).fetchone()
        return None if row is None else _grant(row[0])

    def purses(self, payers: Collection[AccountKey]) -> Mapping[AccountKey, Sequence[AccountKey]]:
        rows = self._connection.execute(_PURSES, [sorted(payers)])
        return {AccountKey(payer): [AccountKey(one) for one in found] for payer, found in rows}

    def add_grant(self, grant: Grant) -> None:
        document = msgspec.json.encode(wire_from_grant(grant)).decode()
        values = (grant.account, self.hold(grant.account), grant.key, document, grant.given_at)
        self._connection.execute(_ADD_GRANT, [self._workspace, *values])
        if grant.kind is GrantKind.PAID and grant.expires_at is not None:
            self._connection.execute(_ADD_ENDING, [grant.expires_at, grant.key])

    def add_void(self, account: AccountKey, void: Void, *, at: datetime) -> None:
        self.hold(account)
        values = (void.grant, void.at, void.reason, at)
        self._connection.execute(_ADD_VOID, [self._workspace, *values])
        self._connection.execute(_ADD_ENDING, [void.at, void.grant])

    def add_movement(self, account: AccountKey, movement: Movement, *, at: datetime) -> None:
        ordinal = self.hold(account)
        named = (movement.key, movement.kind, movement.at, movement.of or None, movement.source)
        self._connection.execute(_ADD_MOVEMENT, [self._workspace, account, ordinal, *named, at])
        for place, part in enumerate(movement.parts):
            values = (ordinal, place, part.lot.grant, part.lot.number, part.amount)
            self._connection.execute(_ADD_PART, [self._workspace, account, *values])
        self._connection.execute(_REOPEN, [sorted({part.lot.grant for part in movement.parts})])

    def booked(self, account: AccountKey) -> Mapping[tuple[GrantKey, BookingKind], int]:
        rows = self._connection.execute(_BOOKED, [account])
        return {(GrantKey(key), BookingKind(kind)): int(minor) for key, kind, minor in rows}

    def book(self, booking: Booking) -> None:
        values = (booking.grant, booking.entry, booking.kind, booking.minor)
        self._connection.execute(_BOOK, [self._workspace, *values])

    def _movements(self, account: AccountKey) -> tuple[Movement, ...]:
        parts: dict[int, list[Part]] = {}
        named: dict[int, tuple[str, str, datetime, str | None, str]] = {}
        for ordinal, *names, grant, lot, amount in self._connection.execute(_MOVEMENTS, [account]):
            named[ordinal] = (names[0], names[1], names[2], names[3], names[4])
            lot_id = LotId(grant=GrantKey(grant), number=lot)
            # The column pads with zeros behind the point; an amount has one text.
            part = Part(lot=lot_id, amount=parse_decimal(plain(amount)))
            parts.setdefault(ordinal, []).append(part)
        return tuple(
            Movement(
                key=key,
                kind=MovementKind(kind),
                at=at,
                parts=tuple(parts[ordinal]),
                of=of or "",
                source=source,
            )
            for ordinal, (key, kind, at, of, source) in named.items()
        )


def _grant(text: str) -> Grant:
    return grant_from_wire(msgspec.json.decode(text, type=GrantDocument))
