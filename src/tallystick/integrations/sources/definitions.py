"""
What may be declared as a source, by kind.

    key: exports                       key: orders
    kind: folder                       kind: kafka
    path: /srv/usage                   servers: broker:9092
    pattern: "*.csv"                   topics: [orders]
    mapping: {format: csv, ...}        secrets: {sasl.password: TALLYSTICK_SOURCE_ORDERS}

A declaration holds no secret. Where one is needed, `secrets` names the variable of the collector's
environment that holds it; such a name begins with TALLYSTICK_SOURCE_, so that nobody who may
declare sources can have other variables sent away.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, TypeAlias, cast

import msgspec

from tallystick.integrations.files import mapping_from_document
from tallystick.kernel import Problem, Refused

SECRET_PREFIX = "TALLYSTICK_SOURCE_"  # noqa: S105 - begin of a variable's name
SECRET_NAME = re.compile(rf"{SECRET_PREFIX}[A-Z0-9_]+")

_KEY_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}$"
_SECRET_SETTING = re.compile(r"password|secret|token|\.pem$|_pem$|^credentials$", re.IGNORECASE)
_CREDENTIALS_IN_URL = re.compile(r"//[^/@\s]*:[^/@\s]*@")

Key: TypeAlias = Annotated[str, msgspec.Meta(pattern=_KEY_PATTERN)]
Text: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=1024)]
Seconds: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=86_400)]
Secrets: TypeAlias = dict[str, str]


class MessageForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    How a message that is a JSON object becomes an event, its data being the whole object.

    Attributes:
        type: the event's type.
        source: the event's source; `source/KEY` unless given.
        id: template over the object's members and `{place}`, the message's own place (topic,
            partition and offset, or stream and sequence), which is the default.
        subject: template over the object's members.
        time: the member that holds an RFC 3339 time; without one the broker's time counts.
    """

    type: Text
    source: str = ""
    id: str = "{place}"
    subject: str = ""
    time: str = ""


class _Declared(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"
):
    key: Key


class FolderSource(_Declared, frozen=True, kw_only=True, tag="folder"):
    """
    Files that others put into a folder of the collector's computer.

    Attributes:
        path: the folder.
        pattern: which names are taken; names that begin with a dot or end in .tmp, .part or
            .partial never are.
        settle_seconds: how long size and time of a file must stay as they are before it is taken
            for complete; 0 where files are written elsewhere and moved in.
        mapping: how columns become events, as for `tallystick import`.
    """

    path: Text
    pattern: Text = "*"
    settle_seconds: Seconds = 5
    mapping: dict[str, Any] | None = None


class BucketSource(_Declared, frozen=True, kw_only=True, tag="s3"):
    """
    Objects of an S3-compatible bucket.

    Attributes:
        bucket: its name.
        prefix: only objects in this folder of the bucket.
        pattern: which names are taken, after the prefix.
        region: where the bucket is.
        endpoint: address of a server that is not Amazon's.
        poll_seconds: time from one listing to the next.
        secrets: `access_key_id` and `secret_access_key` (and `session_token`); without them the
            collector's own identity in the cloud is used.
        mapping: as for a folder.
    """

    bucket: Text
    prefix: str = ""
    pattern: Text = "*"
    region: str = "us-east-1"
    endpoint: str = ""
    poll_seconds: Seconds = 30
    secrets: Secrets = {}
    mapping: dict[str, Any] | None = None


