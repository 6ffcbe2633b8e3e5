"""`tallystick invoice review`, `approve` and `reject`: drafts that a run held back."""

from typing import Annotated, cast

from cyclopts import Parameter

from tallystick.cli.connection import HERE, Item, Session
from tallystick.cli.exits import Exit, Refusal
from tallystick.cli.output import item_table, note
from tallystick.kernel import Problem, counted

COLUMNS = (
    "id", "account", "purpose", "period_start", "total#", "before#", "change#", "currency",
)  # fmt: skip


def review(*, session: Session = HERE) -> None:
    """
    List drafts beside the last document of their subscription, the greatest changes first.

    `change` is in percent of the total before.

    For example:

        tallystick invoice run --hold
        tallystick invoice review

    Args:
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        found = cast(list[Item], client.get("/v1/drafts"))
    session.answer(found, item_table("", found, COLUMNS))


def approve(
    *invoice: str,
    all_of_them: Annotated[bool, Parameter(name="--all", negative=())] = False,
    session: Session = HERE,
) -> Exit:
    """
    Issue drafts that were reviewed; each is issued only as it stands in the review now.

    For example:

        tallystick invoice approve inv_5f0c1d2e3a4b5c6d7e8f
        tallystick invoice approve --all

    Args:
        invoice: Ids of drafts.
        all_of_them: Every draft.
        session: Which server is asked, and how its answer is written.
    """
    if bool(invoice) is all_of_them:
        message = "name the drafts, or approve --all"
        raise Refusal([Problem(code="malformed", message=message, field="invoice")])
    with session.client(timeout_seconds=3600.0) as client:
        found = cast(list[Item], client.get("/v1/drafts"))
        wanted = [one for one in found if all_of_them or one["id"] in invoice]
        unknown = set(invoice) - {one["id"] for one in wanted}
        if unknown:
            message = f"there is no draft {', '.join(sorted(unknown))}"
            raise Refusal([Problem(code="unknown_invoice", message=message, field="invoice")])
        in_order = sorted(wanted, key=lambda one: (one["period_end"], one["id"]))
        order = {"drafts": [{"id": one["id"], "digest": one["digest"]} for one in in_order]}
        report = cast(Item, client.post("/v1/drafts/approve", order))
    issued, refused = cast(list[str], report["issued"]), cast(list[Item], report["refused"])
    session.answer(report, *issued, f"{counted(len(issued), 'document')} issued")
    for each in refused:
        note(f"{each['id']} was not issued: {each['message']}")
    return Exit.REFUSED if refused else Exit.OK


def reject(invoice: str, /, *, reason: str, session: Session = HERE) -> None:
    """
    Throw a draft away, with those of its subscription; the next run drafts them anew.

    For example:

        tallystick invoice reject inv_5f0c1d2e3a4b5c6d7e8f --reason "a meter was wrong"

    Args:
        invoice: Id of the draft.
        reason: Stands in the audit.
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        client.post(f"/v1/drafts/{invoice}/reject", {"reason": reason})
    session.answer({"rejected": invoice}, f"{invoice} was thrown away")
