"""What letters say of money: the sentence, and no words of usage beside it."""

from tallystick.app.delivery.alert_text import letter_text, listed
from tallystick.app.usage_alerts import AlertRecord, UsageAlert
from tallystick.kernel import instant


def test_a_letter_on_spend_speaks_of_no_feature() -> None:
    """Subject and lines name the sentence, the account, the instant and the alert."""
    alert = UsageAlert(
        id="alert_1",
        account="acme",
        feature="acme-pro",
        kind="threshold",
        severity="warning",
        message="Spend on acme-pro at 6.00 EUR: passed 5.",
        opened_at=instant("2026-03-11T12:00:00Z"),
        thresholds=("5",),
        value="6",
        rule="bills",
        watched="spend",
        currency="EUR",
    )
    told = listed([AlertRecord(number=1, alert=alert)], language="de")
    subject, text = letter_text(told)
    assert subject == "Spend on acme-pro at 6.00 EUR: passed 5."
    assert [line.partition(": ")[2] for line in text.splitlines()[2:] if line] == [
        "acme",
        "2026-03-11T12:00:00.000000Z",
        "alert_1",
    ]
