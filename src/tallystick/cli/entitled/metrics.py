"""`tallystick usage-metrics`: what an account used of its limits, and where that goes."""

import sys
from typing import cast

from tallystick.cli.connection import HERE, Item, Session
from tallystick.cli.output import write_json


def usage_metrics(account: str, /, *, session: Session = HERE) -> None:
    """
    Write what an account used of its limits in the billing period that runs, as YAML.

    For example:

        tallystick usage-metrics acme
        tallystick usage-metrics acme --json

    Args:
        account: Whose usage.
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        answer = cast(Item, client.get(f"/v1/accounts/{account}/usage-metrics"))
    if session.json:
        write_json(answer["metrics"])
    else:
        sys.stdout.write(str(answer["text"]))
