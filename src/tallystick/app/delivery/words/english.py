"""The words of letters on usage alerts in English."""

from tallystick.app.delivery.words.vocabulary import AlertWords, DecliningWords, MoneyWords

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
    unanswered="Not acknowledged for {minutes} minutes: {first}",
    money=MoneyWords(
        spend="Spend on {of} at {value}: passed {thresholds}.",
        budget="Budget {of} at {value} of {limit}, {percent}: passed {thresholds}.",
        credit="Credit of {value} left: passed {thresholds}.",
        credit_share="Credit of {value} left, {percent} of what was granted: passed {thresholds}.",
        usage_ahead="Usage of {of} expected to come to {projected}, {percent} of the limit{day}: passed {thresholds}.",
        budget_ahead="Budget {of} expected to come to {projected}, {percent} of the budget{day}: passed {thresholds}.",
        credit_ahead="Credit of {value} left, {projected} in 30 days{day}: passed {thresholds}.",
        reached_on=", reached on {day}",
        used_up_on=", used up on {day}",
        projected="projected {threshold}",
        every="every {threshold}",
    ),
    declining=DecliningWords(
        line="No more letters on usage: {url}",
        title="Letters on usage",
        question="Shall no more letters on usage, budgets and credit be sent to this address?",
        kept="You will still be told when a limit refuses or slows use.",
        button="Send no more",
        done="No more letters on usage are sent to this address. Whoever sent them can start them again.",
    ),
)
