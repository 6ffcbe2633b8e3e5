"""The words of letters on usage alerts in Japanese."""

from tallystick.app.delivery.words.vocabulary import AlertWords, DecliningWords, MoneyWords

JAPANESE = AlertWords(
    passed="{feature} の使用量が {value} となり、{thresholds} を超えました。",
    share="{value}(上限の {percent} %)",
    near="{feature} の使用量が {percent} % となり、上限に近づいています。",
    reached="{feature} の使用量が {percent} % となり、上限に達しました。",
    enforced={
        "grace": "{feature} は上限を超えましたが、しばらくの間は利用できます。",
        "overage": "{feature} は上限を超えました。以後の利用は超過分として数えられます。",
        "throttle": "{feature} は上限を超えたため、利用速度が制限されます。",
        "limit_reached": "{feature} は上限に達したため、利用できません。",
        "hard_limit": "{feature} は最終上限に達したため、利用できません。",
        "rate_exceeded": "{feature} の利用が速すぎるため、超えた分は拒否されます。",
        "restricted": "アカウントが制限されているため、{feature} は利用できません。",
    },
    severities={
        "info": "お知らせ",
        "warning": "警告",
        "critical": "重大",
    },
    states={
        "acknowledged": "確認済み",
        "resolved": "解決済み",
    },
    account="アカウント",
    feature="機能",
    used="使用量",
    limit="上限",
    at="日時",
    alert="通知番号",
    several="使用量の通知 {count} 件: {first}",
    more="ほか {count} 件",
    unanswered="{minutes} 分間確認されていません: {first}",
    money=MoneyWords(
        spend="{of} の支出が {value} となり、{thresholds} を超えました。",
        budget="予算 {of} の支出が {limit} のうち {value} ({percent}) となり、{thresholds} を超えました。",
        credit="クレジットの残高が {value} となり、しきい値 {thresholds} に達しました。",
        credit_share="クレジットの残高が {value} (付与額の {percent}) となり、しきい値 {thresholds} に達しました。",
        usage_ahead="{of} の使用量は {projected} (上限の {percent}{day}) になる見込みで、しきい値 {thresholds} を超えます。",
        budget_ahead="予算 {of} の支出は {projected} (予算の {percent}{day}) になる見込みで、しきい値 {thresholds} を超えます。",
        credit_ahead="クレジットの残高は {value} (30 日後の見込みは {projected}{day}) で、しきい値 {thresholds} に達する見込みです。",
        reached_on="、{day}に到達",
        used_up_on="、{day}に使い切る見込み",
        projected="見込み {threshold}",
        every="{threshold} ごと",
    ),
    declining=DecliningWords(
        line="使用量の通知を停止する: {url}",
        title="使用量の通知",
        question="このアドレスへの使用量、予算、クレジットに関する通知を停止しますか。",
        kept="上限により利用が拒否または制限された場合は、引き続きお知らせします。",
        button="停止する",
        done="このアドレスへの使用量の通知を停止しました。再開は送信元にご依頼ください。",
    ),
)
