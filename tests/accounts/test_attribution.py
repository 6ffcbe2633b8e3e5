"""Attribution: the spans of all accounts tile each resource's life."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tallystick.accounts import Account, Resource, Transfer, ownerships_of, spans_of
from tallystick.kernel import AccountKey, ResourceKey, SubjectSpan, instant

KEYS = ("a", "b", "c")
ACCOUNTS = {
    AccountKey(key): Account(
        key=AccountKey(key), name=key, zone="UTC", currency="EUR", invoiced=True
    )
    for key in KEYS
}
START = instant("2026-01-01T00:00:00Z")


def at(day: int) -> datetime:
    """Return an instant so many days after the start."""
    return START + timedelta(days=day)


@st.composite
def resources(draw: st.DrawFn, key: str) -> Resource:
    """Resources with lives that may be open at either side, and up to three transfers."""
    days = sorted(draw(st.sets(st.integers(0, 12), min_size=2, max_size=5)))
    born, *middle, dead = days
    return Resource(
        key=ResourceKey(key),
        account=AccountKey(draw(st.sampled_from(KEYS))),
        started_at=draw(st.sampled_from([None, at(born)])),
        ended_at=draw(st.sampled_from([None, at(dead)])),
        transfers=tuple(
            Transfer(account=AccountKey(draw(st.sampled_from(KEYS))), at=at(day)) for day in middle
        ),
    )


@st.composite
def worlds(draw: st.DrawFn) -> list[Resource]:
    """Some resources, one of which may bear the key of an account."""
    names = draw(st.sets(st.sampled_from(["vm-1", "vm-2", "a"]), max_size=3))
    return [draw(resources(name)) for name in sorted(names)]


def owners(resource: Resource, day: datetime) -> list[str]:
    """Return who owns a resource at an instant, by walking its story."""
    if resource.started_at is not None and day < resource.started_at:
        return []
    if resource.ended_at is not None and day >= resource.ended_at:
        return []
    owner = resource.account
    for transfer in resource.transfers:
        if transfer.at <= day:
            owner = transfer.account
    return [owner]


def counted(world: list[Resource], subject: str, day: datetime) -> list[str]:
    """Return the accounts by whose spans an event of a subject at an instant is counted."""
    ownerships = [part for resource in world for part in ownerships_of(resource)]
    return [
        key
        for key in KEYS
        for span in spans_of(AccountKey(key), ACCOUNTS, ownerships)
        if span.subject == subject and contains(span, day)
    ]


def contains(span: SubjectSpan, day: datetime) -> bool:
    """Say whether an instant lies in a span."""
    return (span.start is None or span.start <= day) and (span.end is None or day < span.end)


def instants() -> Iterator[datetime]:
    """Yield every day's midnight and noon around all lives."""
    for half_day in range(-2, 28):
        yield START + timedelta(hours=12 * half_day)


@given(world=worlds())
def test_spans_tile_each_life(world: list[Resource]) -> None:
    """At every instant of its life a resource is counted for its one owner, outside for nobody."""
    for resource in world:
        for day in instants():
            assert counted(world, resource.key, day) == owners(resource, day)


@given(world=worlds())
def test_an_account_is_its_own_subject(world: list[Resource]) -> None:
    """An account's key names the account for all time, unless a resource bears the same key."""
    taken = {str(resource.key) for resource in world}
    for key in KEYS:
        if key not in taken:
            for day in instants():
                assert counted(world, key, day) == [key]


@given(world=worlds())
def test_own_ownerships_are_enough(world: list[Resource]) -> None:
    """What other accounts own changes nothing for an account."""
    ownerships = [part for resource in world for part in ownerships_of(resource)]
    for key in KEYS:
        own = [part for part in ownerships if key in {part.account, part.resource}]
        assert spans_of(AccountKey(key), ACCOUNTS, own) == spans_of(
            AccountKey(key), ACCOUNTS, ownerships
        )


@given(world=worlds())
def test_spans_are_few(world: list[Resource]) -> None:
    """Touching spans of one subject are one: a transfer to the same account leaves no seam."""
    ownerships = [part for resource in world for part in ownerships_of(resource)]
    for key in KEYS:
        spans = spans_of(AccountKey(key), ACCOUNTS, ownerships)
        seams = {(span.subject, span.end) for span in spans if span.end is not None}
        assert not seams & {(span.subject, span.start) for span in spans}
