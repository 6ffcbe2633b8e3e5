"""The words of letters on usage alerts in Arabic."""

from tallystick.app.delivery.words.vocabulary import AlertWords

ARABIC = AlertWords(
    passed="استخدام {feature} عند {value}: تم تجاوز {thresholds}.",
    share="{value}، أي {percent} % من الحد",
    near="استخدام {feature} عند {percent} %: يقترب من الحد.",
    reached="استخدام {feature} عند {percent} %: تم بلوغ الحد.",
    enforced={
        "grace": "تم تجاوز حد {feature}، ويبقى الاستخدام ممكنًا لفترة.",
        "overage": "تم تجاوز حد {feature}، ويُحتسب الاستخدام بعده زيادةً.",
        "throttle": "تم تجاوز حد {feature}، وأصبح الاستخدام أبطأ.",
        "limit_reached": "تم بلوغ حد {feature}، ويُرفض الاستخدام.",
        "hard_limit": "تم بلوغ الحد النهائي لـ {feature}، ويُرفض الاستخدام.",
        "rate_exceeded": "يُستخدم {feature} بسرعة زائدة، ويُرفض ما يتجاوز ذلك.",
        "restricted": "يُرفض استخدام {feature} لأن الحساب مقيّد.",
    },
    severities={
        "info": "للعلم",
        "warning": "تحذير",
        "critical": "حرج",
    },
    states={
        "acknowledged": "تم الاطلاع",
        "resolved": "تمت المعالجة",
    },
    account="الحساب",
    feature="الميزة",
    used="المستخدم",
    limit="الحد",
    at="الوقت",
    alert="التنبيه",
    several="{count} تنبيهات استخدام: {first}",
    more="و{count} أخرى",
)
