"""
Factur-X: a PDF that says of itself, in its metadata, that it carries its own invoice as XML.

Typst embeds the file; what is left is the extension schema in the XMP metadata, which the factur-x
library knows.  Its own way of adding both writes the present time into the file; here the date is
that of issue, so the same document gives the same bytes.
"""

from dataclasses import dataclass
from datetime import date
from importlib import import_module
from io import BytesIO
from typing import Any

from pypdf import PdfReader, PdfWriter
from pypdf.generic import DecodedStreamObject, IndirectObject, NameObject

from tallystick.kernel import Done, Outcome, refuse

XML_NAME = "factur-x.xml"
_HEAD = b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
_TAIL = b'\n<?xpacket end="w"?>'
_NAMESPACE = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What a file says of itself; ``issued_on`` is never None in an e-invoice."""

    title: str
    author: str
    issued_on: date | None


def with_invoice_metadata(pdf: bytes, metadata: Metadata) -> Outcome[bytes]:
    """
    Return a PDF that has ``XML_NAME`` attached as one that declares it to be its invoice.

    Problems:
        unusable_design: the template of the operator did not attach it.
    """
    reader = PdfReader(BytesIO(pdf))
    if XML_NAME not in reader.attachments:
        message = f"the template attaches no {XML_NAME}; see sys.inputs.files"
        return refuse("unusable_design", message, "branding.template")
    writer = PdfWriter(clone_from=reader)
    stream = DecodedStreamObject()
    stream.update(
        {NameObject("/Type"): NameObject("/Metadata"), NameObject("/Subtype"): NameObject("/XML")}
    )
    stream.set_data(_extended(metadata))
    held = writer.root_object.raw_get("/Metadata")
    if isinstance(held, IndirectObject):
        writer._replace_object(held, stream)  # noqa: SLF001 - the only way to replace an object
    out = BytesIO()
    writer.write(out)
    return Done(out.getvalue())


def _extended(metadata: Metadata) -> bytes:
    facturx: Any = import_module("facturx")
    etree: Any = import_module("lxml.etree")
    moment = f"{metadata.issued_on}T00:00:00+00:00"
    root = facturx.generate_xmp_object(
        {
            "pdfa3_flavor": "B",
            "title": metadata.title,
            "author": metadata.author,
            "subject": metadata.title,
            "producer": "Typst",
            "creator_tool": "Typst",
            "timestamp": moment,
            "version": "1.0",
            "documenttype": "INVOICE",
            "xml_filename": XML_NAME,
            "xmp_level": "EN 16931",
            "urn": _NAMESPACE,
        }
    )
    return _HEAD + bytes(etree.tostring(root, pretty_print=True)).strip() + _TAIL
