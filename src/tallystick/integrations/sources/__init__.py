"""What a source may be declared as, and how its collector speaks with the server."""

from tallystick.integrations.sources.definitions import (
    PULLED,
    SECRET_PREFIX,
    BucketSource,
    Definition,
    FolderSource,
    KafkaSource,
    MessageForm,
    NatsSource,
    OtlpSource,
    PrometheusSource,
    definition_from_document,
    definition_problems,
    document_from_definition,
    kind_of,
)
from tallystick.integrations.sources.desk import (
    Desk,
    FinishedItem,
    PartitionProgress,
    ReadSpan,
    Surroundings,
    Unreadable,
)

__all__ = [
    "PULLED",
    "SECRET_PREFIX",
    "BucketSource",
    "Definition",
    "Desk",
    "FinishedItem",
    "FolderSource",
    "KafkaSource",
    "MessageForm",
    "NatsSource",
    "OtlpSource",
    "PartitionProgress",
    "PrometheusSource",
    "ReadSpan",
    "Surroundings",
    "Unreadable",
    "definition_from_document",
    "definition_problems",
    "document_from_definition",
    "kind_of",
]
