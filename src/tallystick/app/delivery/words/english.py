"""The words of letters on usage alerts in English."""

from tallystick.app.delivery.words.vocabulary import AlertWords

ENGLISH = AlertWords(
    passed="Usage of {feature} at {value}: passed {thresholds}.",
    share="{value}, {percent} % of the limit",
    near="Usage of {feature} at {percent} %: approaching the limit.",
    reached="Usage of {feature} at {percent} %: the limit is reached.",
    enforced={
        "grace": "The limit of {feature} lets use pass for a while.",
        "overage": "The limit of {feature} lets use pass as overage.",
        "throttle": "The limit of {feature} lets use pass slowly.",
        "limit_reached": "The limit of {feature} refuses use.",
        "hard_limit": "The limit of {feature} refuses use at the hard limit.",
        "rate_exceeded": "The limit of {feature} refuses what comes too fast.",
        "restricted": "The limit of {feature} refuses use, since the account is restricted.",
    },
    severities={
        "info": "for information",
        "warning": "warning",
        "critical": "critical",
    },
    states={
        "acknowledged": "acknowledged",
        "resolved": "resolved",
    },
    account="Account",
    feature="Feature",
    used="Used",
    limit="Limit",
    at="At",
    alert="Alert",
    several="{count} usage alerts: {first}",
    more="and {count} more",
)
