"""Files of exchange rates: each form is read, and what is none is refused with a reason."""

import io
import zipfile

import pytest

from tallystick.integrations.exchange_rates import ecb_history, rates_in
from tallystick.kernel import Misuse, plain

ECB_XML = b"""<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01"
 xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
<gesmes:subject>Reference rates</gesmes:subject>
<Cube><Cube time='2026-10-30'><Cube currency='USD' rate='1.1172'/>
<Cube currency='JPY' rate='175.68'/></Cube>
<Cube time='2026-10-29'><Cube currency='USD' rate='1.1150'/></Cube></Cube></gesmes:Envelope>
"""
ECB_DAY = b"Date, USD, JPY, \n30 October 2026, 1.1172, 175.68, \n"
ECB_HISTORY = b"Date,USD,CYP,\n2026-10-30,1.1172,N/A,\n1999-01-04,1.1789,0.58231,\n"
OPEN_RATES = b"""{"disclaimer": "x", "timestamp": 1793404800, "base": "USD",
 "rates": {"EUR": 0.895112781954887218, "USD": 1, "BTC": 0.0000156700000000000012}}"""
OWN = b"day,base,quote,rate\n2026-01-01,CREDIT,EUR,0.01\n"


def read(content: bytes, *, source: str = "") -> list[str]:
    """Return the rates of a file as text."""
    return [
        f"{rate.source} {rate.day} 1 {rate.base} = {plain(rate.rate)} {rate.quote}"
        for rate in rates_in(content, source=source)
    ]


def packed(*contents: bytes) -> bytes:
    """Return a packed file that holds these."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number, content in enumerate(contents):
            archive.writestr(f"{number}.csv", content)
    return file.getvalue()


def test_each_form_is_read() -> None:
    """XML, both forms of CSV, packed or not, JSON and a table of one's own."""
    dollar, yen = "ecb 2026-10-30 1 EUR = 1.1172 USD", "ecb 2026-10-30 1 EUR = 175.68 JPY"
    assert read(ECB_XML) == [dollar, yen, "ecb 2026-10-29 1 EUR = 1.115 USD"]
    assert read(ECB_DAY) == [dollar, yen]
    history = [dollar, "ecb 1999-01-04 1 EUR = 1.1789 USD", "ecb 1999-01-04 1 EUR = 0.58231 CYP"]
    assert read(ECB_HISTORY) == read(packed(ECB_HISTORY)) == history
    assert read(OPEN_RATES) == [
        "openexchangerates 2026-10-31 1 USD = 0.895112781954887218 EUR",
        "openexchangerates 2026-10-31 1 USD = 0.00001567 BTC",
    ]
    assert read(OWN, source="own") == ["own 2026-01-01 1 CREDIT = 0.01 EUR"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<html></html>", "names no day"),
        (b"<html>", "no XML"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', "no XML"),
        (b'{"rates": {}}', "no JSON"),
        (OWN, "--source"),
        (b"", "--source"),
        (b"\xff\xfe", "UTF-8"),
        (packed(ECB_DAY, ECB_DAY), "exactly one file"),
        (b"PK\x03\x04nothing", "exactly one file"),
        (ECB_DAY.replace(b"1.1172", b"many"), "many"),
        (ECB_DAY.replace(b"30 October", b"31 November"), "31 November"),
        (ECB_XML.replace(b"2026-10-29", b"2026-10-32"), "2026-10-32"),
    ],
)
def test_what_is_no_file_of_rates(content: bytes, words: str) -> None:
    """Each mistake names what is wrong; entities in XML are not resolved."""
    with pytest.raises(Misuse, match=words):
        read(content)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"day,base,quote\n", "columns"),
        (OWN.replace(b"0.01", b"-1"), "row 2"),
        (OWN.replace(b"2026-01-01", b"yesterday"), "row 2"),
    ],
)
def test_a_wrong_table_names_its_row(content: bytes, words: str) -> None:
    """A table of one's own is refused as a whole, with the first row that cannot be."""
    with pytest.raises(Misuse, match=words):
        read(content, source="own")


def test_the_history_is_whole() -> None:
    """What comes with the installation begins in 1999 and holds the euro's own day one."""
    rates = list(rates_in(ecb_history()))
    assert min(rate.day.isoformat() for rate in rates) == "1999-01-04"
    assert len({rate.day for rate in rates}) > 7_000
    assert "ecb 1999-01-04 1 EUR = 1.1789 USD" in read(ecb_history())
