"""
A provider for OpenFeature: flags from what an account may use; needs the extra `openfeature`.

    api.set_provider_and_wait(TallystickProvider(Endpoint(url=..., key=...)))
    client.get_boolean_value("sso", False, EvaluationContext(targeting_key="acme"))

The targeting key is the account. A flag is a feature:

| kind                     | asked as         | value                                     |
|--------------------------|------------------|-------------------------------------------|
| switch                   | boolean          | whether it is granted                     |
| value                    | string           | the word                                  |
| metered, level, rate     | integer, float   | the limit                                 |
| any                      | object           | kind, enabled, value, limit, unit, text   |

An account's flags are fetched when it is first asked for and kept; from then on evaluation does not
wait: older ones are fetched again in the background, with their ETag. Where the server is away the
last ones known hold, and say so (`STALE`).
"""

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from openfeature.evaluation_context import EvaluationContext
from openfeature.event import ProviderEventDetails
from openfeature.exception import (
    FlagNotFoundError,
    GeneralError,
    InvalidContextError,
    TargetingKeyMissingError,
    TypeMismatchError,
)
from openfeature.flag_evaluation import FlagResolutionDetails, FlagValueType, Reason
from openfeature.provider import AbstractProvider, Metadata

from tallystick.client.client import Client
from tallystick.client.endpoint import Endpoint
from tallystick.client.errors import RequestRefused, ServerUnreachable
from tallystick.client.local import Chore, Documents, EntitledFeature, Keeper, Known
from tallystick.client.retry import Retry
from tallystick.kernel import plain

Flag = FlagValueType
FlagObject = Sequence[FlagValueType] | Mapping[str, FlagValueType]
_Value = TypeVar("_Value")

