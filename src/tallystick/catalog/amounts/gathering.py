"""How a payer's documents come together, as a catalog says it; read and written."""

from tallystick.accounts import PERIODS_CARRIED_MAX, Consolidation, LeastInvoice
from tallystick.catalog.fields import INSTANT, NUMBER, WHOLE, Fields
from tallystick.kernel import Problem, check, instant_text, plain

PERIODS_WAITING_MAX = 120


def read_consolidated(fields: Fields) -> tuple[Consolidation, ...]:
    """Read since when and until when contracts are billed together; the times follow each other."""
    found: list[Consolidation] = []
    for part in fields.each("consolidated"):
        one = Consolidation(
            start=part.read("from", INSTANT), end=part.read_or("until", INSTANT, None)
        )
        before = found[-1] if found else None
        if one.end is not None and one.end <= one.start:
            part.note("wrong_value", '"until" must lie behind "from"', "until")
        elif before is not None and (before.end is None or one.start < before.end):
            part.note("wrong_value", '"from" must not lie before the end of the one before', "from")
        part.finish()
        found.append(one)
    return tuple(found)


def consolidated_document(consolidated: tuple[Consolidation, ...]) -> list[dict[str, str]]:
    """Write what `read_consolidated` reads."""
    return [
        {"from": instant_text(one.start)}
        | ({} if one.end is None else {"until": instant_text(one.end)})
        for one in consolidated
    ]


def read_least_invoice(fields: Fields) -> LeastInvoice | None:
    """Read the least that is invoiced, None if it is not declared."""
    if not fields.has("least_invoice"):
        return None
    part = fields.inside("least_invoice")
    least = LeastInvoice(
        amount=part.read("amount", NUMBER),
        periods_max=part.read_or("periods_max", WHOLE, PERIODS_CARRIED_MAX),
    )
    if least.amount < 0:
        part.note("wrong_value", '"amount" must not lie below 0', "amount")
    if not 1 <= least.periods_max <= PERIODS_WAITING_MAX:
        message = f'"periods_max" must be a number from 1 to {PERIODS_WAITING_MAX}'
        part.note("wrong_value", message, "periods_max")
    part.finish()
    return least


def stored_gathering(
    consolidated: object, least: object
) -> tuple[tuple[Consolidation, ...], LeastInvoice | None]:
    """
    Return how an account's documents come together, from stored documents.

    Raises:
        InvariantBroken: they are not such as are written here.
    """
    problems: list[Problem] = []
    body = {"consolidated": consolidated, "least_invoice": least}
    fields = Fields(body, path="", problems=problems)
    found = read_consolidated(fields), read_least_invoice(fields)
    check(not problems, f"how documents come together cannot be read: {problems[:1]}")
    return found


def least_invoice_document(least: LeastInvoice | None) -> dict[str, object] | None:
    """Write what `read_least_invoice` reads."""
    if least is None:
        return None
    document: dict[str, object] = {"amount": plain(least.amount)}
    if least.periods_max != PERIODS_CARRIED_MAX:
        document["periods_max"] = least.periods_max
    return document
