"""
VIES: whether a member state has given out a VAT number.

    POST {url}/check-vat-number   {"countryCode": "DE", "vatNumber": "136695976"}

The answer says ``valid`` or not, with the day of the request and, for some, a number of the
consultation. A member state whose own register is down, a limit that is reached, silence, and
anything that cannot be read are all the same here: the register was ``unavailable``, and why.
"""

from dataclasses import dataclass
from datetime import datetime

import httpx
import msgspec

from tallystick.tax import TaxIdCheck, TaxIdState

VIES_URL = "https://ec.europa.eu/taxation_customs/vies/rest-api"
SOURCE = "vies"
TIMEOUT_SECONDS = 10.0
ANSWER_BYTES_MAX = 65_536
_PREFIX_LENGTH = 2
_SAID_LENGTH_MAX = 200
# What the register says of a number that no member state could have given out.
_NEVER_GIVEN = frozenset({"INVALID", "INVALID_INPUT"})


class _Failure(msgspec.Struct, frozen=True):
    error: str = ""
    message: str = ""


class _Answer(msgspec.Struct, frozen=True, rename="camel"):
    """What is read of an answer; all else in it is left alone."""

    valid: bool | None = None
    request_identifier: str | None = None
    user_error: str | None = None
    error_wrappers: list[_Failure] = []


_ANSWER = msgspec.json.Decoder(_Answer)


@dataclass(frozen=True, slots=True, kw_only=True)
class ViesRegister:
    """The register behind an address; ``timeout_seconds`` bounds each try."""

    url: str = VIES_URL
    timeout_seconds: float = TIMEOUT_SECONDS

    def ask(self, tax_id: str, *, at: datetime) -> TaxIdCheck:
        order = {"countryCode": tax_id[:_PREFIX_LENGTH], "vatNumber": tax_id[_PREFIX_LENGTH:]}
        try:
            with (
                httpx.Client(timeout=self.timeout_seconds) as client,
                client.stream("POST", f"{self.url}/check-vat-number", json=order) as response,
            ):
                body = b""
                for chunk in response.iter_bytes():
                    body += chunk
                    if len(body) > ANSWER_BYTES_MAX:
                        return _unavailable(tax_id, at, "its answer is too long")
                status = response.status_code
        except httpx.HTTPError as error:
            return _unavailable(tax_id, at, f"{type(error).__name__}: {error}")
        return _check(tax_id, at, status=status, body=body)


def _check(tax_id: str, at: datetime, *, status: int, body: bytes) -> TaxIdCheck:
    try:
        answer = _ANSWER.decode(body)
    except msgspec.DecodeError:
        return _unavailable(tax_id, at, f"HTTP {status} without an answer that can be read")
    failures = [one.error or one.message for one in answer.error_wrappers]
    said = answer.user_error or ", ".join(failures)
    if answer.valid is True:
        return TaxIdCheck(
            tax_id=tax_id,
            state=TaxIdState.VALID,
            checked_at=at,
            source=SOURCE,
            reference=answer.request_identifier or "",
        )
    if (answer.valid is False and said in {"", "VALID", *_NEVER_GIVEN}) or said in _NEVER_GIVEN:
        return TaxIdCheck(tax_id=tax_id, state=TaxIdState.INVALID, checked_at=at, source=SOURCE)
    return _unavailable(tax_id, at, said or f"HTTP {status} says neither valid nor invalid")


def _unavailable(tax_id: str, at: datetime, why: str) -> TaxIdCheck:
    return TaxIdCheck(
        tax_id=tax_id,
        state=TaxIdState.UNAVAILABLE,
        checked_at=at,
        source=SOURCE,
        message=why[:_SAID_LENGTH_MAX],
    )
