"""
Documents as the owner writes them.

Charts show usage, and the embedded ClickHouse lives in the owner process. So the worker asks the
owner for what it sends, and it is to the byte what people get who ask for it themselves.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from tallystick.app.invoicing import DocumentToWrite, DocumentWriter, LetterText, WrittenDocument
from tallystick.catalog import DocumentForm
from tallystick.client import Client, Endpoint, Request, RequestRefused, Retry
from tallystick.kernel import Done, Outcome, Problem, Refused, WorkspaceId

WRITE_SECONDS_MAX = 60.0
RETRY = Retry(attempts_max=2)
_NAME = re.compile(r'filename="([^"/\\]+)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnersPapers:
    """
    A writer that has documents with charts written by the owner.

    Attributes:
        endpoint: finds the owner, for a workspace.
        own: writes letters, and documents that have no charts.
    """

    endpoint: Callable[[WorkspaceId], Endpoint]
    own: DocumentWriter

    def write(
        self, document: DocumentToWrite, form: DocumentForm, *, language: str
    ) -> Outcome[WrittenDocument]:
        """
        Write a document, as `DocumentWriter` says.

        Raises:
            EngineUnavailable: the owner gave no usable answer.
        """
        issuer = document.basis.issuer
        if issuer is None or not issuer.branding.charts:
            return self.own.write(document, form, language=language)
        request = Request(
            method="GET",
            path=f"/v1/invoices/{document.invoice.id}/document",
            query={"format": form.value, "language": language},
        )
        where = self.endpoint(document.invoice.workspace)
        try:
            with Client(where, retry=RETRY, timeout_seconds=WRITE_SECONDS_MAX) as client:
                answer = client.fetch(request)
        except RequestRefused as error:
            said = error.answer
            problem = Problem(code=said.code, message=said.message)
            return Refused(said.problems or (problem,))
        named = _NAME.search(answer.headers.get("content-disposition", ""))
        media_type, _, _ = answer.headers["content-type"].partition(";")
        name = document.invoice.id if named is None else named[1]
        return Done(WrittenDocument(content=answer.content, media_type=media_type, name=name))

    def letter(self, document: DocumentToWrite, *, language: str = "") -> Outcome[LetterText]:
        return self.own.letter(document, language=language)
