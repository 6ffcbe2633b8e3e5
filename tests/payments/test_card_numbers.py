"""What looks like the number of a payment card, and what does not."""

import pytest
from stdnum import luhn

from tallystick.payments import holds_card_number

# Numbers that issuers publish for tests.
CARDS = (
    "4111111111111111",
    "4222222222222",
    "5555555555554444",
    "2223003122003222",
    "378282246310005",
    "30569309025904",
    "6011111111111117",
    "3530111333300000",
    "6200000000000005",
)


@pytest.mark.parametrize("card", CARDS)
def test_cards_are_found_however_they_are_written(card: str) -> None:
    """In the midst of a text, in groups, with dots or hyphens."""
    assert luhn.is_valid(card)
    groups = [card[place : place + 4] for place in range(0, len(card), 4)]
    for text in (card, f"paid by {card}, thanks", " ".join(groups), "-".join(groups)):
        assert holds_card_number(text), text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "RF18 5390 0754 7034",
        "4111111111111112",
        "INV-2026-000001 and INV-2026-000002",
        "2026-01-02 119.00",
        "DE89 3704 0044 0532 0130 00",
        "1234567890123456789012",
        "0000000000000000",
    ],
)
def test_references_pass(text: str) -> None:
    """References, numbers of documents, dates and accounts are no cards."""
    assert not holds_card_number(text)
