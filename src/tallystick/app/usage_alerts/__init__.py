"""Usage alerts: thresholds that counters pass, limits that begin to hold, and responses."""

from tallystick.app.usage_alerts.declining import (
    DeclineLetters,
    decline_letters,
    list_declined,
)
from tallystick.app.usage_alerts.declining_by_link import LinkUse, decline_by_link
from tallystick.app.usage_alerts.escalating import (
    ESCALATED,
    Recipients,
    awaits_step,
    recipients_of,
)
from tallystick.app.usage_alerts.grouping import GROUPED
from tallystick.app.usage_alerts.history import (
    AlertHistory,
    HistoryAlert,
    HistoryPeriod,
    history_schema,
    read_alert_history,
)
from tallystick.app.usage_alerts.letter_links import LetterLink, LetterLinks
from tallystick.app.usage_alerts.near_limits import (
    NearLimit,
    NearPage,
    NearQuestion,
    list_near_limits,
)
from tallystick.app.usage_alerts.opening import open_anomaly
from tallystick.app.usage_alerts.ports import (
    AlertGroup,
    AlertGroupStore,
    AlertKind,
    AlertRecord,
    AlertResponse,
    DeclinedLetters,
    DeclinedStore,
    ResponseKind,
    UsageAlert,
    UsageAlertStore,
    WatchKey,
)
from tallystick.app.usage_alerts.respond import (
    RespondToAlert,
    list_usage_alerts,
    respond_to_alert,
)
from tallystick.app.usage_alerts.tell_readings import AHEAD, RuledReading, tell_readings
from tallystick.app.usage_alerts.watch_counters import DEFAULT, CounterWatch

__all__ = [
    "AHEAD",
    "DEFAULT",
    "ESCALATED",
    "GROUPED",
    "AlertGroup",
    "AlertGroupStore",
    "AlertHistory",
    "AlertKind",
    "AlertRecord",
    "AlertResponse",
    "CounterWatch",
    "DeclineLetters",
    "DeclinedLetters",
    "DeclinedStore",
    "HistoryAlert",
    "HistoryPeriod",
    "LetterLink",
    "LetterLinks",
    "LinkUse",
    "NearLimit",
    "NearPage",
    "NearQuestion",
    "Recipients",
    "RespondToAlert",
    "ResponseKind",
    "RuledReading",
    "UsageAlert",
    "UsageAlertStore",
    "WatchKey",
    "awaits_step",
    "decline_by_link",
    "decline_letters",
    "history_schema",
    "list_declined",
    "list_near_limits",
    "list_usage_alerts",
    "open_anomaly",
    "read_alert_history",
    "recipients_of",
    "respond_to_alert",
    "tell_readings",
]
