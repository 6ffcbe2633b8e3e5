"""Books of processes that are no more: told once, by whoever finds them first."""

from pathlib import Path

from tallystick.client.local.away import OpenGrants
from tallystick.client.local.open_book import reconcile
from tallystick.client.local.place import Place, left_places
from tallystick.client.local.slice_books import Desk
from tallystick.client.local.uses import read_lease, report_uses


def tell_left_books(root: Path, desk: Desk) -> list[OpenGrants]:
    """
    Report what processes that ended without closing had spent, and give back what they held.

    Return what they had let through while the server was away. A book is removed after the server
    has answered for it; what a crash in between repeats is a duplicate there.

    Raises:
        ServerUnreachable, RequestRefused: the books that are left are told with the next call.
    """
    found: list[OpenGrants] = []
    for place in left_places(root):
        try:
            found.extend(_tell(place, desk))
        finally:
            place.remove()
    return found


def _tell(place: Place, desk: Desk) -> list[OpenGrants]:
    for path in place.books("lease"):
        head, uses = read_lease(path)
        if head is not None:
            refused = report_uses(head, uses, ask_all=desk.ask_all)
            if refused is not None:
                desk.set_aside(path, refused.message)
        path.unlink()
    found: list[OpenGrants] = []
    for path in place.books("open"):
        found.extend(reconcile(path, desk.ask_all))
        path.unlink()
    return found
