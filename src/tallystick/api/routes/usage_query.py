"""`POST /v1/usage/query`: several meters, groups, top, comparison; as JSON, CSV or Arrow."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Response, post

from tallystick.api.answers import value_of
from tallystick.api.authentication import needs
from tallystick.api.cursors import Cursors
from tallystick.api.instants import utc, utc_if_given
from tallystick.api.problems import HttpProblem
from tallystick.api.schemas import UsageOrder, UsageQueryAnswer, wire_from_inquiry
from tallystick.api.usage import ARROW, CSV, JSON, arrow_stream, csv_text, usage_table
from tallystick.app.command import Caller
from tallystick.app.keys import Scope
from tallystick.app.metering import (
    Comparison,
    InquiryAnswer,
    Top,
    UsageInquiry,
    ask_usage,
)
from tallystick.bootstrap.engines import Application
from tallystick.kernel import AccountKey, MeterKey, from_micros, micros

FORMS = [JSON, CSV, ARROW]
_CURSORS = Cursors()


class _Mark(msgspec.Struct, frozen=True, array_like=True):
    """Where a page ended: so that the next one sees the same events up to the same instant."""

    position: int
    present: int
    skip: int


@post(
    "/usage/query",
    opt=needs(Scope.READ, account_keys=True),
    tags=["usage"],
    sync_to_thread=True,
    status_code=200,
    summary="Ask for usage",
)
def usage_query(
    data: UsageOrder, request: Request[Any, Any, Any], application: Application, caller: Caller
) -> Response[UsageQueryAnswer]:
    """
    Ask for the exact quantities of several meters, by window and group.

    `Accept` chooses JSON, CSV or an Arrow stream; the cursor of the next page and the log position
    stand in the headers `Next-Cursor` and `Log-Position` as well. A key of one account sees that
    account's.
    """
    form = request.accept.best_match(FORMS)
    if form is None:
        message = f"This address answers with {', '.join(FORMS)}."
        raise HttpProblem(406, "not_acceptable", message)
    scope = _scope(data, caller)
    inquiry = inquiry_from_wire(data, scope)
    outcome = ask_usage(
        inquiry,
        caller=caller,
        uow=application.units(caller.workspace),
        usage=application.usage,
        clock=application.clock,
    )
    answer = value_of(outcome)
    cursor = _next_cursor(inquiry, answer, scope)
    headers = {"Log-Position": str(answer.position), "Next-Cursor": cursor}
    content: Any
    if form == JSON:
        content = wire_from_inquiry(answer, next_cursor=cursor)
    else:
        table = usage_table(inquiry, answer.lines)
        content = csv_text(table) if form == CSV else arrow_stream(table)
    return Response(content, media_type=form, headers=headers)


def inquiry_from_wire(order: UsageOrder, scope: str) -> UsageInquiry:
    """Return the question of a body; a cursor says what the pages before looked at."""
    compare, top = order.compare, order.top
    mark = _Mark(position=0, present=0, skip=0)
    if order.cursor:
        mark = msgspec.json.decode(_CURSORS.open(order.cursor, scope=scope), type=_Mark)
    return UsageInquiry(
        meters=tuple(MeterKey(each) for each in order.meters),
        start=utc("$.start", order.start),
        end=utc("$.end", order.end),
        size=order.window,
        zone=order.zone,
        account=None if order.account is None else AccountKey(order.account),
        group_by=order.group_by,
        filters=order.filters,
        compare=None
        if compare is None
        else Comparison(
            to=compare.to,
            start=utc_if_given("$.compare.start", compare.start),
            end=utc_if_given("$.compare.end", compare.end),
        ),
        top=None if top is None else Top(count=top.count, others=top.others),
        running=order.running_total,
        fill=order.fill,
        position=order.position,
        as_of=mark.position if order.cursor else order.as_of,
        present=from_micros(mark.present) if order.cursor else None,
        skip=mark.skip,
        limit=order.limit,
    )


def _scope(order: UsageOrder, caller: Caller) -> str:
    """Return what a cursor belongs to: the question, the workspace and the account."""
    question = msgspec.structs.replace(order, cursor="", limit=1)
    return repr((caller.workspace, caller.account or "", msgspec.json.encode(question)))


def _next_cursor(inquiry: UsageInquiry, answer: InquiryAnswer, scope: str) -> str:
    if not answer.more:
        return ""
    mark = _Mark(
        position=answer.position,
        present=micros(answer.present),
        skip=inquiry.skip + len(answer.lines),
    )
    return _CURSORS.seal(msgspec.json.encode(mark).decode(), scope=scope)
