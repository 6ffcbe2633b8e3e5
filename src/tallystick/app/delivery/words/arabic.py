"""The words of letters on usage alerts in Arabic."""

from tallystick.app.delivery.words.vocabulary import AlertWords, DecliningWords, MoneyWords

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
    unanswered="لم يُطّلع عليه منذ {minutes} دقيقة: {first}",
    money=MoneyWords(
        spend="الإنفاق على {of} عند {value}: تم تجاوز {thresholds}.",
        budget="الميزانية {of} عند {value} من {limit}، أي {percent}: تم تجاوز {thresholds}.",
        credit="الرصيد المتبقي {value}: تم بلوغ العتبة {thresholds}.",
        credit_share="الرصيد المتبقي {value}، أي {percent} مما مُنح: تم بلوغ العتبة {thresholds}.",
        usage_ahead="استخدام {of} المتوقع {projected}، أي {percent} من الحد{day}: تم تجاوز العتبة {thresholds}.",
        budget_ahead="الميزانية {of} المتوقع إنفاقها {projected}، أي {percent} من الميزانية{day}: تم تجاوز العتبة {thresholds}.",
        credit_ahead="الرصيد المتبقي {value}، والمتوقع بعد 30 يومًا {projected}{day}: تم بلوغ العتبة {thresholds}.",
        reached_on="، ويُبلغ في {day}",
        used_up_on="، وينفد في {day}",
        projected="متوقع {threshold}",
        every="كل {threshold}",
    ),
    declining=DecliningWords(
        line="إيقاف تنبيهات الاستخدام: {url}",
        title="تنبيهات الاستخدام",
        question="هل تريد إيقاف إرسال تنبيهات الاستخدام والميزانيات والرصيد إلى هذا العنوان؟",
        kept="سنظل نخبرك عندما يرفض حدٌّ ما الاستخدامَ أو يبطئه.",
        button="إيقاف الإرسال",
        done="توقف إرسال تنبيهات الاستخدام إلى هذا العنوان. ويمكن لمن كان يرسلها أن يستأنفها.",
    ),
)
