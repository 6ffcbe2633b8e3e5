"""Contracts that fill the tiers of a price together: which, with whose usage, and when."""

from tallystick.invoicing.tree.member import (
    Sold,
    TreeMember,
    agreed_times,
    member_of,
    sold_as,
    spans_of_members,
)
from tallystick.invoicing.tree.wire import MemberDocument, member_from_wire, wire_from_member

__all__ = [
    "MemberDocument",
    "Sold",
    "TreeMember",
    "agreed_times",
    "member_from_wire",
    "member_of",
    "sold_as",
    "spans_of_members",
    "wire_from_member",
]
