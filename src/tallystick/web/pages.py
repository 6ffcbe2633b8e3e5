"""The routes of the pages: sign in, the live page, its stream, its charts, its files."""

from __future__ import annotations

import asyncio
import re
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.di import Provide
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect, ServerSentEvent
from litestar.types import ControllerRouterHandler

from tallystick.app.invoicing import WriteDocument, write_document
from tallystick.app.pipeline import pipeline_health
from tallystick.bootstrap.engines import Application
from tallystick.catalog import DocumentForm
from tallystick.integrations.charts import CHARTS, THEMES, chart_json, chart_svg, curves_spec
from tallystick.integrations.documents import PAGE_POLICY
from tallystick.kernel import InvoiceId, Refused
from tallystick.web.assets import FOREVER, Assets
from tallystick.web.declining import Declining, Pace, ask_to_decline, decline_letters
from tallystick.web.limits import read_limits
from tallystick.web.live_feed import LiveFeed
from tallystick.web.live_view import LiveReader
from tallystick.web.pipeline import pipeline_view
from tallystick.web.rendering import Renderer
from tallystick.web.sessions import COOKIE, Session, Sessions, session_cookie

PAGE = {"public": True}
HTML = "text/html"
SEE_OTHER: Final = 303
WRONG_LINK = "That link was used or is too old. Start again, or paste a key."
WRONG_KEY = "That key is not known, or it may not read."


class SignIn(msgspec.Struct, frozen=True, kw_only=True):
    """What the form sends."""

    key: str


class Pages:
    """What the routes share."""

    def __init__(self, application: Application, stopping: asyncio.Event) -> None:
        self.application = application
        self.sessions = Sessions(application)
        self.assets = Assets()
        self.renderer = Renderer(self.assets)
        self.feed = LiveFeed(self.renderer, self.sessions, stopping=stopping)

    def reader(self, session: Session) -> LiveReader:
        """Return what reads for a session."""
        return LiveReader(
            application=self.application.at(session.caller.workspace), caller=session.caller
        )


def page_routes(
    application: Application, *, pace: Pace, stopping: asyncio.Event | None = None
) -> list[ControllerRouterHandler]:
    """
    Return the routes of the pages.

    Args:
        application: the wired use cases.
        pace: how often one link of a letter may be used.
        stopping: set when the server is to stop: open streams end then, which it waits for.
    """
    pages = Pages(application, stopping or asyncio.Event())
    declining = Declining(application, pages.renderer, pace)
    return [
        Router(
            path="/",
            route_handlers=[
                home,
                limits,
                pipeline,
                start,
                login,
                sign_in,
                sign_out,
                stream,
                chart,
                document,
                file,
                ask_to_decline,
                decline_letters,
            ],
            dependencies={
                "pages": Provide(lambda: pages, sync_to_thread=False),
                "declining": Provide(lambda: declining, sync_to_thread=False),
            },
            include_in_schema=False,
            opt=PAGE,
        )
    ]


@get("/", sync_to_thread=True)
def home(request: Request[Any, Any, Any], pages: Pages, account: str = "") -> Response[Any]:
    """Show the live page, or lead to where one signs in."""
    session = pages.sessions.find(request.cookies.get(COOKIE))
    if session is None:
        return Redirect("/login", status_code=SEE_OTHER)
    reader = pages.reader(session)
    return html(pages.renderer.live_page(reader, asked=account))


@get("/limits", sync_to_thread=True)
def limits(request: Request[Any, Any, Any], pages: Pages) -> Response[Any]:
    """Show how much of each limit is used, and what was told of it."""
    session = pages.sessions.find(request.cookies.get(COOKIE))
    if session is None:
        return Redirect("/login", status_code=SEE_OTHER)
    view = read_limits(pages.application, session.caller)
    if isinstance(view, Refused):
        return Redirect("/", status_code=SEE_OTHER)
    return html(pages.renderer.limits_page(session.caller.workspace, view.value))


@get("/pipeline", sync_to_thread=True)
def pipeline(request: Request[Any, Any, Any], pages: Pages) -> Response[Any]:
    """Show how events are doing; a session of one account sees nothing of it."""
    session = pages.sessions.find(request.cookies.get(COOKIE))
    if session is None:
        return Redirect("/login", status_code=SEE_OTHER)
    caller = session.caller
    if caller.account is not None:
        return Redirect("/", status_code=SEE_OTHER)
    uow = pages.application.units(caller.workspace)
    health = pipeline_health(
        caller, uow=uow, sources=pages.application.at(caller.workspace).pipeline_sources
    )
    if isinstance(health, Refused):
        return Redirect("/", status_code=SEE_OTHER)
    return html(pages.renderer.pipeline_page(caller.workspace, pipeline_view(health.value)))


