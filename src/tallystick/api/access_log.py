"""
Structured logs: one JSON object a line on standard error.

Nothing that a caller sent is logged but method, path and ids: no query string, no header, no
body, no key.
"""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING

import msgspec
import structlog

if TYPE_CHECKING:
    from typing import BinaryIO

    from structlog.typing import FilteringBoundLogger

# Local variables stay out of the log: they may hold keys and bodies.
TRACEBACKS = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)


def json_log(output: BinaryIO | None = None, *, level: int = logging.INFO) -> FilteringBoundLogger:
    """Return a logger that writes JSON lines to `output` (standard error where none is given)."""
    log: FilteringBoundLogger = structlog.wrap_logger(
        structlog.BytesLogger(output or sys.stderr.buffer),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="recorded_at"),
            structlog.processors.ExceptionRenderer(TRACEBACKS),
            structlog.processors.JSONRenderer(serializer=_encode),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    return log


def _encode(event: object, **_options: object) -> bytes:
    return msgspec.json.encode(event, enc_hook=str)