_LIMITED = frozenset({"metered", "level", "rate"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderTimes:
    """
    In seconds.

    Attributes:
        fresh: so old flags become before they are fetched again in the background.
        kept: so old they become before an evaluation waits for fresh ones, if they can be had.
        answer: so long the server is waited for, twice.
        tick: how soon flags that are due are fetched.
    """

    fresh: float = 30.0
    kept: float = 300.0
    answer: float = 2.0
    tick: float = 0.5


class _Prepared(AbstractProvider):
    """The awaited half: an account that is not known yet is fetched beside the event loop."""

    def _make_known(self, context: EvaluationContext | None) -> None:
        raise NotImplementedError

    async def resolve_boolean_details_async(
        self,
        flag_key: str,
        default_value: bool,  # noqa: FBT001 - the interface's
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[bool]:
        await asyncio.to_thread(self._make_known, evaluation_context)
        return self.resolve_boolean_details(flag_key, default_value, evaluation_context)

    async def resolve_string_details_async(
        self,
        flag_key: str,
        default_value: str,
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[str]:
        await asyncio.to_thread(self._make_known, evaluation_context)
        return self.resolve_string_details(flag_key, default_value, evaluation_context)

    async def resolve_integer_details_async(
        self,
        flag_key: str,
        default_value: int,
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[int]:
        await asyncio.to_thread(self._make_known, evaluation_context)
        return self.resolve_integer_details(flag_key, default_value, evaluation_context)

    async def resolve_float_details_async(
        self,
        flag_key: str,
        default_value: float,
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[float]:
        await asyncio.to_thread(self._make_known, evaluation_context)
        return self.resolve_float_details(flag_key, default_value, evaluation_context)

    async def resolve_object_details_async(
        self,
        flag_key: str,
        default_value: FlagObject,
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[FlagObject]:
        await asyncio.to_thread(self._make_known, evaluation_context)
        return self.resolve_object_details(flag_key, default_value, evaluation_context)


class TallystickProvider(_Prepared):
    """
    The provider; make one for each server and hand it to the SDK, which closes it.

    Args:
        directory: where flags are kept for a start while the server is away; None: nowhere.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        directory: Path | None = None,
        times: ProviderTimes | None = None,
    ) -> None:
        super().__init__()
        self._times = times or ProviderTimes()
        retry = Retry(attempts_max=2, delay_seconds_first=0.05, retry_after_seconds_max=1.0)
        self._client = Client(endpoint, retry=retry, timeout_seconds=self._times.answer)
        self._documents = Documents(self._client.fetch, directory=directory)
        self._due: set[str] = set()
        self._lock = threading.Lock()
        self._keeper: Keeper | None = None
        self._is_stale = False

    def get_metadata(self) -> Metadata:
        return Metadata(name="tallystick")

    def initialize(self, evaluation_context: EvaluationContext) -> None:
        """Begin to keep flags fresh; an account in the context is fetched at once."""
        if self._keeper is None:
            chore = Chore(do=self._fetch_due, every_seconds=0)
            self._keeper = Keeper([chore], tick_seconds=self._times.tick, woken=threading.Event())
        if evaluation_context.targeting_key:
            self._known(evaluation_context)

    def shutdown(self) -> None:
        keeper, self._keeper = self._keeper, None
        if keeper is not None:
            keeper.stop()
        self._client.close()

    def resolve_boolean_details(
        self,
        flag_key: str,
        default_value: bool,  # noqa: ARG002, FBT001 - the interface
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[bool]:
        feature, reason = self._feature(flag_key, evaluation_context)
        _require(feature, feature.kind == "switch", "a boolean")
        return _details(feature, feature.enabled, reason)

    def resolve_string_details(
        self,
        flag_key: str,
        default_value: str,
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[str]:
        feature, reason = self._feature(flag_key, evaluation_context)
        _require(feature, feature.kind == "value", "a string")
        return _granted(feature, default_value, reason, lambda: feature.value or "")

    def resolve_integer_details(
        self,
        flag_key: str,
        default_value: int,
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[int]:
        feature, reason = self._feature(flag_key, evaluation_context)
        _require(feature, feature.kind in _LIMITED, "a number")
        return _granted(feature, default_value, reason, lambda: _whole(feature))

    def resolve_float_details(
        self,
        flag_key: str,
        default_value: float,
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[float]:
        feature, reason = self._feature(flag_key, evaluation_context)
        _require(feature, feature.kind in _LIMITED, "a number")
        return _granted(feature, default_value, reason, lambda: float(_limit(feature)))

    def resolve_object_details(
        self,
        flag_key: str,
        default_value: FlagObject,  # noqa: ARG002 - the interface's
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[FlagObject]:
        feature, reason = self._feature(flag_key, evaluation_context)
        return _details(feature, flag_object(feature), reason)

    def _make_known(self, context: EvaluationContext | None) -> None:
        self._known(context)

    def _feature(
        self, key: str, context: EvaluationContext | None
    ) -> tuple[EntitledFeature, Reason]:
        known, reason = self._known(context)
        feature = known.document.feature(key)
        if feature is None:
            raise FlagNotFoundError(f"nothing grants a feature {key!r} to this account")
        return feature, reason

    def _known(self, context: EvaluationContext | None) -> tuple[Known, Reason]:
        """Return what is known of the account of a context, fetched if nothing is."""
        account = None if context is None else context.targeting_key
        if not account:
            raise TargetingKeyMissingError("the targeting key is the key of an account")
        known = self._documents.known(account)
        if known is None:
            return _fetched(self._documents, account), Reason.TARGETING_MATCH
        if known.is_fresh(self._times.fresh):
            return known, Reason.CACHED
        if time.time() - known.said_at > self._times.kept and not self._is_stale:
            with contextlib.suppress(GeneralError):
                return _fetched(self._documents, account), Reason.TARGETING_MATCH
            self._is_stale = True
        with self._lock:
            self._due.add(account)
        return known, Reason.STALE if self._is_stale else Reason.CACHED

    def _fetch_due(self) -> None:
        """Fetch what is due, and tell the SDK of changes and of a server that is away."""
        with self._lock:
            due, self._due = self._due, set()
        for account in sorted(due):
            before = self._documents.known(account)
            try:
                after = self._documents.ask(account)
            except (ServerUnreachable, RequestRefused) as error:
                if not self._is_stale:
                    self._is_stale = True
                    self.emit_provider_stale(ProviderEventDetails(message=f"{error}"))
                return
            if self._is_stale:
                self._is_stale = False
                self.emit_provider_ready(ProviderEventDetails())
            changed = changed_flags(before, after)
            if changed:
                self.emit_provider_configuration_changed(
                    ProviderEventDetails(flags_changed=changed)
                )


def _fetched(documents: Documents, account: str) -> Known:
    try:
        known = documents.ask(account)
    except (ServerUnreachable, RequestRefused) as error:
        raise GeneralError(f"{error}") from error
    if known is None:
        raise InvalidContextError(f"there is no account {account!r}")
    return known


def flag_object(feature: EntitledFeature) -> Mapping[str, FlagValueType]:
    """Return all that is granted of a feature; numbers are exact text, and no limit is no key."""
    granted: dict[str, FlagValueType] = {
        "kind": feature.kind,
        "enabled": feature.enabled,
        "text": feature.text,
    }
    if feature.value:
        granted["value"] = feature.value
    if feature.limit is not None:
        granted["limit"] = plain(feature.limit)
    if feature.declared.unit:
        granted["unit"] = feature.declared.unit
    if feature.declared.per:
        granted["per"] = feature.declared.per
    return granted


def changed_flags(before: Known | None, after: Known | None) -> list[str]:
    """Return the features of which something else is granted now."""
    earlier = {} if before is None else {each.key: each for each in before.document.items}
    later = {} if after is None else {each.key: each for each in after.document.items}
    return sorted(key for key in earlier | later if earlier.get(key) != later.get(key))


def _require(feature: EntitledFeature, fits: bool, wanted: str) -> None:  # noqa: FBT001 - a check
    if not fits:
        raise TypeMismatchError(
            f"{feature.key} is a {feature.kind}, which is not asked for as {wanted}"
        )


def _granted(
    feature: EntitledFeature, default: _Value, reason: Reason, value: Callable[[], _Value]
) -> FlagResolutionDetails[_Value]:
    if not feature.enabled:
        return replace(_details(feature, default, reason), reason=Reason.DISABLED)
    return _details(feature, value(), reason)


def _details(
    feature: EntitledFeature, value: _Value, reason: Reason
) -> FlagResolutionDetails[_Value]:
    return FlagResolutionDetails(
        value=value,
        reason=reason,
        variant=feature.text or None,
        flag_metadata={"kind": feature.kind},
    )


def _limit(feature: EntitledFeature) -> Decimal:
    if feature.limit is None:
        raise TypeMismatchError(f"{feature.key} has no limit; ask for it as an object")
    return feature.limit


def _whole(feature: EntitledFeature) -> int:
    limit = _limit(feature)
    if limit != limit.to_integral_value():
        raise TypeMismatchError(f"{feature.key} is limited to {limit}; ask for it as a float")
    return int(limit)
