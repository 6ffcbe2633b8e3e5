"""`tallystick billing-config`: how a workspace bills."""

from tallystick.cli.connection import HERE, Session
from tallystick.cli.output import write_json


def billing_config(*, session: Session = HERE) -> None:
    """
    Write plan definitions, pricing rules and payment settings, without secrets, as JSON.

    For example:

        tallystick billing-config > billing-config.json

    Args:
        session: Which server is asked.
    """
    with session.client() as client:
        write_json(client.get("/v1/billing-config"))
