"""Usage that is not as it was: found, investigated, and held back where that is declared."""

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
    Resolution,
)

__all__ = [
    "Evidence",
    "Investigation",
    "InvestigationRecord",
    "InvestigationState",
    "InvestigationStore",
    "OpenInvestigation",
    "Opened",
    "Resolution",
    "investigation_id",
    "open_investigation",
]
