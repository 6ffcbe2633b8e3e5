"""Facts that are published: their fields, schemas, and the envelope in which they leave."""

from tallystick.app.facts.announcing import fact_message
from tallystick.app.facts.envelope import CLOUD_EVENT, cloud_event
from tallystick.app.facts.published import (
    FACTS,
    RECORDS_MAX,
    BillingPeriod,
    InvoiceGenerated,
    PaymentFailed,
    PlanMigrated,
    Published,
    QuotaEnforced,
    UsageAnomalyDetected,
    UsageRecorded,
    UsageThresholdBreached,
    UsedResource,
    fact_name,
)
from tallystick.app.facts.schemas import fact_schema, schema_id

__all__ = [
    "CLOUD_EVENT",
    "FACTS",
    "RECORDS_MAX",
    "BillingPeriod",
    "InvoiceGenerated",
    "PaymentFailed",
    "PlanMigrated",
    "Published",
    "QuotaEnforced",
    "UsageAnomalyDetected",
    "UsageRecorded",
    "UsageThresholdBreached",
    "UsedResource",
    "cloud_event",
    "fact_message",
    "fact_name",
    "fact_schema",
    "schema_id",
]
