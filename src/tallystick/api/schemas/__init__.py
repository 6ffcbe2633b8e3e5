"""What goes over the wire, where it is not a domain document already."""

from tallystick.api.schemas.audit import AuditAnswer, ChainHeadAnswer, audit_from_report
from tallystick.api.schemas.catalog import AppliedAnswer, wire_from_applied
from tallystick.api.schemas.corrections import (
    AmendOrder,
    CorrectionAnswer,
    ReachAnswer,
    VoidOrder,
    amend_from_wire,
    void_from_wire,
    wire_from_correction,
    wire_from_reach,
)
from tallystick.api.schemas.dead_letter import (
    DeadLetterAnswer,
    DiscardOrder,
    ReplayOrder,
    selection_from_wire,
    wire_from_dead_letter,
)
from tallystick.api.schemas.invoice import (
    ExplanationAnswer,
    InvoiceItem,
    PreviewAnswer,
    PreviewOrder,
    RunAnswer,
    RunOrder,
    VerificationAnswer,
    wire_from_explanation,
    wire_from_previews,
    wire_from_run,
    wire_from_summary,
    wire_from_verification,
)
from tallystick.api.schemas.journal import EntryAnswer, wire_from_entry
from tallystick.api.schemas.key import KeyAnswer, NewKey, NewKeyAnswer, wire_from_key
from tallystick.api.schemas.source import (
    ItemShape,
    ProgressOrder,
    SourceAnswer,
    progress_from_wire,
    wire_from_item,
    wire_from_source,
)
from tallystick.api.schemas.trace import TraceRead, wire_from_trace
from tallystick.api.schemas.uncounted import (
    UnattributedRead,
    UnmeterableRead,
    wire_from_unattributed,
    wire_from_unmeterable,
)
from tallystick.api.schemas.usage import UsageItem, UsageRead, wire_from_usage
from tallystick.api.schemas.usage_query import UsageOrder, UsageQueryAnswer, wire_from_inquiry

__all__ = [
    "AmendOrder",
    "AppliedAnswer",
    "AuditAnswer",
    "ChainHeadAnswer",
    "CorrectionAnswer",
    "DeadLetterAnswer",
    "DiscardOrder",
    "EntryAnswer",
    "ExplanationAnswer",
    "InvoiceItem",
    "ItemShape",
    "KeyAnswer",
    "NewKey",
    "NewKeyAnswer",
    "PreviewAnswer",
    "PreviewOrder",
    "ProgressOrder",
    "ReachAnswer",
    "ReplayOrder",
    "RunAnswer",
    "RunOrder",
    "SourceAnswer",
    "TraceRead",
    "UnattributedRead",
    "UnmeterableRead",
    "UsageItem",
    "UsageOrder",
    "UsageQueryAnswer",
    "UsageRead",
    "VerificationAnswer",
    "VoidOrder",
    "amend_from_wire",
    "audit_from_report",
    "progress_from_wire",
    "selection_from_wire",
    "void_from_wire",
    "wire_from_applied",
    "wire_from_correction",
    "wire_from_dead_letter",
    "wire_from_entry",
    "wire_from_explanation",
    "wire_from_inquiry",
    "wire_from_item",
    "wire_from_key",
    "wire_from_previews",
    "wire_from_reach",
    "wire_from_run",
    "wire_from_source",
    "wire_from_summary",
    "wire_from_trace",
    "wire_from_unattributed",
    "wire_from_unmeterable",
    "wire_from_usage",
    "wire_from_verification",
]
