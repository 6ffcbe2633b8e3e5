"""`tallystick rate`: one price and one quantity, without a server."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from tallystick.catalog import Source, placed
from tallystick.cli.exits import Refusal
from tallystick.cli.output import TEXT, Output
from tallystick.cli.yaml_file import read_yaml
from tallystick.kernel import Outcome, Problem, Refused, nearest, refuse
from tallystick.pricing import (
    Usage,
    document_from_charge,
    plain_usage,
    rate_document,
    text_from_charge,
    usage_from_document,
)

PRICED_LISTS = ("plans", "price_books")


def rate(
    file: Path,
    /,
    *,
    quantity: Annotated[str, Parameter(allow_leading_hyphen=True)] = "",
    usage: Path | None = None,
    price: str = "",
    output: Output = TEXT,
) -> None:
    """
    Rate one quantity by one price, and show every step; needs no server.

    Models that price more than one number (percentage, matrix, time_of_use, dynamic, formula) take
    a file with the usage: `transactions`, a list of amounts; `count`; `parts`, quantities by band
    or instant; `group`, values of dimensions; `start`, what filled the tiers before; `quantity`.

    For example:

        tallystick rate price.yaml --quantity 130
        tallystick rate catalog/plans.yaml --price compute/cpu --quantity 1500.5 --json
        tallystick rate card-fees.yaml --usage payments.yaml

    Args:
        file: YAML file with one price, or with plans or price books.
        quantity: How much, a decimal number in the unit of the price.
        usage: YAML or JSON file with the usage, instead of one quantity.
        price: Which price of the file: its key, or PLAN/KEY where several plans have one.
        output: How the answer is written.
    """
    source = read_yaml(file)
    chosen = _chosen(source, price)
    used = _usage(quantity, usage)
    outcome = rate_document(chosen.document, used)
    if isinstance(outcome, Refused):
        own = used.problems if isinstance(used, Refused) else ()
        raise Refusal(
            problem if problem in own else _placed(problem, chosen, source)
            for problem in outcome.problems
        )
    charge = outcome.value
    output.answer(document_from_charge(charge), text_from_charge(charge))


def _usage(quantity: str, file: Path | None) -> Outcome[Usage]:
    """Return the usage that one of the two options gives; its problems name the option or place."""
    if (file is None) is not bool(quantity):
        message = "give either --quantity or --usage FILE"
        return refuse("one_usage", message, "--usage" if quantity else "--quantity")
    if file is None:
        outcome = plain_usage(quantity)
        if isinstance(outcome, Refused):
            return Refused(tuple(_of_option(problem) for problem in outcome.problems))
        return outcome
    source = read_yaml(file)
    outcome = usage_from_document(source.body)
    if isinstance(outcome, Refused):
        return Refused(tuple(placed(problem, source.places) for problem in outcome.problems))
    return outcome


def _of_option(problem: Problem) -> Problem:
    return Problem(code=problem.code, message=problem.message, field="--quantity")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Offered:
    """A price of the file: how it is asked for, where it stands, what it says."""

    owner: str
    key: str
    path: str
    document: Mapping[str, object]

    @property
    def name(self) -> str:
        return f"{self.owner}/{self.key}" if self.owner else self.key


def _placed(problem: Problem, chosen: _Offered, source: Source) -> Problem:
    if problem.code == "unrateable":
        return Problem(code=problem.code, message=problem.message, field="--usage")
    field = ".".join(filter(None, (chosen.path, problem.field)))
    return placed(Problem(code=problem.code, message=problem.message, field=field), source.places)


def _chosen(source: Source, wanted: str) -> _Offered:
    offered = list(_offered(source.body))
    found = [each for each in offered if wanted in {"", each.key, each.name}]
    if len(found) == 1:
        return found[0]
    names = [each.name for each in offered]
    if not offered:
        message = "the file has no price: it needs a price with key and model, or plans"
    elif found:
        message = f"say which price with --price: {', '.join(each.name for each in found)}"
    else:
        near = nearest(wanted, [*names, *(each.key for each in offered)])
        hint = f"did you mean {near}?" if near else f"there are {', '.join(names)}"
        message = f"there is no price {wanted!r}; {hint}"
    raise Refusal([Problem(code="unknown_price", message=message, field="--price")])


def _offered(body: object) -> Iterator[_Offered]:
    if not isinstance(body, Mapping):
        return
    if "model" in body:
        yield _Offered(owner="", key=str(body.get("key", "")), path="", document=body)
        return
    for name in PRICED_LISTS:
        for place, owner in _mappings(body.get(name)):
            for inner, document in _mappings(owner.get("prices")):
                yield _Offered(
                    owner=str(owner.get("key", "")),
                    key=str(document.get("key", "")),
                    path=f"{name}[{place}].prices[{inner}]",
                    document={"currency": owner.get("currency"), **document},
                )


def _mappings(listed: object) -> Iterator[tuple[int, Mapping[str, object]]]:
    for place, each in enumerate(listed if isinstance(listed, list) else []):
        if isinstance(each, Mapping):
            yield place, each
