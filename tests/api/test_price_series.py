"""Prices are published over HTTP and by the command line, in order, each once."""

from pathlib import Path
from typing import Any

from tests.cli.running import Ended, here
from tests.serving import Tenant

SERIES: dict[str, Any] = {"key": "spot-eu", "currency": "EUR", "unit": "vm.hour"}
PATH = "/v1/price-series/spot-eu/prices"
TEN = {"at": "2026-01-05T10:00:00Z", "unit_price": "0.031"}
ELEVEN = {"at": "2026-01-05T11:00:00Z", "unit_price": "0.045"}


def test_prices_are_published_once_and_shown(tenant: Tenant) -> None:
    """The same again is unchanged; another price for an instant needs a reason."""
    tenant.apply({"price_series": [SERIES]})
    done = tenant.ask("POST", PATH, json={"prices": [TEN, ELEVEN]})
    assert (done.status_code, done.json()["added"]) == (200, 2), done.text
    assert tenant.ask("POST", PATH, json={"prices": [TEN]}).json()["unchanged"] == 1
    other = {**TEN, "unit_price": "0.04"}
    refused = tenant.ask("POST", PATH, json={"prices": [other]})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["code"] == "published"
    told = tenant.ask("POST", PATH, json={"prices": [other | {"corrects": "wrong file"}]})
    assert told.json()["added"] == 1
    found = tenant.ask("GET", PATH, params={"since": "2026-01-05T11:00:00Z"}).json()
    assert [one["unit_price"] for one in found["prices"]] == ["0.045"]
    assert len(tenant.ask("GET", PATH).json()["prices"]) == 3


def test_a_series_is_declared_first_and_by_who_may(tenant: Tenant) -> None:
    """An unknown series is not found, and a key that may only read publishes nothing."""
    assert tenant.ask("POST", PATH, json={"prices": [TEN]}).status_code == 404
    assert tenant.ask("GET", PATH).status_code == 404
    tenant.apply({"price_series": [SERIES]})
    _, token = tenant.make_key("read")
    assert tenant.ask("POST", PATH, token=token, json={"prices": [TEN]}).status_code == 403
    assert tenant.ask("GET", PATH, token=token).status_code == 200


def test_a_file_is_published_by_the_command_line(tenant: Tenant, tmp_path: Path) -> None:
    """CSV and JSON, with a reason where they correct; a wrong table is refused and says why."""
    tenant.apply({"price_series": [SERIES]})

    def run(*arguments: str | Path) -> Ended:
        return here("price-series", *arguments, "--url", tenant.url, "--key", tenant.token)

    table = tmp_path / "prices.csv"
    table.write_text(
        "at,unit_price\n2026-01-05T10:00:00Z,0.031\n2026-01-05T11:00:00Z,0.045\n", encoding="utf-8"
    )
    assert run("publish", "spot-eu", table).out == "added 2, unchanged 0\n"
    assert run("publish", "spot-eu", table).out == "added 0, unchanged 2\n"
    listed = tmp_path / "late.json"
    listed.write_text('[{"at": "2026-01-05T10:00:00Z", "unit_price": "0.04"}]', encoding="utf-8")
    refused = run("publish", "spot-eu", listed)
    assert refused.code == 1
    assert "corrects" in refused.err
    assert run("publish", "spot-eu", listed, "--corrects", "wrong file").code == 0
    assert "wrong file" in run("show", "spot-eu").out
    table.write_text("when,price\n1,2\n", encoding="utf-8")
    assert "columns" in run("publish", "spot-eu", table).err
