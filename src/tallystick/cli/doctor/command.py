"""`tallystick doctor`: what is wrong here, and how to mend it."""

from collections.abc import Iterator

from tallystick.bootstrap import DataDirectory
from tallystick.cli.connection import HERE, Session
from tallystick.cli.doctor.finding import Check, Finding, Verdict, fail
from tallystick.cli.doctor.installation import (
    check_clickhouse,
    check_directory,
    check_postgres,
    check_server,
)
from tallystick.cli.doctor.machine import (
    check_clock,
    check_disk,
    check_memory,
    check_open_files,
    check_port,
)
from tallystick.cli.doctor.program import check_libraries, check_python
from tallystick.cli.exits import Exit
from tallystick.cli.output import table
from tallystick.kernel import Misuse


def doctor(*, session: Session = HERE) -> Exit:
    """
    Check this installation: versions, engines, clock, disk, memory, permissions, ports.

    Each row is ok, warn or fail, with what to do about it. The exit code is 1 if any row fails.

    For example:

        tallystick doctor
        tallystick doctor --data /srv/tallystick --json

    Args:
        session: Which data directory is looked at, and how the answer is written.
    """
    findings = list(_findings(session))
    document = [
        {"subject": each.subject, "verdict": each.verdict, "found": each.found, "mend": each.mend}
        for each in findings
    ]
    rows = [[each.verdict.value, each.subject, each.found, each.mend] for each in findings]
    session.answer(document, table("", ["", "what", "found", "what to do"], rows))
    failed = any(each.verdict is Verdict.FAIL for each in findings)
    return Exit.REFUSED if failed else Exit.OK


def _findings(session: Session) -> Iterator[Finding]:
    yield from check_python()
    yield from check_libraries()
    yield from check_clock()
    yield from check_open_files()
    try:
        settings = session.settings()
    except Misuse as error:
        yield fail("settings", str(error), "set the variable right, or unset it")
        return
    directory = DataDirectory(root=settings.data)
    server = list(check_server(directory))
    runs = all(finding.verdict is Verdict.OK for finding in server)
    checks: tuple[Check, ...] = (
        lambda: check_memory(settings),
        lambda: check_disk(directory),
        lambda: check_directory(directory),
        lambda: check_port(settings, directory),
        lambda: check_postgres(settings, runs=runs),
        lambda: check_clickhouse(settings),
    )
    for check in checks:
        yield from check()
    yield from server
