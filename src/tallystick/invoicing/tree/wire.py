"""Members of a tree as they stand in a basis."""

from datetime import datetime

import msgspec

from tallystick.invoicing.tree.member import Sold, TreeMember
from tallystick.kernel import (
    AccountKey,
    MeterKey,
    PriceKey,
    SubjectSpan,
    SubscriptionKey,
    instant,
    instant_text,
)


class MemberDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A member; a span is subject, start and end, a time start and end."""

    price: str
    meter: str
    account: str
    subscription: str
    spans: list[tuple[str, str | None, str | None]]
    agreed: list[tuple[str, str | None]]
    group_by: list[str] = []


def wire_from_member(member: TreeMember) -> MemberDocument:
    """Return a member as it is kept."""
    return MemberDocument(
        price=member.sold.price,
        meter=member.sold.meter,
        group_by=list(member.sold.group_by),
        account=member.account,
        subscription=member.subscription,
        spans=[(one.subject, _text(one.start), _text(one.end)) for one in member.spans],
        agreed=[(instant_text(start), _text(end)) for start, end in member.agreed],
    )


def member_from_wire(wire: MemberDocument) -> TreeMember:
    """
    Return the member that was kept.

    Raises:
        Misuse: an instant cannot be read.
    """
    return TreeMember(
        sold=Sold(
            price=PriceKey(wire.price),
            meter=MeterKey(wire.meter),
            group_by=tuple(wire.group_by),
        ),
        account=AccountKey(wire.account),
        subscription=SubscriptionKey(wire.subscription),
        spans=tuple(
            SubjectSpan(subject=subject, start=_at(start), end=_at(end))
            for subject, start, end in wire.spans
        ),
        agreed=tuple((instant(start), _at(end)) for start, end in wire.agreed),
    )


def _text(at: datetime | None) -> str | None:
    return None if at is None else instant_text(at)


def _at(text: str | None) -> datetime | None:
    return None if text is None else instant(text)