class KafkaSource(_Declared, frozen=True, kw_only=True, tag="kafka"):
    """
    Topics of a Kafka cluster.

    Attributes:
        servers: bootstrap servers, parted by commas.
        topics: names of the topics.
        group: consumer group; `tallystick-KEY` unless given.
        start: where a partition is begun that was never read: `earliest` or `latest`.
        settings: further settings of librdkafka, such as `security.protocol`.
        secrets: settings whose values are secret, to variables of the collector's environment.
        holes: `check` reads a missing offset again before it is believed; `expected` does not, for
            compacted topics and transactions, which leave holes as a matter of course.
        event: for messages that are no CloudEvents.
    """

    servers: Text
    topics: Annotated[tuple[Text, ...], msgspec.Meta(min_length=1)]
    group: str = ""
    start: Annotated[str, msgspec.Meta(pattern="^(earliest|latest)$")] = "earliest"
    settings: dict[str, str] = {}
    secrets: Secrets = {}
    holes: Annotated[str, msgspec.Meta(pattern="^(check|expected)$")] = "check"
    event: MessageForm | None = None


class NatsSource(_Declared, frozen=True, kw_only=True, tag="nats"):
    """
    A stream of NATS JetStream.

    Attributes:
        servers: addresses, as nats://host:4222.
        stream: its name.
        subjects: only messages of these subjects; all if none is given.
        durable: name of the consumer; `tallystick-KEY` unless given.
        ack_wait_seconds: after so long a message that was not acknowledged is delivered again.
        secrets: `user` and `password`, or `token`.
        event: for messages that are no CloudEvents.
    """

    servers: Annotated[tuple[Text, ...], msgspec.Meta(min_length=1)]
    stream: Text
    subjects: tuple[Text, ...] = ()
    durable: str = ""
    ack_wait_seconds: Annotated[int, msgspec.Meta(ge=1, le=86_400)] = 30
    secrets: Secrets = {}
    event: MessageForm | None = None


class OtlpSource(_Declared, frozen=True, kw_only=True, tag="otlp"):
    """
    Metrics that OpenTelemetry exporters send here.

    Attributes:
        subject: template over resource and data point attributes; the first is `service.name`.
        metrics: patterns of metric names that are taken; all if none is given.
        fractions: what becomes of a number with more than 18 digits behind the point: `refuse`
            puts the event into the dead letters, `round` rounds to 18 digits, half away from zero.
    """

    subject: Text = "{service.name}"
    metrics: tuple[Text, ...] = ()
    fractions: Literal["refuse", "round"] = "refuse"


class PrometheusSource(_Declared, frozen=True, kw_only=True, tag="prometheus"):
    """
    Samples that a Prometheus server writes here.

    Attributes:
        subject: template over the labels of a series.
        metrics: patterns of metric names that are taken; all if none is given.
        fractions: what becomes of a number with more than 18 digits behind the point: `refuse`
            puts the event into the dead letters, `round` rounds to 18 digits, half away from zero.
        url: address of the server itself; samples that it could not write are pulled from there.
            Not for servers whose `write_relabel_configs` change labels: what is pulled has those
            that are stored, and would count as other series.
        gap_seconds: how long nothing may come before samples are missing; more than two scrapes.
        secrets: `bearer_token` for the server at `url`.
    """

    subject: Text = "{instance}"
    metrics: tuple[Text, ...] = ()
    fractions: Literal["refuse", "round"] = "refuse"
    url: str = ""
    gap_seconds: Annotated[int, msgspec.Meta(ge=1, le=86_400)] = 120
    secrets: Secrets = {}


class SequencedSource(_Declared, frozen=True, kw_only=True, tag="sequenced"):
    """
    Senders that number their events without gaps, in the CloudEvents attribute `sequence`.

    Attributes:
        senders: the attribute `source` of their events; an asterisk stands for any text. Each
            sender has numbers of its own.
        settle_seconds: how long a number may be late before it is missing.
    """

    senders: Annotated[tuple[Text, ...], msgspec.Meta(min_length=1, max_length=100)]
    settle_seconds: Seconds = 10


Definition: TypeAlias = (
    FolderSource
    | BucketSource
    | KafkaSource
    | NatsSource
    | OtlpSource
    | PrometheusSource
    | SequencedSource
)
PULLED = frozenset({"folder", "s3", "kafka", "nats"})
"""Kinds that a collector reads; the others are sent to the server itself."""


