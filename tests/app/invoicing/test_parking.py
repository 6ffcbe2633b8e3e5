"""What a billing run tells of an account that it cannot bill, run after run."""

from dataclasses import replace

from tallystick.app.invoicing import ParkedAccount
from tallystick.metering import Meter
from tests.app.invoicing.billing import Billing
from tests.invoicing.world import CONTRACT, CPU, cpu

CPU_12H = cpu(1, "2026-01-10T00:00:00Z", "43200")


def audited_reasons(billing: Billing) -> list[str]:
    """Return the reasons of parking that the audit tells of, in their order."""
    question = "SELECT details->>'parked' FROM audit WHERE details ? 'parked' ORDER BY id"
    with billing.database.connection("postgres") as reader:
        return [reason for (reason,) in reader.execute(question)]


def stands(billing: Billing) -> ParkedAccount:
    """Return what stands about the account."""
    with billing.unit() as uow:
        found = uow.parked.find(CONTRACT.account)
    assert found is not None
    return found


def read_another(billing: Billing, meter: Meter) -> None:
    """Let the contract's meter be another than what was billed."""
    with billing.unit() as uow:
        definitions = uow.catalog.load_definitions()
        meters = {CPU.key: meter}
        uow.catalog.save_definitions(replace(definitions, meters=meters, plan_versions={}))
        uow.commit()


def test_a_reason_is_audited_when_it_is_new(billing: Billing) -> None:
    """Runs that meet the same defect again leave the audit as it is, and since when it stands."""
    billing.record([CPU_12H])
    billing.run()
    read_another(billing, replace(CPU, event_type="call", value="region"))
    billing.clock.forward(days=28)
    since = billing.clock.now()
    for _ in range(3):
        assert [problem.code for _, problem in billing.run().parked] == ["unexplained_difference"]
        billing.clock.forward(minutes=1)
    assert audited_reasons(billing) == ["unexplained_difference"]
    assert stands(billing).parked_at == since


def test_another_reason_is_audited(billing: Billing) -> None:
    """A reason that takes the place of another is told, and so is one that came back."""
    billing.record([CPU_12H])
    billing.run()
    billing.clock.forward(days=28)
    read_another(billing, replace(CPU, event_type="call", value="region"))
    billing.run()
    with billing.database.connection("postgres") as intruder:
        intruder.execute("SET session_replication_role = replica")
        intruder.execute("UPDATE invoice_line SET conversion = '{}'")
        billing.run()
        assert stands(billing).code == "broken_account"
        intruder.execute("UPDATE invoice_line SET conversion = NULL")
    billing.run()
    told = ["unexplained_difference", "broken_account", "unexplained_difference"]
    assert audited_reasons(billing) == told
    read_another(billing, CPU)
    assert len(billing.run().issued) == 1
    assert audited_reasons(billing) == told
