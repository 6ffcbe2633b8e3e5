"""An hour of requests to a language model: tokens, priced each by its kind."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from tests.metering.real_data import data_file
from tests.stories.catalog_file import contract, customer, monthly, write_catalog
from tests.stories.hosting import MAPPINGS
from tests.stories.installation import Installation, run_command

pytestmark = pytest.mark.shared

TRACE = "azure_llm_usage/AzureLLMInferenceTrace_code.csv"
ASKED = ("--start", "2023-11-16T00:00:00Z", "--end", "2023-11-17T00:00:00Z")
REQUESTS, INPUT, OUTPUT = 8_819, 18_059_974, 245_896


def test_tokens(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Requests, tokens of both kinds and their weighted sums are exact, hour by hour as well."""
    trace = data_file(TRACE)
    story = installation.story("tokens")
    request: dict[str, object] = {
        "event_type": "llm.request",
        "unit": "token",
        "aggregation": "sum",
    }
    weighted = {"expression": "(data.input + 3 * data.output) / 1000"}
    long_ones = [{"expression": "data.input > 4000 or data.output / data.input > 1"}]
    meters: list[dict[str, object]] = [
        {"key": "requests", "event_type": "llm.request", "aggregation": "count", "unit": "request"},
        {"key": "input", "value": "input", **request},
        {"key": "output", "value": "output", **request},
        {"key": "weighted", "value": weighted, **request},
        {"key": "long", "value": "input", "filters": long_ones, **request},
        {"key": "p99", **request, "value": "input", "aggregation": "percentile", "percentile": 99},
        {"key": "busiest", **request, "value": "input", "aggregation": "peak",
         "peak": {"per": "quarter_hour", "take": "sum"}},
    ]  # fmt: skip
    story.apply(write_catalog(tmp_path_factory.mktemp("tokens"), meters=meters))
    assert story.bring_in(trace, MAPPINGS / "llm-requests.yaml")["accepted"] == REQUESTS

    def quantity(meter: str, *more: str) -> list[Decimal]:
        answer = story.answer("usage", meter, *ASKED, *more)
        return [Decimal(item["quantity"]) for item in answer["items"]]

    assert quantity("requests") == [REQUESTS]
    assert [*quantity("input"), *quantity("output")] == [INPUT, OUTPUT]
    assert quantity("weighted") == [Decimal(INPUT + 3 * OUTPUT) / 1000]
    assert sum(quantity("weighted", "--window", "hour")) == Decimal(INPUT + 3 * OUTPUT) / 1000
    with trace.open() as lines:
        rows = [
            (row["TIMESTAMP"][:16], int(row["ContextTokens"]), int(row["GeneratedTokens"]))
            for row in csv.DictReader(lines)
        ]
    assert quantity("long") == [sum(each for _, each, out in rows if each > 4000 or out > each)]
    ranked = sorted(each for _, each, _ in rows)
    assert quantity("p99") == [ranked[-(-99 * REQUESTS // 100) - 1]]
    greatest: dict[str, int] = {}
    for minute, tokens, _ in rows:
        quarter = f"{minute[:14]}{int(minute[14:]) // 15}"
        greatest[quarter] = max(greatest.get(quarter, 0), tokens)
    assert quantity("busiest") == [sum(greatest.values())]


def test_tokens_are_billed_by_a_formula(
    installation: Installation, tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    """A price on a formula over two meters is billed, verified from the log, and proven alone."""
    trace = data_file(TRACE)
    story = installation.story("weighted")
    request: dict[str, object] = {
        "event_type": "llm.request",
        "unit": "token",
        "aggregation": "sum",
    }
    formula = {"aggregation": "formula", "formula": "input + 3 * output", "unit": "token"}
    price = {"key": "tokens", "model": "unit", "meter": "weighted", "unit": "token",
             "unit_price": "0.000002"}  # fmt: skip
    catalog = write_catalog(
        tmp_path_factory.mktemp("weighted"),
        meters=[
            {"key": "weighted", **formula},
            {"key": "input", "value": "input", **request},
            {"key": "output", "value": "output", **request},
        ],
        plans=[monthly("tokens", [price])],
        accounts=[customer("coder")],
        resources=[{"key": "code-service", "account": "coder", "kind": "service"}],
        subscriptions=[contract("coder", plan="tokens", start="2023-11-01")],
    )
    story.apply(catalog)
    story.bring_in(trace, MAPPINGS / "llm-requests.yaml")
    (invoice,) = [story.invoice(each) for each in story.bill("2023-12-01T00:00:00Z")]
    (line,) = invoice["lines"]
    weighted = INPUT + 3 * OUTPUT
    assert line["measurement"]["quantity"] == str(weighted)
    assert line["measurement"]["events"] == 2 * REQUESTS
    assert Decimal(line["money"]) == (weighted * Decimal("0.000002")).quantize(Decimal("0.01"))
    report = story.answer("verify", "invoice", invoice["id"])
    alone = run_command("verify", story.proof(invoice["id"], tmp_path), "--json")
    assert alone.code == 0, alone.err
    assert alone.document["digest"] == report["digest"]
    told = story.run("invoice", "explain", invoice["id"])
    assert f"formula of weighted: {weighted}" in told.out
