"""
A tax engine behind an address: it takes a question as JSON and answers with tax rules.

    POST {url}   {"seller": {...}, "buyer": {...}, "address": ..., "products": ["", "books"],
                  "since": "2025-01-26", "until": "2026-04-10"}
    200          {"engine": "acme-tax", "reference": "q-17", "rules": [<tax rules of a catalog>]}

The form is ours, and so small that a bridge to an engine of the trade is a page of code. The rules
are read as those of catalog files are, with every problem of theirs.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import httpx
import msgspec

from tallystick.catalog import Documents, catalog_from_documents
from tallystick.kernel import Done, Outcome, Refused, canonical_json, refuse
from tallystick.tax import EngineAnswer, TaxQuestion

TIMEOUT_SECONDS = 20.0
ANSWER_BYTES_MAX = 1_048_576
_UNAVAILABLE = "tax_engine_unavailable"


class _Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    rules: list[dict[str, object]]
    engine: str = "engine"
    reference: str = ""


_ANSWER = msgspec.json.Decoder(_Answer, float_hook=Decimal)


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpTaxEngine:
    """
    The engine behind an address; empty: none is connected.

    ``key`` is sent as a bearer token; ``timeout_seconds`` bounds each try.
    """

    url: str = ""
    key: str = ""
    timeout_seconds: float = TIMEOUT_SECONDS

    def rules_for(self, question: TaxQuestion, *, at: datetime) -> Outcome[EngineAnswer]:
        if not self.url:
            message = "no tax engine is connected; set TALLYSTICK_TAX_ENGINE_URL"
            return refuse("no_tax_engine", message)
        body = self._asked(canonical_json(question))
        return body if isinstance(body, Refused) else _read(body.value, at)

    def _asked(self, question: bytes) -> Outcome[bytes]:
        headers = {"content-type": "application/json"}
        if self.key:
            headers["authorization"] = f"Bearer {self.key}"
        try:
            with (
                httpx.Client(timeout=self.timeout_seconds, headers=headers) as client,
                client.stream("POST", self.url, content=question) as response,
            ):
                if response.status_code != httpx.codes.OK:
                    return refuse(_UNAVAILABLE, f"the engine answers {response.status_code}")
                body = b""
                for chunk in response.iter_bytes():
                    body += chunk
                    if len(body) > ANSWER_BYTES_MAX:
                        return refuse(_UNAVAILABLE, "the engine's answer is too long")
        except httpx.HTTPError as error:
            message = f"the engine cannot be asked: {type(error).__name__}: {error}"
            return refuse(_UNAVAILABLE, message)
        return Done(body)


def _read(body: bytes, at: datetime) -> Outcome[EngineAnswer]:
    try:
        answer = _ANSWER.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        return refuse(_UNAVAILABLE, f"the engine's answer cannot be read: {error}")
    catalog = catalog_from_documents(Documents(lists={"tax_rules": answer.rules}))
    if isinstance(catalog, Refused):
        first = catalog.problems[0]
        return refuse(_UNAVAILABLE, f"the engine's answer: {first.field} {first.message}")
    return Done(
        EngineAnswer(
            engine=answer.engine,
            reference=answer.reference,
            answered_at=at,
            rules=tuple(catalog.value.tax_rules.values()),
        )
    )
