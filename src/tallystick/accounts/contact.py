"""
How a party is reached and addressed: what stands on its documents beside its name.

The parts of an address are those of EN 16931 (seller BG-5, buyer BG-8); the country is the party's
own, which decides more than where its letters go.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PostalAddress:
    """
    Where a party has its seat, without name and country.

    Attributes:
        street: first line: street and number, or a post office box.
        extra: second line: floor, building, care of.
        city: city, town or village.
        postal_code: as it is written in the country.
        subdivision: state, province or prefecture.
    """

    street: str = ""
    extra: str = ""
    city: str = ""
    postal_code: str = ""
    subdivision: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """
    How a party is addressed.

    Attributes:
        address: its seat; None if not declared.
        email: where its documents go, and its electronic address in e-invoices.
        language: of its documents, such as ``de``; empty: the issuer's.
        reference: what the payer asked to be named by on documents (EN 16931 BT-10), such as a cost
            centre or a routing id.
    """

    address: PostalAddress | None = None
    email: str = ""
    language: str = ""
    reference: str = ""
