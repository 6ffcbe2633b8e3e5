"""`tallystick quota-policy`: a plan as a quota policy, and what one may say."""

import sys
from pathlib import Path
from typing import cast

from cyclopts import App

from tallystick.catalog import policy_schema
from tallystick.cli.connection import HERE, Item, Session
from tallystick.cli.output import note, write_json

quota_policy_app = App(
    name="quota-policy", help="Plans as quota policies: limits, overage, prices."
)


@quota_policy_app.command
def export(
    plan: str,
    /,
    *,
    version: int | None = None,
    output: Path | None = None,
    session: Session = HERE,
) -> None:
    """
    Write a plan version as a quota policy, which can be applied.

    What the plan holds and a policy cannot say is told beside it.

    For example:

        tallystick quota-policy export pro
        tallystick quota-policy export pro --version 2 --output quota-policy.yaml

    Args:
        plan: Key of the plan.
        version: Which version; the newest, unless given.
        output: A file to write; standard output, unless given.
        session: Which server is asked, and how its answer is written.
    """
    asked = {} if version is None else {"version": str(version)}
    with session.client() as client:
        answer = cast(Item, client.get(f"/v1/plans/{plan}/quota-policy", **asked))
    text = str(answer["text"])
    for each in cast(list[str], answer["untold"]):
        note(f"a quota policy cannot say: {each}")
    if output is not None:
        output.write_text(text, encoding="utf-8")
        session.answer(answer, f"{plan}@{answer['version']} written to {output}")
    elif session.json:
        write_json(answer)
    else:
        sys.stdout.write(text)


@quota_policy_app.command
def schema() -> None:
    """
    Write the JSON Schema of quota policies.

    For example:

        tallystick quota-policy schema
    """
    write_json(policy_schema())
