"""Pages of lists: `limit` and `cursor` in, `items` and `next_cursor` out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from litestar import Request
from litestar.params import Parameter

from tallystick.api.cursors import Cursors
from tallystick.app.command import Caller

LIMIT_DEFAULT = 50
LIMIT_MAX = 500

Item = TypeVar("Item")


class Page(msgspec.Struct, Generic[Item], frozen=True, kw_only=True):
    """One page of a list; `next_cursor` is empty on the last."""

    items: tuple[Item, ...]
    next_cursor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRequest:
    """Which page is asked for: at most `limit` items whose sort key comes after `after`."""

    limit: int
    after: str
    scope: str
    cursors: Cursors

    def page(
        self, found: Sequence[Any], key: Callable[[Any], str], *, wire: Callable[[Any], Item]
    ) -> Page[Item]:
        """
        Return a page of what was found.

        Args:
            found: up to `limit + 1` items in order of their sort keys; one more than fits says that
                there is another page.
            key: the sort key of an item, as text.
            wire: an item as it goes over the wire.
        """
        shown = found[: self.limit]
        more = len(found) > self.limit
        return Page(
            items=tuple(wire(item) for item in shown),
            next_cursor=self.cursors.seal(key(shown[-1]), scope=self.scope) if more else "",
        )

    def cut(self, listed: Sequence[Any], key: Callable[[Any], str]) -> list[Any]:
        """Return the page's items out of a whole list, one more than fits where there is one."""
        ordered = sorted(listed, key=key)
        return [item for item in ordered if key(item) > self.after][: self.limit + 1]


def page_provider(cursors: Cursors) -> Callable[..., PageRequest]:
    """Return the dependency `page` of listing routes."""

    def page(
        request: Request[Any, Any, Any],
        caller: Caller,
        limit: Annotated[
            int, Parameter(ge=1, le=LIMIT_MAX, description="How many items at most.")
        ] = LIMIT_DEFAULT,
        cursor: Annotated[
            str | None, Parameter(description="next_cursor of the page before.", max_length=1024)
        ] = None,
    ) -> PageRequest:
        scope = list_scope(request, caller)
        after = "" if cursor is None else cursors.open(cursor, scope=scope)
        return PageRequest(limit=limit, after=after, scope=scope, cursors=cursors)

    return page


def list_scope(request: Request[Any, Any, Any], caller: Caller) -> str:
    """Return what a cursor belongs to: list, filters, workspace and account."""
    filters = sorted(
        (name, value)
        for name, value in request.query_params.multi_items()
        if name not in {"limit", "cursor"}
    )
    return repr((caller.workspace, caller.account or "", request.url.path, filters))
