"""Keys of a document that was billed anew: what comes to light later is corrected as ever."""

from datetime import datetime, timedelta

import msgspec

from tallystick.metering import ChangeKind, Reach
from tests.invoicing.contract import Contract, day, fee, metered, plan, shown, take_back, used
from tests.invoicing.test_contract_changes import CALLS, calls


def taken_back(contract: Contract, at: datetime, times: int) -> None:
    """Void the first events, which were used from an instant on, a second apart."""
    del contract.events[:times]
    contract.reaches.append(
        Reach(
            kind=ChangeKind.CORRECTED,
            position=40,
            meter=CALLS.key,
            subject="vm",
            start=at,
            end=at + timedelta(seconds=times),
        )
    )


def late(contract: Contract, at: datetime, times: int) -> None:
    """Let usage come to light behind everything recorded so far."""
    used(contract, "call", at, times=times)
    for place in range(1, times + 1):
        event = msgspec.structs.replace(
            contract.events[-place], id=f"late{place}", position=60 + place
        )
        contract.events[-place] = event


def test_late_usage_of_a_key_that_its_new_document_left_alone_is_charged() -> None:
    """A key that came to no difference when it was billed anew is not held to that document."""
    contract = metered(plan("p", fee("10.00"), calls("1.00", "1.00")), CALLS)
    used(contract, "call", day("2026-03-05"), times=10)
    contract.bill(day("2026-04-01"))
    march = contract.documents[-1]
    used(contract, "call", day("2026-03-06"), times=5)
    contract.bill(day("2026-05-01"))
    take_back(contract, march, anew=True, on=day("2026-05-02"))
    taken_back(contract, day("2026-03-05"), times=10)
    assert shown(contract.bill(day("2026-05-03"))) == ["base 04-01..05-01 10.00"]
    late(contract, day("2026-03-07"), times=3)
    assert shown(contract.bill(day("2026-06-01"))) == [
        "base 06-01..07-01 10.00",
        "calls 05-01..06-01 0.00",
        "calls 03-01..04-01 3.00",
    ]
