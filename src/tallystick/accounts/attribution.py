"""
Attribution: whose usage is an event?

An event's ``subject`` names a resource or, where no resource of that key exists, an account.  The
answer is computed when a question is asked, never stored with the event: an event whose resource
is not known yet is *unattributed*, and counts as soon as the resource is declared, with no
rewriting of events.

For an account the answer is a set of `SubjectSpan`: each resource for the intervals in which the
account owned it, and the account's own key for all time.  The spans of all accounts tile each
resource's life and never overlap. Usage of accounts below is theirs; a caller that wants a whole
tree asks for each.
"""

from collections.abc import Container, Iterable

from tallystick.accounts.resource import Ownership
from tallystick.kernel import AccountKey, SubjectSpan, check


def spans_of(
    account: AccountKey, accounts: Container[AccountKey], ownerships: Iterable[Ownership]
) -> tuple[SubjectSpan, ...]:
    """
    Give the subjects, each with its half-open interval, whose usage belongs to ``account``.

    Args:
        account: a key of ``accounts``.
        accounts: the accounts that there are.
        ownerships: at least every ownership of ``account``, and at least one of any resource
            whose key equals the account's key; more does no harm.

    Returns:
        Spans sorted by subject and start; touching spans of one subject are joined.

    Raises:
        InvariantBroken: ``account`` is not among ``accounts``.

    >>> owned = Ownership(resource="vm-1", account="acme")
    >>> [span.subject for span in spans_of("acme", {"acme"}, [owned])]
    ['acme', 'vm-1']
    """
    check(account in accounts, f"account {account!r} is not known")
    known = tuple(ownerships)
    spans = [
        SubjectSpan(subject=o.resource, start=o.start, end=o.end)
        for o in known
        if o.account == account
    ]
    if all(str(o.resource) != str(account) for o in known):
        spans.append(SubjectSpan(subject=account, start=None, end=None))
    return _joined(sorted(spans, key=_place))


def _place(span: SubjectSpan) -> tuple[str, bool, str]:
    return (
        span.subject,
        span.start is not None,
        "" if span.start is None else span.start.isoformat(),
    )


def _joined(spans: list[SubjectSpan]) -> tuple[SubjectSpan, ...]:
    joined: list[SubjectSpan] = []
    for span in spans:
        last = joined[-1] if joined else None
        if (
            last is not None
            and last.subject == span.subject
            and last.end is not None
            and last.end == span.start
        ):
            joined[-1] = SubjectSpan(subject=last.subject, start=last.start, end=span.end)
        else:
            joined.append(span)
    return tuple(joined)
