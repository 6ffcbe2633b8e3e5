"""The words of letters on usage alerts in French."""

from tallystick.app.delivery.words.vocabulary import AlertWords, DecliningWords, MoneyWords

FRENCH = AlertWords(
    passed="Consommation de {feature} à {value} : {thresholds} dépassé.",
    share="{value}, soit {percent} % de la limite",
    near="Consommation de {feature} à {percent} % : la limite approche.",
    reached="Consommation de {feature} à {percent} % : la limite est atteinte.",
    enforced={
        "grace": "La limite de {feature} est dépassée ; l'utilisation reste possible pour un temps.",
        "overage": "La limite de {feature} est dépassée ; l'utilisation compte comme dépassement.",
        "throttle": "La limite de {feature} est dépassée ; l'utilisation est ralentie.",
        "limit_reached": "La limite de {feature} est atteinte ; l'utilisation est refusée.",
        "hard_limit": "La limite absolue de {feature} est atteinte ; l'utilisation est refusée.",
        "rate_exceeded": "{feature} est utilisé trop vite ; ce qui dépasse est refusé.",
        "restricted": "L'utilisation de {feature} est refusée, car le compte est restreint.",
    },
    severities={
        "info": "pour information",
        "warning": "avertissement",
        "critical": "critique",
    },
    states={
        "acknowledged": "pris en compte",
        "resolved": "résolu",
    },
    account="Compte",
    feature="Fonction",
    used="Consommé",
    limit="Limite",
    at="Date",
    alert="Alerte",
    several="{count} alertes de consommation : {first}",
    more="et {count} de plus",
    unanswered="Pas prise en compte depuis {minutes} minutes : {first}",
    money=MoneyWords(
        spend="Dépenses pour {of} à {value} : {thresholds} dépassé.",
        budget="Budget {of} à {value} sur {limit}, soit {percent} : {thresholds} dépassé.",
        credit="Crédit restant de {value} : seuil {thresholds} atteint.",
        credit_share="Crédit restant de {value}, soit {percent} du montant accordé : seuil {thresholds} atteint.",
        usage_ahead="Consommation de {of} estimée à {projected}, soit {percent} de la limite{day} : seuil {thresholds} dépassé.",
        budget_ahead="Budget {of} estimé à {projected}, soit {percent} du budget{day} : seuil {thresholds} dépassé.",
        credit_ahead="Crédit restant de {value}, estimé à {projected} dans 30 jours{day} : seuil {thresholds} atteint.",
        reached_on=", atteinte le {day}",
        used_up_on=", épuisé le {day}",
        projected="estimation {threshold}",
        every="chaque {threshold}",
    ),
    declining=DecliningWords(
        line="Ne plus recevoir d'alertes de consommation : {url}",
        title="Alertes de consommation",
        question="Ne plus envoyer à cette adresse d'alertes sur la consommation, les budgets et le crédit ?",
        kept="Vous resterez informé lorsqu'une limite refuse ou ralentit l'utilisation.",
        button="Ne plus envoyer",
        done="Plus aucune alerte de consommation n'est envoyée à cette adresse. Leur expéditeur peut les rétablir.",
    ),
)
