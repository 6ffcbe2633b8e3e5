"""Alert rules one by one, over HTTP and at the command line: set, shown, disabled, deleted."""

from typing import Any

import psycopg

from tests.api.test_alert_rules import use, watched
from tests.api.test_quotas import catalog
from tests.api.test_usage_alerts import alerts, told
from tests.cli.running import Ended, here
from tests.serving import Served, Tenant

Json = Any
PATH = "/v1/alert-rules"
AT_TWO: Json = {"feature": "calls", "thresholds": [{"amount": "2"}]}


def put(tenant: Tenant, key: str, document: Json, **query: str) -> Json:
    """Set a rule, which must be right."""
    answer = tenant.ask("PUT", f"{PATH}/{key}", json=document, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def refused(tenant: Tenant, key: str, document: Json) -> list[tuple[str, str]]:
    """Return codes and fields of the problems of a rule."""
    answer = tenant.ask("PUT", f"{PATH}/{key}", json=document)
    assert answer.status_code in (400, 422), answer.text
    return [(each["code"], each["path"]) for each in answer.json()["errors"]]


def command(tenant: Tenant, *words: str) -> Ended:
    """Run a command against the server."""
    return here(*words, "--url", tenant.url, "--key", tenant.token)


def test_a_rule_that_is_set_counts_with_the_next_use(tenant: Tenant) -> None:
    """Set it is created, again unchanged, then changed field by field; all of it counts."""
    tenant.apply(catalog(calls={"limit": "100"}))
    assert put(tenant, "two", AT_TWO)["action"] == "created"
    assert put(tenant, "two", {**AT_TWO, "key": "two"})["action"] == "unchanged"
    use(tenant, "1", "2")
    assert told(tenant) == [("2",)]
    changed = put(tenant, "two", {**AT_TWO, "thresholds": [{"amount": "3"}]})
    expected = [{"field": "thresholds[0].amount", "before": "2", "after": "3"}]
    assert (changed["action"], changed["fields"]) == ("changed", expected)
    use(tenant, "3")
    assert told(tenant) == [("3",), ("2",)]


def test_a_rule_that_is_tried_changes_nothing(tenant: Tenant) -> None:
    """A dry run of setting and of deleting tells what it would do, and does not."""
    watched(tenant, {"key": "two", **AT_TWO}, limit="100")
    use(tenant, "1", "2")
    tried = put(tenant, "two", {"thresholds": [{"amount": "5"}]}, dry_run="true")
    assert (tried["action"], tried["dry_run"]) == ("changed", True)
    answer = tenant.ask("DELETE", f"{PATH}/two", params={"dry_run": "true"})
    assert (answer.json()["watching"], answer.json()["dry_run"]) == (1, True)
    stands = tenant.ask("GET", f"{PATH}/two").json()
    assert stands == {"key": "two", "watched": "usage", **AT_TWO}


def test_a_deleted_rule_watches_no_more_and_its_alerts_stay(served: Served, tenant: Tenant) -> None:
    """Nothing is told by it; where no rule is left the default counts; its key begins afresh."""
    watched(tenant, {"key": "two", "thresholds": [{"amount": "2"}, {"amount": "3"}]}, limit="10")
    use(tenant, "1", "2")
    assert tenant.ask("DELETE", f"{PATH}/two").json()["watching"] == 1
    assert tenant.ask("DELETE", f"{PATH}/two").status_code == 404
    assert tenant.ask("GET", PATH).json()["items"] == []
    use(tenant, "3", "4", "5", "6", "7", "8")
    assert told(tenant) == [("80 %",), ("2",)]
    assert [one["alert"]["rule"] for one in alerts(tenant)] == ["", "two"]
    put(tenant, "two", {"thresholds": [{"amount": "2"}, {"amount": "9"}]})
    use(tenant, "9")
    assert told(tenant)[0] == ("2", "9")
    audited = _audited(served, tenant)
    assert ("DeleteAlertRule", "alert-rule:two") in audited
    assert ("SetAlertRule", "alert-rule:two") in audited


def test_a_rule_is_applied_again_after_it_was_left_out(tenant: Tenant) -> None:
    """Leaving a rule out of a file deletes nothing; deleted it is gone until a file says it."""
    watched(tenant, {"key": "two", **AT_TWO})
    tenant.apply(catalog(calls={"limit": "10"}))
    assert [one["key"] for one in tenant.ask("GET", PATH).json()["items"]] == ["two"]
    tenant.ask("DELETE", f"{PATH}/two")
    assert tenant.ask("GET", "/v1/catalog/export").json().get("alert_rules", []) == []


def test_a_wrong_rule_is_refused_with_the_field(tenant: Tenant) -> None:
    """Unknown features, plans and accounts, another key, and what a rule may not say."""
    tenant.apply(catalog(calls={"limit": "10"}))
    at, both = AT_TWO["thresholds"], [{"percent": "80", "amount": "1"}]
    for document, problem in (
        ({"feature": "call", "thresholds": at}, ("unknown_reference", "feature")),
        ({"plan": "gold", "thresholds": at}, ("unknown_reference", "plan")),
        ({"account": "nobody", "thresholds": at}, ("unknown_reference", "account")),
        ({"key": "other", "thresholds": at}, ("wrong_value", "key")),
        ({"thresholds": both}, ("wrong_value", "thresholds[0].percent")),
        ({"thresholds": at, "color": "red"}, ("unknown_field", "color")),
    ):  # fmt: skip
        assert problem in refused(tenant, "r", document)
    assert refused(tenant, "not a key", {"thresholds": at})[0][1] == "key"


def test_rules_are_set_with_admin_and_read_with_read(tenant: Tenant) -> None:
    """A key that reads sees rules and sets none; one of an account sees none."""
    watched(tenant, {"key": "two", **AT_TWO})
    _, reader = tenant.make_key("read")
    assert tenant.ask("GET", f"{PATH}/two", token=reader).status_code == 200
    assert tenant.ask("PUT", f"{PATH}/two", json=AT_TWO, token=reader).status_code == 403
    assert tenant.ask("DELETE", f"{PATH}/two", token=reader).status_code == 403
    _, own = tenant.make_key("read", account="acme")
    assert tenant.ask("GET", PATH, token=own).status_code == 403


def test_a_repeated_command_has_one_effect_and_one_answer(tenant: Tenant) -> None:
    """Under one idempotency key the first answer is given again, also after the rule is gone."""
    watched(tenant, {"key": "two", **AT_TWO})
    headers = {"idempotency-key": "delete-two"}
    first = tenant.ask("DELETE", f"{PATH}/two", headers=headers)
    assert first.status_code == 200
    assert tenant.ask("DELETE", f"{PATH}/two", headers=headers).json() == first.json()


def test_the_command_line_sets_shows_disables_and_deletes(tenant: Tenant) -> None:
    """What options do not speak of stays; deleting needs --yes."""
    tenant.apply(catalog(calls={"limit": "10"}))
    rule = ("alert-rule", "set", "near")
    made = command(
        tenant, *rule, "--feature", "calls", "--percent", "70", "--percent", "90:critical"
    )
    assert (made.code, made.out.strip()) == (0, "near: created"), made.err
    changed = command(tenant, *rule, "--recipient", "desk@example.com")
    assert "near: changed" in changed.out
    shown = command(tenant, "alert-rule", "show", "near")
    assert shown.out.startswith("key: near\nwatched: usage\nfeature: calls\n")
    assert "desk@example.com" in shown.out
    assert "near: would be changed" in command(tenant, *rule, "--percent", "5", "--preview").out
    listed = command(tenant, "alert-rule", "list")
    assert "70 %, 90 % (critical)" in listed.out
    assert "near: changed" in command(tenant, "alert-rule", "disable", "near").out
    assert tenant.ask("GET", f"{PATH}/near").json()["enabled"] is False
    assert "near: changed" in command(tenant, "alert-rule", "enable", "near").out
    tried = command(tenant, "alert-rule", "delete", "near")
    assert "near would be deleted" in tried.out
    assert "add --yes" in tried.err
    assert command(tenant, "alert-rule", "delete", "near", "--yes").code == 0
    assert command(tenant, "alert-rule", "show", "near").code == 1
    assert "say what the rule is" in command(tenant, *rule).err


def _audited(served: Served, tenant: Tenant) -> list[tuple[str, str]]:
    with psycopg.connect(served.cluster.address("postgres", served.database)) as connection:
        return connection.execute(
            "SELECT command, subject FROM audit WHERE workspace_id = %s", [tenant.workspace]
        ).fetchall()


def test_the_command_line_declines_letters_and_takes_them_again(tenant: Tenant) -> None:
    """Declined, listed, taken again; a key that only reads may not."""
    letters = ("usage-alert", "letters")
    assert command(tenant, *letters).out.strip() == "Nobody declined letters."
    declined = command(tenant, *letters, "Owner@Acme.example", "--decline")
    assert (declined.code, "is sent no letters" in declined.out) == (0, True), declined.err
    (stands,) = tenant.ask("GET", "/v1/declined-letters").json()["items"]
    assert stands["address"] == "owner@acme.example"
    assert "owner@acme.example" in command(tenant, *letters).out
    _, reader = tenant.make_key("read")
    assert tenant.ask("GET", "/v1/declined-letters", token=reader).status_code == 403
    assert command(tenant, *letters, "owner@acme.example", "--again").code == 0
    assert tenant.ask("GET", "/v1/declined-letters").json()["items"] == []
    assert command(tenant, *letters, "owner@acme.example", "--again").code == 1
