"""
Setting with a template that an operator wrote: in a process of its own, with limits.

A template is a program.  It may loop, or want more memory than there is; it sees the files below
the folder of designs and no others, no environment and no packages, and ends with its process.
"""

import resource
import subprocess
import sys
from datetime import date
from pathlib import Path

import msgspec
import typst

from tallystick.integrations.documents.page import Page
from tallystick.integrations.documents.typesetting.attachment import Attachment
from tallystick.integrations.documents.typesetting.compiler import Setting, Typesetter
from tallystick.kernel import Done, Outcome, refuse

CPU_SECONDS_MAX = 10
MEMORY_BYTES_MAX = 2 * 1024**3
TIMEOUT_SECONDS_MAX = 30
_MESSAGE_SIGNS_MAX = 500


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What the process is told on its standard input."""

    template: str
    root: str
    page: Page
    dated: str
    logo: str
    attachments: tuple[Attachment, ...]


def set_apart(page: Page, setting: Setting, *, template: Path, root: Path) -> Outcome[bytes]:
    """
    Return the page as PDF/A-3b, set with a template below ``root``.

    Problems:
        unusable_design: the template has a mistake, or wants more time or memory than it may have.
    """
    order = Order(
        template=str(template),
        root=str(root.resolve()),
        page=page,
        dated="" if setting.dated is None else setting.dated.isoformat(),
        logo=setting.logo,
        attachments=setting.attachments,
    )
    try:
        done = subprocess.run(  # noqa: S603 - our own module, no text of others on its command line
            [sys.executable, "-P", "-m", __name__],
            input=msgspec.json.encode(order),
            capture_output=True,
            timeout=TIMEOUT_SECONDS_MAX,
            env={"PYTHONPATH": str(Path(__file__).parents[4])},
            check=False,
        )
    except subprocess.TimeoutExpired:
        return _unusable(f"took more than {TIMEOUT_SECONDS_MAX} seconds")
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip()[-_MESSAGE_SIGNS_MAX:]
        return _unusable(f"cannot be set: {said or 'it was ended by its limits'}")
    return Done(done.stdout)


def _unusable(message: str) -> Outcome[bytes]:
    return refuse("unusable_design", f"the template {message}", "branding.template")


def run() -> int:
    """Set one page as told on standard input, under the limits; write it to standard output."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS_MAX, CPU_SECONDS_MAX))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    setting = Setting(
        dated=date.fromisoformat(order.dated) if order.dated else None,
        logo=order.logo,
        attachments=order.attachments,
    )
    try:
        setter = Typesetter(Path(order.template), root=Path(order.root))
        content = setter.pdf(order.page, setting)
    except typst.TypstError as error:
        sys.stderr.write(f"{error.message}\n")
        return 1
    sys.stdout.buffer.write(content)
    return 0


if __name__ == "__main__":
    sys.exit(run())
