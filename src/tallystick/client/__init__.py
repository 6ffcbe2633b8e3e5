"""
The Python client: sends events, asks questions, keeps what could not be sent.

>>> Endpoint(url="http://127.0.0.1:8080", key="ts_live_example").socket
''
"""

from tallystick.client.answers import BatchAnswer, EventAnswer, SendReport
from tallystick.client.async_client import AsyncClient
from tallystick.client.batches import Batch, arrow_batches, json_batches, line_batch
from tallystick.client.client import Client
from tallystick.client.endpoint import Endpoint
from tallystick.client.errors import ProblemAnswer, RequestRefused, ServerUnreachable
from tallystick.client.exchange import Request, usage_request
from tallystick.client.local import LeasedQuota, LocalQuotas, LocalTimes, OpenGrants
from tallystick.client.numbering import Missing, MissingSpan, Numbers, mend, missing_numbers
from tallystick.client.retry import Retry
from tallystick.client.spool import Spool
from tallystick.client.usage import ARROW, CSV, Compare, Earlier, Top, UsageAsked, UsageFound

__all__ = [
    "ARROW",
    "CSV",
    "AsyncClient",
    "Batch",
    "BatchAnswer",
    "Client",
    "Compare",
    "Earlier",
    "Endpoint",
    "EventAnswer",
    "LeasedQuota",
    "LocalQuotas",
    "LocalTimes",
    "Missing",
    "MissingSpan",
    "Numbers",
    "OpenGrants",
    "ProblemAnswer",
    "Request",
    "RequestRefused",
    "Retry",
    "SendReport",
    "ServerUnreachable",
    "Spool",
    "Top",
    "UsageAsked",
    "UsageFound",
    "arrow_batches",
    "json_batches",
    "line_batch",
    "mend",
    "missing_numbers",
    "usage_request",
]
