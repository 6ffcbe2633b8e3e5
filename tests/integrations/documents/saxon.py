"""
Runs the official business rules over e-invoices, in a process of its own (Saxon has crashed hosts).

    python -m tests.integrations.documents.saxon RULES.xslt INVOICE.xml ...

Prints, as JSON, the rules that each invoice breaks, and how many were tried.
"""

import sys

import msgspec
from lxml import etree
from saxonche import PySaxonProcessor

from tests.integrations.documents.verdict import Verdict

_SVRL = "{http://purl.oclc.org/dsdl/svrl}"


def _judge(rules: str, paths: list[str]) -> list[Verdict]:
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
