"""What the worker sends is what the owner writes, to the byte."""

from dataclasses import replace
from pathlib import Path

import pytest

from tallystick.app.invoicing import DocumentToWrite
from tallystick.catalog import Branding, DocumentForm
from tallystick.client import Endpoint
from tallystick.integrations.documents import PaperWriter
from tallystick.kernel import Done, EngineUnavailable, InvoiceId, Refused, WorkspaceId
from tallystick.worker.papers import OwnersPapers
from tests.api.test_clocks import CATALOG, advance, trial_of
from tests.integrations.documents.papers import ISSUER, PARTIES, invoice_of
from tests.serving import Served, Tenant

OWN = PaperWriter(Path("nowhere"))
NOWHERE = OwnersPapers(endpoint=lambda _: Endpoint(url="http://127.0.0.1:9", key="none"), own=OWN)
HERE = DocumentToWrite(invoice=invoice_of(), basis=PARTIES, digest="sha256:0")


def billed(served: Served) -> tuple[Tenant, str]:
    """Return a workspace with a document over usage."""
    tenant = trial_of(served)
    tenant.apply(CATALOG)
    tenant.send(*({"id": f"e{at}", "source": "t", "type": "call", "subject": "r1"} for at in "123"))
    advance(tenant, to="2024-03-02T00:00:00Z")
    found = tenant.ask("GET", "/v1/invoices").json()["items"]
    last = max(found, key=lambda one: str(one["number"]))
    return tenant, str(last["id"])


def papers(tenant: Tenant) -> OwnersPapers:
    """Return papers of the owner, asked with the operator's key."""
    return OwnersPapers(endpoint=lambda _: Endpoint(url=tenant.url, key=tenant.token), own=OWN)


def named(tenant: Tenant, id: str) -> DocumentToWrite:
    """Return a document as far as its name goes."""
    workspace = WorkspaceId(tenant.workspace)
    return replace(HERE, invoice=replace(HERE.invoice, id=InvoiceId(id), workspace=workspace))


@pytest.mark.parametrize("form", [DocumentForm.PDF, DocumentForm.HTML])
def test_it_is_what_people_get_who_ask(served: Served, form: DocumentForm) -> None:
    """Content, type and name are those of the owner's answer; a chart is among it."""
    tenant, id = billed(served)
    answer = tenant.ask("GET", f"/v1/invoices/{id}/document?format={form}&language=de")
    outcome = papers(tenant).write(named(tenant, id), form, language="de")
    assert isinstance(outcome, Done)
    assert outcome.value.content == answer.content
    assert outcome.value.media_type == answer.headers["content-type"].partition(";")[0]
    assert outcome.value.name in answer.headers["content-disposition"]
    assert (b"data:image/svg+xml" in answer.content) == (form is DocumentForm.HTML)


def test_a_refusal_is_handed_on(served: Served) -> None:
    """What cannot be written so is refused for the owner's reason, and another form is tried."""
    tenant, id = billed(served)
    outcome = papers(tenant).write(named(tenant, id), DocumentForm.FACTURX, language="")
    assert isinstance(outcome, Refused)
    assert outcome.problems[0].code == "missing_country"


def test_without_its_owner_nothing_is_sent() -> None:
    """A letter waits rather than going out with another document."""
    with pytest.raises(EngineUnavailable):
        NOWHERE.write(HERE, DocumentForm.PDF, language="")


def test_documents_without_charts_need_no_owner() -> None:
    """Where an issuer wants none, the worker writes them itself, as it writes all letters."""
    plain = replace(ISSUER, branding=Branding(charts=False))
    document = replace(HERE, basis=replace(PARTIES, issuer=plain))
    one = NOWHERE.write(document, DocumentForm.PDF, language="en")
    assert one == OWN.write(document, DocumentForm.PDF, language="en")
    assert NOWHERE.letter(HERE) == OWN.letter(HERE)
