"""Units by UN/ECE Recommendation 20, as e-invoices name them (EN 16931 BT-130)."""

ONE = "C62"
_CODES = {
    "second": "SEC",
    "minute": "MIN",
    "hour": "HUR",
    "day": "DAY",
    "B": "AD",
    "byte": "AD",
    "kB": "2P",
    "MB": "4L",
    "GB": "E34",
    "TB": "E35",
    "PB": "E36",
    "KiB": "E64",
    "MiB": "E63",
    "GiB": "E62",
    "TiB": "E61",
}


def unit_code(unit: str) -> str:
    """
    Return the code of a unit; what the recommendation does not know is counted in ones.

    >>> unit_code("hour"), unit_code("GiB.hour")
    ('HUR', 'C62')
    """
    return _CODES.get(unit, ONE)