def is_pulled(kind: str, document: Mapping[str, object]) -> bool:
    """
    Tell whether a collector has something to do for a source.

    Example:
        >>> [is_pulled("prometheus", {"url": url}) for url in ("", "http://prometheus:9090")]
        [False, True]
    """
    return kind in PULLED or bool(kind == "prometheus" and document.get("url"))


def kind_of(definition: Definition) -> str:
    """Return the word that names a definition's kind."""
    return str(type(definition).__struct_config__.tag)


def document_from_definition(definition: Definition) -> dict[str, object]:
    """Return a definition as it is stored."""
    document: dict[str, object] = msgspec.to_builtins(definition)
    return document


def definition_from_document(document: Mapping[str, object]) -> Definition:
    """
    Return the definition that was stored.

    Raises:
        msgspec.ValidationError: it was stored by a program that knew more.
    """
    return cast(Definition, msgspec.convert(dict(document), type=Definition))


def definition_problems(definition: Definition) -> tuple[Problem, ...]:
    """
    Return what the form alone does not say: secrets in the clear, mappings that cannot be.

    Example:
        >>> source = NatsSource(key="n", servers=("nats://me:pass@host",), stream="s")
        >>> [problem.code for problem in definition_problems(source)]
        ['secret_in_clear']
    """
    return tuple(_problems(definition))


def _problems(definition: Definition) -> Iterator[Problem]:
    match definition:
        case KafkaSource():
            yield from _settings_problems(definition.settings)
            yield from _secret_problems(definition.secrets, known=None)
        case NatsSource():
            for place, address in enumerate(definition.servers):
                yield from _address_problems(address, f"servers[{place}]")
            yield from _secret_problems(definition.secrets, known={"user", "password", "token"})
        case BucketSource():
            yield from _address_problems(definition.endpoint, "endpoint")
            known = {"access_key_id", "secret_access_key", "session_token"}
            yield from _secret_problems(definition.secrets, known=known)
            yield from _mapping_problems(definition.mapping)
        case FolderSource():
            if not definition.path.startswith("/"):
                message = "name the folder from the root: it begins with a slash"
                yield Problem(code="invalid", message=message, field="path")
            yield from _mapping_problems(definition.mapping)
        case PrometheusSource():
            yield from _address_problems(definition.url, "url")
            yield from _secret_problems(definition.secrets, known={"bearer_token"})
        case OtlpSource() | SequencedSource():
            return


def _settings_problems(settings: Mapping[str, str]) -> Iterator[Problem]:
    for name in settings:
        if _SECRET_SETTING.search(name):
            message = f"{name} is a secret; name a variable that holds it, under `secrets`"
            yield Problem(code="secret_in_clear", message=message, field=f"settings.{name}")


def _secret_problems(secrets: Secrets, *, known: set[str] | None) -> Iterator[Problem]:
    for name, variable in secrets.items():
        if known is not None and name not in known:
            message = f"known secrets of this kind are {', '.join(sorted(known))}"
            yield Problem(code="unknown_field", message=message, field=f"secrets.{name}")
        if not SECRET_NAME.fullmatch(variable):
            message = (
                "name a variable of the collector's environment, not the secret itself; such "
                f"names begin with {SECRET_PREFIX}"
            )
            yield Problem(code="secret_in_clear", message=message, field=f"secrets.{name}")


def _address_problems(address: str, field: str) -> Iterator[Problem]:
    if _CREDENTIALS_IN_URL.search(address):
        message = "an address holds no password; name a variable that does, under `secrets`"
        yield Problem(code="secret_in_clear", message=message, field=field)


def _mapping_problems(mapping: Mapping[str, object] | None) -> Iterator[Problem]:
    if mapping is None:
        return
    outcome = mapping_from_document(mapping)
    if isinstance(outcome, Refused):
        for each in outcome.problems:
            yield Problem(code=each.code, message=each.message, field=f"mapping.{each.field}")
