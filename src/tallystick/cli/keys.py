"""`tallystick keys`: make, list and revoke API keys."""

from collections.abc import Mapping
from typing import Annotated, cast

from cyclopts import App, Parameter

from tallystick.cli.connection import HERE, Session, items
from tallystick.cli.output import item_table, note

COLUMNS = ("id", "label", "scopes", "account", "created_at", "expires_at", "revoked_at")

keys_app = App(name="keys", help="Make, list and revoke API keys.")


@keys_app.command
def create(
    *,
    label: str,
    scope: Annotated[list[str], Parameter(negative=())],
    account: str = "",
    expires_at: str = "",
    session: Session = HERE,
) -> None:
    """
    Make a key; its token is shown once.

    For example:

        tallystick keys create --label "collector in rack 4" --scope ingest
        tallystick keys create --label "acme's own" --scope read --account acme

    Args:
        label: What the key is for.
        scope: admin, read, ingest, correct or billing; may be given several times.
        account: The only account that the key may see.
        expires_at: Instant from which the key is refused, as 2027-01-01T00:00:00Z.
        session: Which server is asked, and how its answer is written.
    """
    document: dict[str, object] = {"label": label, "scopes": scope}
    document |= {"account": account} if account else {}
    document |= {"expires_at": expires_at} if expires_at else {}
    with session.client() as client:
        made = cast(Mapping[str, object], client.post("/v1/keys", document))
    session.answer(made, str(made["token"]))
    note("The token above is shown this once; keep it where only its user reads it.")


@keys_app.command(name="list")
def list_all(*, session: Session = HERE) -> None:
    """
    List the keys, revoked and expired ones included.

    For example:

        tallystick keys list

    Args:
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        found = list(items(client, "/v1/keys"))
    shown = [
        {**each, "scopes": ", ".join(map(str, cast(list[object], each["scopes"])))}
        for each in found
    ]
    session.answer(found, item_table("", shown, COLUMNS))


@keys_app.command
def revoke(key: str, /, *, session: Session = HERE) -> None:
    """
    Refuse a key from now on.

    For example:

        tallystick keys revoke 3f9a0c1b2d4e5f60

    Args:
        key: Id of the key, as `keys list` shows it.
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        revoked = client.delete(f"/v1/keys/{key}")
    session.answer(revoked, f"{key} is revoked")