@get("/start", sync_to_thread=True)
def start(pages: Pages, token: str = "") -> Response[Any]:
    """Sign in with the link that `up` printed."""
    cookie = pages.sessions.begin_with_start_token(token)
    if cookie is None:
        return html(pages.renderer.sign_in(WRONG_LINK), status=403)
    return Redirect("/", status_code=SEE_OTHER, cookies=[cookie])


@get("/login", sync_to_thread=True)
def login(pages: Pages) -> Response[str]:
    """Show where one signs in."""
    return html(pages.renderer.sign_in(""))


@post("/login", sync_to_thread=True)
def sign_in(
    data: Annotated[SignIn, Body(media_type=RequestEncodingType.URL_ENCODED)], pages: Pages
) -> Response[Any]:
    """Sign in with a key."""
    cookie = pages.sessions.begin_with_key(data.key)
    if cookie is None:
        return html(pages.renderer.sign_in(WRONG_KEY), status=403)
    return Redirect("/", status_code=SEE_OTHER, cookies=[cookie])


@post("/logout", sync_to_thread=True)
def sign_out(request: Request[Any, Any, Any], pages: Pages) -> Response[Any]:
    """End the session."""
    pages.sessions.end(request.cookies.get(COOKIE))
    return Redirect("/login", status_code=SEE_OTHER, cookies=[session_cookie("")])


@get("/live/stream")
async def stream(request: Request[Any, Any, Any], pages: Pages, account: str = "") -> Response[Any]:
    """Send what changed on the live page, each second."""
    cookie = request.cookies.get(COOKIE)
    session = await asyncio.to_thread(pages.sessions.find, cookie)
    if session is None:
        return Response(b"", status_code=401)
    return ServerSentEvent(pages.feed.messages(pages.reader(session), cookie, asked=account))


@get("/charts/{name:str}", sync_to_thread=True)
def chart(
    name: str,
    request: Request[Any, Any, Any],
    pages: Pages,
    theme: str = "light",
    account: str = "",
) -> Response[Any]:
    """Return a chart as SVG, or as the Vega-Lite spec that it is drawn from."""
    session = pages.sessions.find(request.cookies.get(COOKIE))
    title, _, form = name.partition(".")
    if session is None:
        return Response(b"", status_code=401)
    if title not in CHARTS or theme not in THEMES or form not in {"svg", "json"}:
        return Response(b"", status_code=404)
    reader = pages.reader(session)
    points = reader.points(title, reader.shown_account(account))
    spec = curves_spec(title, points, theme=theme)
    if form == "json":
        return Response(chart_json(spec), media_type="application/json")
    return Response(chart_svg(spec), media_type="image/svg+xml")


@get("/invoices/{name:str}", sync_to_thread=True)
def document(name: str, request: Request[Any, Any, Any], pages: Pages) -> Response[Any]:
    """Return a document of the session's workspace or account, as a page or as PDF."""
    session = pages.sessions.find(request.cookies.get(COOKIE))
    if session is None:
        return Redirect("/login", status_code=SEE_OTHER)
    invoice, _, form = name.rpartition(".")
    if form not in {DocumentForm.HTML, DocumentForm.PDF}:
        return Response(b"", status_code=404)
    application = pages.application
    written = write_document(
        WriteDocument(invoice=InvoiceId(invoice), form=DocumentForm(form)),
        caller=session.caller,
        uow=application.units(session.caller.workspace),
        usage=application.usage,
        writer=application.documents,
    )
    if isinstance(written, Refused):
        return Response(written.problems[0].message, status_code=404, media_type="text/plain")
    paper = written.value
    headers = {
        "content-disposition": f'inline; filename="{paper.name}"',
        "content-security-policy": PAGE_POLICY,
    }
    return Response(paper.content, media_type=paper.media_type, headers=headers)


@get("/assets/{tag:str}/{name:str}")
async def file(
    tag: str, name: str, request: Request[Any, Any, Any], pages: Pages
) -> Response[bytes]:
    """Return a file of the pages; its address changes with its content."""
    asset = await pages.assets.find(name)
    if asset is None or tag not in pages.assets.address(name):
        return Response(b"", status_code=404)
    headers = {"cache-control": FOREVER, "vary": "accept-encoding"}
    if re.search(r"\bgzip\b", request.headers.get("accept-encoding", "")):
        headers["content-encoding"] = "gzip"
        return Response(asset.packed, media_type=asset.media_type, headers=headers)
    return Response(asset.content, media_type=asset.media_type, headers=headers)


def html(text: str, *, status: int = 200) -> Response[str]:
    """Return a page."""
    return Response(text, media_type=HTML, status_code=status)
