"""API keys: shown once, kept as a hash, looked up inside their workspace."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from tallystick.app import Caller
from tallystick.app.keys import (
    ApiKey,
    CreatedKey,
    CreateKey,
    RevokeKey,
    Scope,
    authenticate,
    create_key,
    list_keys,
    revoke_key,
    token_from_text,
)
from tallystick.kernel import AccountKey, Done, Outcome, Refused
from tests.clock import NEW_YEAR, HandClock
from tests.databases import OTHER_WORKSPACE, WORKSPACE, Database

ADMIN = Caller(workspace=WORKSPACE, actor="local:owner", scopes=frozenset({"admin"}))
READER = replace(ADMIN, scopes=frozenset({"read", "ingest", "billing"}))
ACME = AccountKey("acme")
PLAIN = CreateKey(label="collector", scopes=(Scope.INGEST, Scope.READ))


def make(database: Database, command: CreateKey = PLAIN, caller: Caller = ADMIN) -> CreatedKey:
    """Return a key just made."""
    made = create_key(command, caller=caller, uow=database.unit(), clock=HandClock())
    assert isinstance(made, Done), made
    return made.value


def check(database: Database, text: str | None, *, later: int = 0) -> Outcome[ApiKey]:
    """Authenticate a token so many seconds after the new year."""
    clock = HandClock(NEW_YEAR + timedelta(seconds=later))
    return authenticate(text or "", units=database.unit, clock=clock)


def codes(outcome: Outcome[object]) -> list[str]:
    """Return the codes of a refusal."""
    assert isinstance(outcome, Refused), outcome
    return [problem.code for problem in outcome.problems]


def test_token_finds_its_key(database: Database) -> None:
    """The token of a new key is told apart by workspace, id and secret, and gives the key back."""
    made = make(database, replace(PLAIN, label="customer", scopes=(Scope.READ,), account=ACME))
    assert check(database, made.token) == Done(made.key)
    assert made.key.account == ACME
    assert made.token is not None
    assert made.token.startswith(f"ts_test_{made.key.id}_")


def test_secret_is_not_kept(database: Database) -> None:
    """Of the secret the SHA-256 is kept; itself it stands in no table and no repr."""
    made = make(database, caller=replace(ADMIN, idempotency_key="k"))
    token = token_from_text(made.token or "")
    assert token is not None
    with database.connection("postgres") as connection:
        kept = connection.execute("SELECT secret_sha256 FROM api_key").fetchall()
        dump = [
            str(connection.execute(f"SELECT * FROM {table}").fetchall())
            for table in ("api_key", "audit", "idempotency", "outbox")
        ]
    assert kept == [(hashlib.sha256(token.secret.encode()).digest(),)]
    assert token.secret not in "".join(dump) + repr(made) + repr(token)


def test_secrets_are_256_bits_of_their_own(database: Database) -> None:
    """Each key has a secret of 64 hexadecimal digits and an id of its own."""
    tokens = [make(database).token or "" for _ in range(5)]
    parts = [text.split("_") for text in tokens]
    assert {len(secret) for *_, secret in parts} == {64}
    assert len({secret for *_, secret in parts}) == len({key for _, _, key, _ in parts}) == 5


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[:-1] + ("0" if text[-1] != "0" else "1"),
        lambda text: text.replace("ts_test_", "ts_other_"),
        lambda text: text.replace("ts_test_", "ts_absent_"),
        lambda text: text[:9] + "0" * 15 + text[24:],
        lambda text: text.upper(),
        lambda text: text + "0",
        lambda text: text + "\n",
        lambda _: "",
        lambda _: "ts_test_' OR true --_0",
    ],
)
def test_wrong_token_is_unknown(database: Database, spoil: Callable[[str], str]) -> None:
    """A token with another secret, workspace or id, or none at all, is unknown."""
    made = make(database)
    assert codes(check(database, spoil(made.token or ""))) == ["key_unknown"]


def test_key_expires(database: Database) -> None:
    """From its expiry on a key is refused; up to it, it is good."""
    made = make(database, replace(PLAIN, expires_at=NEW_YEAR + timedelta(seconds=10)))
    assert check(database, made.token, later=9) == Done(made.key)
    assert codes(check(database, made.token, later=10)) == ["key_expired"]


def test_key_is_revoked_for_good(database: Database) -> None:
    """A revoked key is refused; revoking it again changes nothing and is not audited again."""
    made = make(database)
    command, clock = RevokeKey(key_id=made.key.id), HandClock()
    first = revoke_key(command, caller=ADMIN, uow=database.unit(), clock=clock)
    assert first == Done(replace(made.key, revoked_at=NEW_YEAR))
    clock.forward(days=1)
    assert revoke_key(command, caller=ADMIN, uow=database.unit(), clock=clock) == first
    assert codes(check(database, made.token)) == ["key_revoked"]
    with database.unit() as uow:
        assert uow.audit.waiting() == 2


def test_unknown_key_is_not_revoked(database: Database) -> None:
    """Revoking a key that the workspace does not have is refused, another workspace's included."""
    made = make(database)
    other = replace(ADMIN, workspace=OTHER_WORKSPACE)
    outcome = revoke_key(
        RevokeKey(key_id=made.key.id),
        caller=other,
        uow=database.unit(OTHER_WORKSPACE),
        clock=HandClock(),
    )
    assert codes(outcome) == ["key_unknown"]


def test_repeated_command_keeps_the_secret(database: Database) -> None:
    """The same command under its idempotency key makes one key, and shows the token only once."""
    caller = replace(ADMIN, idempotency_key="k")
    first, second = make(database, caller=caller), make(database, caller=caller)
    assert (second.key, second.token) == (first.key, None)


def test_keys_are_listed_by_page(database: Database) -> None:
    """All keys of the workspace are listed by id, in pages, without secrets."""
    made = sorted(make(database).key.id for _ in range(3))
    first = list_keys(ADMIN, uow=database.unit(), limit=2)
    assert isinstance(first, Done)
    rest = list_keys(ADMIN, uow=database.unit(), after=first.value[-1].id)
    assert isinstance(rest, Done)
    assert [key.id for key in first.value + rest.value] == made


def test_only_admins_handle_keys(database: Database) -> None:
    """Making, listing and revoking keys needs the scope `admin`."""
    clock = HandClock()
    outcomes: list[Outcome[object]] = [
        create_key(PLAIN, caller=READER, uow=database.unit(), clock=clock),
        list_keys(READER, uow=database.unit()),
        revoke_key(RevokeKey(key_id="x"), caller=READER, uow=database.unit(), clock=clock),
    ]
    assert [codes(outcome) for outcome in outcomes] == [["forbidden"]] * 3


def test_all_problems_are_told_together(database: Database) -> None:
    """A key with several faults is refused with all of them, each with its field."""
    command = CreateKey(
        label="", scopes=(Scope.ADMIN,), account=AccountKey("no key!"), expires_at=NEW_YEAR
    )
    refused = create_key(command, caller=ADMIN, uow=database.unit(), clock=HandClock())
    assert isinstance(refused, Refused)
    assert [(problem.code, problem.field) for problem in refused.problems] == [
        ("label_invalid", "label"),
        ("scopes_invalid", "scopes"),
        ("account_invalid", "account"),
        ("expiry_invalid", "expires_at"),
    ]
    nothing = replace(PLAIN, scopes=())
    refused = create_key(nothing, caller=ADMIN, uow=database.unit(), clock=HandClock())
    assert codes(refused) == ["scopes_invalid"]
