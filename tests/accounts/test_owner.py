"""Whose a subject is at an instant, and that it agrees with the spans of all accounts."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tallystick.accounts import (
    Account,
    Resource,
    Transfer,
    Unowned,
    owner_at,
    ownerships_of,
    spans_of,
)
from tallystick.kernel import AccountKey, ResourceKey

KEYS = [AccountKey(key) for key in ("a", "b", "c")]
ACCOUNTS = {
    key: Account(key=key, name=key, zone="UTC", currency="EUR", invoiced=True) for key in KEYS
}
START = datetime(2026, 1, 1, tzinfo=UTC)


def day(number: int) -> datetime:
    """Return so many days after the start."""
    return START + timedelta(days=number)


@st.composite
def resources(draw: st.DrawFn) -> Resource:
    """Draw a resource with a bounded or unbounded life and up to three transfers within it."""
    cuts = sorted(draw(st.sets(st.integers(1, 20), min_size=2, max_size=5)))
    started = draw(st.sampled_from([None, day(cuts[0])]))
    ended = draw(st.sampled_from([None, day(cuts[-1])]))
    return Resource(
        key=ResourceKey(draw(st.sampled_from(["vm", "a"]))),
        account=draw(st.sampled_from(KEYS)),
        started_at=started,
        ended_at=ended,
        transfers=tuple(
            Transfer(account=draw(st.sampled_from(KEYS)), at=day(cut)) for cut in cuts[1:-1]
        ),
    )


@given(resource=resources(), number=st.integers(0, 22))
def test_one_account_at_most_has_a_subject(resource: Resource, number: int) -> None:
    """The owner is the one account whose spans hold the instant; without an owner none does."""
    subject = str(resource.key)
    found = owner_at(
        subject, day(number), resource=resource, account=ACCOUNTS.get(AccountKey(subject))
    )
    holders = [
        key
        for key in KEYS
        for span in spans_of(key, ACCOUNTS, ownerships_of(resource))
        if span.subject == subject
        and (span.start is None or span.start <= day(number))
        and (span.end is None or day(number) < span.end)
    ]
    assert holders == ([] if found.account is None else [found.account])
    assert (found.reason is None) == bool(holders)


def test_reasons_of_nobody() -> None:
    """No subject, an unknown one, a resource before its start and after its end."""
    vm = Resource(key=ResourceKey("vm"), account=KEYS[0], started_at=day(2), ended_at=day(4))
    assert owner_at("", day(1), resource=None, account=None).reason is Unowned.NO_SUBJECT
    assert owner_at("x", day(1), resource=None, account=None).reason is Unowned.UNKNOWN_SUBJECT
    assert owner_at("vm", day(1), resource=vm, account=None).reason is Unowned.NOT_STARTED
    assert owner_at("vm", day(4), resource=vm, account=None).reason is Unowned.ENDED
    assert owner_at("a", day(4), resource=None, account=ACCOUNTS[KEYS[0]]).account == KEYS[0]
