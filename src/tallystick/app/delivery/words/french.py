"""The words of letters on usage alerts in French."""

from tallystick.app.delivery.words.vocabulary import AlertWords

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
)
