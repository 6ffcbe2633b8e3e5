"""The catalog in git: exported, changed, compared, applied, and exported the same again."""

from pathlib import Path

import pytest

from tallystick.cli import main
from tallystick.cli.applying import show_applied
from tallystick.cli.output import Output
from tests.serving import Tenant

TOUR = Path(__file__).parents[2] / "docs" / "tour" / "catalog.yaml"


def called(tenant: Tenant, *words: str) -> int:
    """Call the command line for a workspace."""
    return main([*words, "--url", tenant.url, "--key", tenant.token])


def test_a_catalog_goes_round(
    tenant: Tenant, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was exported differs in nothing; a new version does, until it is applied."""
    whole, plans = tmp_path / "catalog.yaml", tmp_path / "plan-definitions.yaml"
    assert called(tenant, "apply", "-f", str(TOUR)) == 0
    assert called(tenant, "export", "-o", str(whole)) == 0
    assert called(tenant, "plan", "export", "-o", str(plans)) == 0
    assert called(tenant, "diff", "-f", str(whole), "-f", str(plans)) == 1  # declared twice
    assert called(tenant, "diff", "-f", str(whole)) == 0

    second = plans.read_text().replace("version: 1", "version: 2").replace('"20"', '"25"')
    plans.write_text(second)
    capsys.readouterr()
    assert called(tenant, "diff", "-f", str(plans)) == 1
    shown = capsys.readouterr().out
    assert "metered version 2: contracts on versions before it: 0" in shown
    assert "last periods compared" not in shown
    assert called(tenant, "apply", "-f", str(plans)) == 0
    assert called(tenant, "diff", "-f", str(plans)) == 0

    # Nothing is replaced unless that is said.
    assert called(tenant, "plan", "export", "-o", str(plans)) == 1
    assert plans.read_text() == second
    assert called(tenant, "plan", "export", "-o", str(plans), "--force") == 0
    both = plans.read_text()
    assert both.index("# historical") < both.index("version: 1")
    assert both.index("version: 1") < both.index("# current") < both.index("version: 2")
    assert called(tenant, "diff", "-f", str(plans)) == 0


def test_what_prices_would_change_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """The sums, and the contracts that differ most, stand below the difference."""
    impact = {
        "plan": "pro",
        "version": 2,
        "contracts": 3,
        "accounts": 2,
        "compared": 2,
        "currency": "EUR",
        "before": "200.00",
        "after": "210.00",
        "greatest": [
            {"subscription": "s", "account": "acme", "before": "110.00", "after": "120.00"}
        ],
    }
    told = {"dry_run": True, "created": 1, "changed": 0, "unchanged": 0, "changes": []}
    show_applied(told | {"impact": [impact]}, Output())
    shown = capsys.readouterr().out
    assert "pro version 2: contracts on versions before it: 3, accounts: 2" in shown
    assert "last periods compared: 2; they came to 200.00 EUR, and would come to 210.00" in shown
    assert "120.00" in shown
