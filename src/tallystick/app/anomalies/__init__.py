"""Usage that is not as it was: found, investigated, and held back where that is declared."""

from tallystick.app.anomalies.keep_patterns import PatternKeeping, keep_patterns
from tallystick.app.anomalies.open_investigation import (
    Opened,
    OpenInvestigation,
    investigation_id,
    open_investigation,
)
from tallystick.app.anomalies.ports import (
    Evidence,
    Investigation,
    InvestigationRecord,
    InvestigationState,
    InvestigationStore,
    KeptPattern,
    PatternStore,
    Resolution,
)
from tallystick.app.anomalies.resolve import (
    PAGE,
    ResolveInvestigation,
    list_investigations,
    resolve_investigation,
)

__all__ = [
    "PAGE",
    "Evidence",
    "Investigation",
    "InvestigationRecord",
    "InvestigationState",
    "InvestigationStore",
    "KeptPattern",
    "OpenInvestigation",
    "Opened",
    "PatternKeeping",
    "PatternStore",
    "Resolution",
    "ResolveInvestigation",
    "investigation_id",
    "keep_patterns",
    "list_investigations",
    "open_investigation",
    "resolve_investigation",
]
