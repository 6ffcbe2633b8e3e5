"""Flags of OpenFeature through its own SDK, from what a real server grants."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from openfeature import api
from openfeature.client import OpenFeatureClient
from openfeature.evaluation_context import EvaluationContext
from openfeature.event import EventDetails, ProviderEvent
from openfeature.exception import ErrorCode
from openfeature.flag_evaluation import Reason

from tallystick.client import Client, Endpoint
from tallystick.client.local import Documents
from tallystick.client.openfeature import ProviderTimes, TallystickProvider
from tests.client.quota_tenants import entitle
from tests.client.relay import relay
from tests.serving import Tenant
from tests.waiting import wait_until

ACME = EvaluationContext(targeting_key="acme")
QUICK = ProviderTimes(fresh=0.1, kept=600, tick=0.02, answer=5)


@contextmanager
def _flags(
    endpoint: Endpoint, *, directory: Path | None = None, times: ProviderTimes = QUICK
) -> Iterator[OpenFeatureClient]:
    """Lend a client of the SDK whose provider asks the server."""
    provider = TallystickProvider(endpoint, directory=directory, times=times)
    api.set_provider_and_wait(provider, domain="tests")
    try:
        yield api.get_client("tests")
    finally:
        api.shutdown()
        api.clear_providers()


def test_each_kind_is_a_flag_of_its_type(tenant: Tenant) -> None:
    """Switches are booleans, values strings, limits numbers, and everything an object."""
    with _flags(entitle(tenant)) as flags:
        first = flags.get_boolean_details("sso", default_value=False, evaluation_context=ACME)
        assert (first.value, first.reason, first.variant) == (True, Reason.TARGETING_MATCH, "on")
        second = flags.get_string_details("support", "none", ACME)
        assert (second.value, second.reason) == ("silver", Reason.CACHED)
        assert second.flag_metadata == {"kind": "value"}
        assert flags.get_integer_value("calls", 0, ACME) == 1_000
        assert flags.get_float_value("hours", 0.0, ACME) == 2.5
        assert flags.get_object_value("users", {}, ACME) == {
            "kind": "level",
            "enabled": True,
            "limit": "3",
            "unit": "user",
            "text": "3 user",
        }
        assert "limit" not in flags.get_object_value("exports", {}, ACME)


def test_what_cannot_be_answered_is_the_default_and_says_why(tenant: Tenant) -> None:
    """Each mistake has the code that the specification gives it."""
    with _flags(entitle(tenant)) as flags:
        found = [
            flags.get_boolean_details("nothing", default_value=True, evaluation_context=ACME),
            flags.get_boolean_details("users", default_value=True, evaluation_context=ACME),
            flags.get_string_details("sso", "x", ACME),
            flags.get_integer_details("hours", 7, ACME),
            flags.get_integer_details("exports", 7, ACME),
            flags.get_boolean_details("sso", default_value=True),
            flags.get_boolean_details(
                "sso",
                default_value=True,
                evaluation_context=EvaluationContext(targeting_key="nobody"),
            ),
        ]
    assert [each.error_code for each in found] == [
        ErrorCode.FLAG_NOT_FOUND,
        ErrorCode.TYPE_MISMATCH,
        ErrorCode.TYPE_MISMATCH,
        ErrorCode.TYPE_MISMATCH,
        ErrorCode.TYPE_MISMATCH,
        ErrorCode.TARGETING_KEY_MISSING,
        ErrorCode.INVALID_CONTEXT,
    ]
    assert [each.value for each in found] == [True, True, "x", 7, 7, True, True]
    assert {each.reason for each in found} == {Reason.ERROR}


def test_a_change_arrives_by_itself_and_is_told(tenant: Tenant) -> None:
    """What is granted, taken away or lowered later is seen without a restart."""
    seen: list[EventDetails] = []
    with _flags(entitle(tenant)) as flags:
        flags.add_handler(ProviderEvent.PROVIDER_CONFIGURATION_CHANGED, seen.append)
        assert flags.get_boolean_value("sso", default_value=False, evaluation_context=ACME)
        assert flags.get_string_value("support", "none", ACME) == "silver"
        for feature in ("sso", "support"):
            order = {"feature": feature, "reason": "test"}
            answer = tenant.ask("POST", "/v1/accounts/acme/restrictions", json=order)
            assert answer.status_code == 200, answer.text
        wait_until(
            lambda: flags.get_string_details("support", "none", ACME).reason == Reason.DISABLED,
            seconds_max=10,
            waiting_for="the change",
        )
        assert flags.get_boolean_value("sso", default_value=True, evaluation_context=ACME) is False
        assert flags.get_string_value("support", "none", ACME) == "none"
        wait_until(lambda: len(seen) > 0, seconds_max=10, waiting_for="the event")
    changed = {key for event in seen for key in event.flags_changed or []}
    assert changed == {"sso", "support"}


def test_the_last_known_holds_while_the_server_is_away(tenant: Tenant, tmp_path: Path) -> None:
    """Flags say that they are stale; they are there for the next process too, and mend."""
    key = entitle(tenant).key
    with relay(tenant.url) as line:
        with _flags(Endpoint(url=line.url, key=key), directory=tmp_path) as flags:
            assert flags.get_boolean_value("sso", default_value=False, evaluation_context=ACME)
            line.cut()
            wait_until(
                lambda: (
                    flags.get_boolean_details(
                        "sso", default_value=False, evaluation_context=ACME
                    ).reason
                    == Reason.STALE
                ),
                seconds_max=10,
                waiting_for="the server to be missed",
            )
            assert flags.get_boolean_value("sso", default_value=False, evaluation_context=ACME)
        unasked = EvaluationContext(targeting_key="other")
        with _flags(Endpoint(url=line.url, key=key), directory=tmp_path) as flags:
            assert flags.get_boolean_value("sso", default_value=False, evaluation_context=ACME)
            unknown = flags.get_boolean_details(
                "sso", default_value=False, evaluation_context=unasked
            )
            assert (unknown.value, unknown.error_code) == (False, ErrorCode.GENERAL)
            line.mend()
            wait_until(
                lambda: (
                    flags.get_boolean_details(
                        "sso", default_value=False, evaluation_context=ACME
                    ).reason
                    == Reason.CACHED
                    and line.tries > 2
                ),
                seconds_max=10,
                waiting_for="the server again",
            )


def test_an_unchanged_account_costs_no_document(tenant: Tenant) -> None:
    """Fetched again with its tag, it is the document that was there."""
    with Client(entitle(tenant)) as client:
        documents = Documents(client.fetch)
        first = documents.ask("acme")
        again = documents.ask("acme")
        assert documents.ask("nobody") is None
    assert first is not None
    assert again is not None
    assert (first.is_new, again.is_new) == (True, False)
    assert again.document is first.document


def test_awaited_flags_are_the_same(tenant: Tenant) -> None:
    """The SDK's asynchronous calls fetch beside the event loop."""

    async def ask(flags: OpenFeatureClient) -> tuple[object, ...]:
        return (
            await flags.get_boolean_value_async(
                "sso", default_value=False, evaluation_context=ACME
            ),
            await flags.get_string_value_async("support", "", ACME),
            await flags.get_integer_value_async("users", 0, ACME),
            await flags.get_float_value_async("hours", 0.0, ACME),
            (await flags.get_object_details_async("sso", {}, ACME)).value,
        )

    with _flags(entitle(tenant)) as flags:
        found = asyncio.run(ask(flags))
    assert found[:4] == (True, "silver", 3, 2.5)
    assert found[4] == {"kind": "switch", "enabled": True, "text": "on"}
