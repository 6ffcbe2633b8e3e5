"""The words of letters on usage alerts in German."""

from tallystick.app.delivery.words.vocabulary import AlertWords, DecliningWords, MoneyWords

GERMAN = AlertWords(
    passed="Verbrauch von {feature} bei {value}: {thresholds} überschritten.",
    share="{value}, {percent} % des Limits",
    near="Verbrauch von {feature} bei {percent} %: nahe am Limit.",
    reached="Verbrauch von {feature} bei {percent} %: das Limit ist erreicht.",
    enforced={
        "grace": "Das Limit von {feature} ist überschritten; weitere Nutzung ist noch eine Weile möglich.",
        "overage": "Das Limit von {feature} ist überschritten; weitere Nutzung zählt als Mehrverbrauch.",
        "throttle": "Das Limit von {feature} ist überschritten; weitere Nutzung wird verlangsamt.",
        "limit_reached": "Das Limit von {feature} ist erreicht; weitere Nutzung wird abgelehnt.",
        "hard_limit": "Die feste Obergrenze von {feature} ist erreicht; weitere Nutzung wird abgelehnt.",
        "rate_exceeded": "{feature} wird zu schnell genutzt; was darüber hinausgeht, wird abgelehnt.",
        "restricted": "Die Nutzung von {feature} wird abgelehnt, da das Konto eingeschränkt ist.",
    },
    severities={
        "info": "zur Information",
        "warning": "Warnung",
        "critical": "kritisch",
    },
    states={
        "acknowledged": "zur Kenntnis genommen",
        "resolved": "erledigt",
    },
    account="Konto",
    feature="Funktion",
    used="Verbraucht",
    limit="Limit",
    at="Zeitpunkt",
    alert="Meldung",
    several="{count} Verbrauchsmeldungen: {first}",
    more="und {count} weitere",
    unanswered="Seit {minutes} Minuten nicht zur Kenntnis genommen: {first}",
    money=MoneyWords(
        spend="Ausgaben für {of} bei {value}: {thresholds} überschritten.",
        budget="Budget {of} bei {value} von {limit}, {percent}: {thresholds} überschritten.",
        credit="Noch {value} Guthaben: Schwelle {thresholds} erreicht.",
        credit_share="Noch {value} Guthaben, {percent} des Gewährten: Schwelle {thresholds} erreicht.",
        usage_ahead="Verbrauch von {of} voraussichtlich {projected}, {percent} des Limits{day}: Schwelle {thresholds} überschritten.",
        budget_ahead="Budget {of} voraussichtlich bei {projected}, {percent} des Budgets{day}: Schwelle {thresholds} überschritten.",
        credit_ahead="Noch {value} Guthaben, in 30 Tagen voraussichtlich {projected}{day}: Schwelle {thresholds} erreicht.",
        reached_on=", erreicht am {day}",
        used_up_on=", aufgebraucht am {day}",
        projected="voraussichtlich {threshold}",
        every="je {threshold}",
    ),
    declining=DecliningWords(
        line="Keine Verbrauchsmeldungen mehr: {url}",
        title="Verbrauchsmeldungen",
        question="Sollen an diese Adresse keine Meldungen zu Verbrauch, Budgets und Guthaben mehr gesendet werden?",
        kept="Wenn ein Limit die Nutzung ablehnt oder verlangsamt, erfahren Sie es weiterhin.",
        button="Nicht mehr senden",
        done="An diese Adresse werden keine Verbrauchsmeldungen mehr gesendet. Wer sie gesendet hat, kann sie wieder einschalten.",
    ),
)
