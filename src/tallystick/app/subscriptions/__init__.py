"""Use cases that read subscriptions and change what they agree on."""

from tallystick.app.subscriptions.agree_change import agree_change
from tallystick.app.subscriptions.agreed import (
    AgreeChange,
    AgreedChange,
    AgreedEntitlement,
    AgreedFeature,
    AgreedFee,
    Direction,
    When,
)
from tallystick.app.subscriptions.change_payer import (
    ChangedPayer,
    ChangePayer,
    PaidContract,
    change_payer,
)
from tallystick.app.subscriptions.migrating import (
    PLAN_FORMAT,
    MigratedContract,
    MigrationLog,
    MigrationPlan,
    NamedPlan,
    PlannedContract,
    Trouble,
    migrated,
    migration_log,
    migration_log_schema,
    migration_plan,
    not_migrated,
    planned,
)
from tallystick.app.subscriptions.ports import SubscriptionStore
from tallystick.app.subscriptions.read_subscriptions import (
    get_subscription,
    list_subscriptions,
    subscription_entitlements,
)
from tallystick.app.subscriptions.withdraw_change import WithdrawChange, withdraw_change

__all__ = [
    "PLAN_FORMAT",
    "AgreeChange",
    "AgreedChange",
    "AgreedEntitlement",
    "AgreedFeature",
    "AgreedFee",
    "ChangePayer",
    "ChangedPayer",
    "Direction",
    "MigratedContract",
    "MigrationLog",
    "MigrationPlan",
    "NamedPlan",
    "PaidContract",
    "PlannedContract",
    "SubscriptionStore",
    "Trouble",
    "When",
    "WithdrawChange",
    "agree_change",
    "change_payer",
    "get_subscription",
    "list_subscriptions",
    "migrated",
    "migration_log",
    "migration_log_schema",
    "migration_plan",
    "not_migrated",
    "planned",
    "subscription_entitlements",
    "withdraw_change",
]
