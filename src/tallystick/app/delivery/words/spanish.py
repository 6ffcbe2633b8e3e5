"""The words of letters on usage alerts in Spanish."""

from tallystick.app.delivery.words.vocabulary import AlertWords, DecliningWords, MoneyWords

SPANISH = AlertWords(
    passed="Uso de {feature} en {value}: se superó {thresholds}.",
    share="{value}, el {percent} % del límite",
    near="Uso de {feature} al {percent} %: se acerca al límite.",
    reached="Uso de {feature} al {percent} %: se alcanzó el límite.",
    enforced={
        "grace": "Se superó el límite de {feature}; el uso sigue permitido por un tiempo.",
        "overage": "Se superó el límite de {feature}; el uso cuenta como excedente.",
        "throttle": "Se superó el límite de {feature}; el uso se ralentiza.",
        "limit_reached": "Se alcanzó el límite de {feature}; el uso se rechaza.",
        "hard_limit": "Se alcanzó el límite absoluto de {feature}; el uso se rechaza.",
        "rate_exceeded": "{feature} se usa demasiado rápido; lo que excede se rechaza.",
        "restricted": "El uso de {feature} se rechaza porque la cuenta está restringida.",
    },
    severities={
        "info": "informativo",
        "warning": "aviso",
        "critical": "crítico",
    },
    states={
        "acknowledged": "atendido",
        "resolved": "resuelto",
    },
    account="Cuenta",
    feature="Función",
    used="Usado",
    limit="Límite",
    at="Fecha",
    alert="Alerta",
    several="{count} alertas de uso: {first}",
    more="y {count} más",
    unanswered="Sin atender desde hace {minutes} minutos: {first}",
    money=MoneyWords(
        spend="Gasto en {of} de {value}: se superó {thresholds}.",
        budget="Presupuesto {of} en {value} de {limit}, el {percent}: se superó {thresholds}.",
        credit="Crédito restante de {value}: se alcanzó el umbral {thresholds}.",
        credit_share="Crédito restante de {value}, el {percent} de lo concedido: se alcanzó el umbral {thresholds}.",
        usage_ahead="Uso de {of} previsto en {projected}, el {percent} del límite{day}: se superó el umbral {thresholds}.",
        budget_ahead="Presupuesto {of} previsto en {projected}, el {percent} del presupuesto{day}: se superó el umbral {thresholds}.",
        credit_ahead="Crédito restante de {value}, previsto en {projected} dentro de 30 días{day}: se alcanzó el umbral {thresholds}.",
        reached_on=", alcanzado el {day}",
        used_up_on=", agotado el {day}",
        projected="previsto {threshold}",
        every="cada {threshold}",
    ),
    declining=DecliningWords(
        line="No recibir más alertas de uso: {url}",
        title="Alertas de uso",
        question="¿Dejar de enviar a esta dirección alertas sobre uso, presupuestos y crédito?",
        kept="Se le seguirá avisando cuando un límite rechace o ralentice el uso.",
        button="No enviar más",
        done="Ya no se envían alertas de uso a esta dirección. Quien las enviaba puede reanudarlas.",
    ),
)
