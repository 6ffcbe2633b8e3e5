"""`tallystick verify`: a proof file, a stored invoice, the audit."""

from collections.abc import Mapping
from pathlib import Path
from typing import cast

import msgspec
from cyclopts import App

from tallystick.cli.connection import HERE, Session
from tallystick.cli.exits import Refusal
from tallystick.cli.output import TEXT, Output
from tallystick.cli.short_lived import some_server
from tallystick.invoicing import VerificationReport, verify_bundle
from tallystick.kernel import Problem, Refused, counted

verify_app = App(name="verify")


@verify_app.default
def proof(file: Path, /, *, output: Output = TEXT) -> None:
    """
    Verify a proof file, an invoice or the audit.

    A proof file needs no server and no database: every line of its invoice is made again from the
    events in it, and the audit record in it must name the invoice. Whoever wrote the file could
    have made all of it up alike: compare number, total and digest with the document that you were
    given, and ask the issuer whether his chain holds the seal.

    For example:

        tallystick verify invoice-INV-2026-000001.proof
        tallystick verify invoice inv_5f0c1d2e3a4b5c6d7e8f
        tallystick verify audit

    Args:
        file: The proof file, as `invoice export --proof` writes it.
        output: How the answer is written.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        message = f"{file}: {error.strerror}; name a proof file"
        raise Refusal([Problem(code="unreadable", message=message)]) from error
    outcome = verify_bundle(content)
    if isinstance(outcome, Refused):
        raise Refusal(outcome.problems)
    report = outcome.value
    output.answer(_document(report), _text(report))


@verify_app.command
def invoice(invoice: str, /, *, session: Session = HERE) -> None:
    """
    Make a stored invoice again from the log and compare.

    For example:

        tallystick verify invoice inv_5f0c1d2e3a4b5c6d7e8f

    Args:
        invoice: Id of the invoice, as `tallystick invoice list` shows it.
        session: Which server is asked, and how its answer is written.
    """
    with some_server(session) as client:
        answer = cast(Mapping[str, object], client.post(f"/v1/invoices/{invoice}/verify"))
    told = (
        f"{answer['total']} {answer['currency']}, {counted(answer['lines'], 'line')} made again "
        "from the log"
    )
    session.answer(
        answer,
        f"equal: {answer['number'] or answer['document']}, {told}",
        f"digest of the document: {answer['digest']}",
    )


@verify_app.command
def audit(*, sequence: int | None = None, digest: str = "", session: Session = HERE) -> None:
    """
    Verify the audit chain from its first record.

    Note the head that it prints somewhere else; given again later, it shows whether the chain was
    cut off or made anew.

    For example:

        tallystick verify audit
        tallystick verify audit --sequence 120 --digest sha256:5f...

    Args:
        sequence: Number of a head noted before.
        digest: Digest of that head.
        session: Which server is asked, and how its answer is written.
    """
    noted = "" if sequence is None else str(sequence)
    with some_server(session) as client:
        answer = client.get("/v1/audit/verify", sequence=noted, digest=digest)
    report = cast(Mapping[str, object], answer)
    head = cast(Mapping[str, object], report["head"])
    session.answer(
        report,
        f"the audit holds: {counted(report['sealed'], 'record')} sealed, "
        f"{report['waiting']} waiting",
        f"head: --sequence {head['sequence']} --digest {head['digest']}",
    )


def _document(report: VerificationReport) -> dict[str, object]:
    return {
        "equal": True,
        "document": report.document,
        "number": report.number,
        "digest": report.digest,
        "total": f"{report.total.decimal:f}",
        "currency": report.total.currency.code,
        "lines": report.lines,
        "events": report.events,
        "audit": None if report.audit is None else msgspec.to_builtins(report.audit),
    }


def _text(report: VerificationReport) -> str:
    total = f"{report.total.decimal:f} {report.total.currency.code}"
    named = report.number or report.document
    return (
        f"equal: {named}, {total}, {counted(report.lines, 'line')} made again from "
        f"{counted(report.events, 'event')}\n"
        f"digest of the document: {report.digest}\n{_audited(report)}"
    )


def _audited(report: VerificationReport) -> str:
    """Tell what ties the document to its issue, and how to ask the issuer about it."""
    if report.audit is None:
        return "audit: the file holds no record of an issue; ask the issuer for the digest"
    seal = report.audit.seal
    if seal is None:
        return f"audit: record {report.audit.id} names this digest; it was not sealed yet"
    head = f"--sequence {seal.sequence} --digest {seal.digest}"
    return (
        f"audit: record {report.audit.id} names this digest; the issuer's chain must hold it:\n"
        f"tallystick verify audit {head}"
    )
