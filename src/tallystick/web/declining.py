"""
The page to which letters on usage link: asks whether no more are to come, and notes it.

GET shows and changes nothing, since programs that look for harm follow every link of a letter; a
POST declines, which is what the button sends, and mail programs by RFC 8058.  Neither takes a key:
the token of the link is what allows it, and a wrong one is told nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from litestar import Request, Response, get, post

from tallystick.app.delivery import alert_words
from tallystick.app.usage_alerts import LetterLink, LetterLinks, LinkUse, decline_by_link
from tallystick.bootstrap.engines import Application, letter_links
from tallystick.integrations.documents import formats_for
from tallystick.kernel import Done
from tallystick.web.rendering import Renderer

Pace = Callable[[str], int]
"""By token, how many seconds whoever calls has to wait; 0: none."""
PATH = "/letters"


class Declining:
    """What both routes share."""

    def __init__(self, application: Application, renderer: Renderer, pace: Pace) -> None:
        self._application = application
        self._links: LetterLinks = letter_links(application.settings)
        self._renderer = renderer
        self._pace = pace

    def read(self, token: str) -> LetterLink | None:
        """Return what the link of a letter says, None if it is no link of ours."""
        return self._links.read(token)

    def wait_seconds(self, token: str) -> int:
        """Return how long whoever holds a link has to wait."""
        return self._pace(token)

    def decline(self, use: LinkUse) -> bool:
        """Decline letters; False where nobody writes to the address any more. Blocks."""
        application = self._application
        told = decline_by_link(
            use, self._links, units=application.units, clock=application.machine_clock
        )
        return isinstance(told, Done)

    def page(self, link: LetterLink, *, is_done: bool) -> Response[Any]:
        """Return the page in the language of the letter."""
        text = self._renderer.declining_page(
            alert_words(link.language).declining,
            language=link.language,
            direction=formats_for(link.language).locale.text_direction,
            is_done=is_done,
        )
        return Response(text, media_type="text/html")


@get(PATH, sync_to_thread=True)
def ask_to_decline(declining: Declining, token: str = "") -> Response[Any]:
    """Ask whether no letters are to come any more."""
    link = declining.read(token)
    return nothing() if link is None else declining.page(link, is_done=False)


@post(PATH, status_code=200)
async def decline_letters(
    request: Request[Any, Any, Any], declining: Declining, token: str = ""
) -> Response[Any]:
    """Note that no letters are to come any more; what else is sent makes no difference."""
    link = declining.read(token)
    if link is None:
        return nothing()
    seconds = declining.wait_seconds(token)
    if seconds:
        headers = {"retry-after": str(seconds)}
        return Response(
            f"Wait {seconds} s.", status_code=429, media_type="text/plain", headers=headers
        )
    state = request.scope["state"]
    use = LinkUse(
        link=link,
        request_id=str(state.get("request_id", "")),
        trace_id=str(state.get("trace_id", "")),
    )
    is_done = await asyncio.to_thread(declining.decline, use)
    return declining.page(link, is_done=True) if is_done else nothing()


def nothing() -> Response[Any]:
    """Return the answer to whatever is no link of ours."""
    return Response("Not found.", status_code=404, media_type="text/plain")
