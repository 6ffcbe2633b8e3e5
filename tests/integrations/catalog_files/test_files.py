"""Files and folders of a catalog: what they mean together, and all their problems at once."""

from pathlib import Path

import pytest

from tallystick.catalog import catalog_from_documents
from tallystick.integrations.catalog_files import read_catalog_files
from tallystick.kernel import Done, Refused

METERS = """\
meters:
  - {key: cpu, event_type: host.cpu, aggregation: counter, value: cpu, unit: second}
"""
PLAN = """\
plans:
  - key: pro
    version: 1
    name: Pro
    currency: USD
    interval: month
    prices:
"""
ACCOUNT = "accounts: [{key: a, name: A, zone: UTC, currency: EUR, invoiced: true}]\n"
ENTITY = "legal_entities: [{key: m, name: M, zone: UTC, currency: USD}]\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, with the working directory in it."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def messages(*texts: str) -> list[str]:
    """Return what is said about files 1.yaml, 2.yaml... in a folder ``c``."""
    folder = Path("c")
    folder.mkdir()
    for number, text in enumerate(texts, start=1):
        (folder / f"{number}.yaml").write_text(text)
    outcome = read_catalog_files([folder])
    meaning = catalog_from_documents(outcome.value) if isinstance(outcome, Done) else outcome
    assert isinstance(meaning, Refused), meaning
    return [problem.message for problem in meaning.problems]


# A price below PLAN stands in line 8; what is said about it.
PRICES = {
    "{key: c, model: unit, meter: cpu, unit_prise: 1, unit_price: 1}": (
        'c/2.yaml:8:43 unknown field "unit_prise"; did you mean "unit_price"?'
    ),
    "{key: c, model: unit, meter: cpu, unit: hour}": 'c/2.yaml:8:9 "unit_price" is missing',
    "{key: c, model: unit, meter: cpus, unit_price: 1}": (
        'c/2.yaml:8:38 unknown meter "cpus"; did you mean "cpu"?'
    ),
    "{key: c, model: unit, meter: cpu, unit: GB, unit_price: 1}": (
        'c/2.yaml:8:49 "unit": second does not convert into GB (meter "cpu" counts second)'
    ),
    "{key: c, model: unit, meter: cpu, unit: hours, unit_price: 1}": (
        "c/2.yaml:8:49 \"unit\": unit 'hours' is not known; did you mean 'hour'?"
    ),
    "{key: c, model: unit, meter: cpu, unit_price: 0.0.5}": (
        "c/2.yaml:8:55 \"unit_price\": '0.0.5' is not a decimal number such as 12.5 or 1e-3"
    ),
    "{key: c, model: unit, meter: cpu, unit_price: .nan}": (
        "c/2.yaml:8:55 \"unit_price\": '.nan' is not a decimal number such as 12.5 or 1e-3"
    ),
    "{key: c, model: unt, meter: cpu, unit_price: 1}": (
        "c/2.yaml:8:25 \"model\": 'unt' is not a price model; did you mean unit?"
    ),
    "{key: c, model: unit, meter: cpu, unit_price: 1, group_by: [region]}": (
        'c/2.yaml:8:69 meter "cpu" has no dimension "region"; known are subject'
    ),
    "{key: c, model: volume, meter: cpu, tiers: [{upto: 5, unit_price: 1}, {unit_price: 2}]}": (
        'c/2.yaml:8:54 unknown field "upto"; did you mean "up_to"?'
    ),
    "{key: c, model: flat, amount: 1, currency: EUR}": (
        'c/2.yaml:8:52 "currency" must be USD as around it, left out, '
        'or a custom unit with "currency_exponent"'
    ),
    "free": 'c/2.yaml:8:9 must be a mapping, not "free"',
}


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("price", PRICES)
def test_problems_of_prices(price: str) -> None:
    """A mistake in a price is said with its place and what would be right."""
    said = messages(METERS, f"{PLAN}      - {price}\n")
    assert PRICES[price] in said
    assert len(said) == 1 or "upto" in price


FLAT = "      - {key: base, model: flat, amount: 1}\n"
# Files, and everything that is said about them.
PROBLEMS: dict[str, tuple[list[str], list[str]]] = {
    "unknown list": (
        ["meterz: []\n"],
        ['c/1.yaml:1:1 unknown list "meterz"; did you mean "meters"?'],
    ),
    "no list": (["plans: {}\n"], ['c/1.yaml:1:8 "plans" must be a list']),
    "no mapping": (
        ["- plans\n"],
        [
            (
                "c/1.yaml:1:1 the top level must be a mapping that holds some of the lists units, "
                "tax_rules, legal_entities, meters, personal_data, products, features, "
                "price_series, price_books, plans, quota_policies, coupons, coupon_grants, "
                "alert_rules, accounts, resources, subscriptions"
            )
        ],
    ),
    "plan": (
        [PLAN.replace("1", "one").replace("USD", "DOLLAR").replace("Pro", "[x]") + FLAT],
        [
            'c/1.yaml:3:14 "version" must be a whole number such as 1, not "one"',
            'c/1.yaml:4:11 "name" must be text such as "Acme", not a list',
            "c/1.yaml:5:15 \"currency\": 'DOLLAR' is not an ISO 4217 currency",
        ],
    ),
    "intervals": (
        [PLAN.replace("month", "monthly") + FLAT, PLAN.replace("month", "{count: 0}") + FLAT],
        [
            'c/1.yaml:6:15 "interval": unknown word "monthly"; did you mean "month"?',
            'c/2.yaml:2:5 "pro" is declared twice; first at c/1.yaml:2:5',
            (
                'c/2.yaml:6:15 "of" is missing; write one of hour, day, week, month, quarter, '
                "half_year, year"
            ),
            'c/2.yaml:6:23 "count" must be a whole number such as 1, not 0',
        ],
    ),
    "hourly plan by day": (
        [PLAN.replace("month", "hour\n    proration: day") + FLAT],
        ['c/1.yaml:7:16 "proration" of an hourly plan must be second or none: an hour has no days'],
    ),
    "no prices": (
        [PLAN.replace("    prices:\n", "")],
        ['c/1.yaml:2:5 "prices" is missing; write at least one price'],
    ),
    "price twice": (
        [PLAN + FLAT + FLAT],
        ['c/1.yaml:9:15 price "base" stands here twice'],
    ),
    "price book": (
        [PLAN.replace("    prices", "    price_book: lst\n    prices") + FLAT],
        ['c/1.yaml:7:17 unknown price book "lst"; none is declared'],
    ),
    "meter": (
        ["meters:\n  - {key: m, aggregation: sun, unit: request, evnt_type: x}\n"],
        [
            'c/1.yaml:2:5 "event_type" is missing',
            "c/1.yaml:2:27 \"aggregation\": 'sun' is not known; did you mean sum?",
            'c/1.yaml:2:47 unknown field "evnt_type"; did you mean "event_type"?',
        ],
    ),
    "account": (
        ["accounts: [{key: -a, name: 5, zone: Mars, currency: usd, invoiced: yes, country: De}]\n"],
        [
            (
                'c/1.yaml:1:18 "key" must be a key of letters, digits and . _ : @ / -, '
                "beginning with "
                'a letter or digit, not "-a"'
            ),
            'c/1.yaml:1:28 "name" must be text such as "Acme", not 5',
            "c/1.yaml:1:37 \"zone\": 'Mars' is not an IANA time zone such as Europe/Berlin",
            "c/1.yaml:1:53 \"currency\": 'usd' is not an ISO 4217 currency; did you mean USD?",
            'c/1.yaml:1:68 "invoiced" must be true or false, not "yes"',
            'c/1.yaml:1:82 "country" must be two capital letters such as DE',
        ],
    ),
    "circle": (
        [
            (
                "accounts:\n"
                "  - {key: a, name: A, zone: UTC, currency: EUR, parent: b}\n"
                "  - {key: b, name: B, zone: UTC, currency: EUR, parent: a}\n"
                "  - {key: c, name: C, zone: UTC, currency: EUR, parent: d}\n"
            )
        ],
        [
            'c/1.yaml:2:57 "parent": a < b < a is a circle; one must have no parent',
            'c/1.yaml:3:57 "parent": b < a < b is a circle; one must have no parent',
            'c/1.yaml:4:57 unknown account "d"; known are a, b, c',
        ],
    ),
    "subscription": (
        [
            PLAN + FLAT,
            ACCOUNT + ENTITY,
            (
                "subscriptions:\n"
                "  - {key: s, account: a, plan: pro, version: 2, legal_entity: m, start: "
                "2026-02-30}\n"
                "  - {key: t, account: b, plan: prt, version: 1, legal_entity: n, start: "
                "2026-02-01}\n"
                "  - {key: u, account: a, plan: pro, version: 1, legal_entity: m,\n"
                "     start: 2026-02-01, end: 2026-01-31, starts: now}\n"
            ),
        ],
        [
            'c/3.yaml:2:46 plan "pro" has no version 2; known are 1',
            (
                'c/3.yaml:2:73 "start" must be a date such as "2026-01-31" or an instant such as '
                '"2026-01-31T12:00:00Z", not "2026-02-30"'
            ),
            'c/3.yaml:3:23 unknown account "b"; known are a',
            'c/3.yaml:3:32 unknown plan "prt"; did you mean "pro"?',
            'c/3.yaml:3:63 unknown legal entity "n"; known are m',
            (
                'c/3.yaml:4:32 plan "pro" is in USD, but payer "a" pays in EUR; '
                'say in which "currency" the contract is billed'
            ),
            'c/3.yaml:5:30 "end" must not lie before "start"',
            'c/3.yaml:5:42 unknown field "starts"; did you mean "start"?',
        ],
    ),
    "nobody pays": (
        [
            PLAN + FLAT + ENTITY + ACCOUNT.replace("EUR", "USD").replace("true", "false"),
            (
                "subscriptions:\n"
                "  - {key: s, account: a, plan: pro, version: 1, legal_entity: m, start: "
                "2026-01-01}\n"
            ),
        ],
        [
            'c/2.yaml:2:23 nobody pays for account "a"; set invoiced: true on it or a parent',
        ],
    ),
    "resource": (
        [
            ACCOUNT,
            (
                "resources:\n"
                "  - {key: r, account: a, started_at: 2026-01-01, attributes: {x: [1]}}\n"
                "  - key: q\n"
                "    account: a\n"
                "    started_at: 2026-01-01T00:00:00Z\n"
                "    ended_at: 2026-02-01T00:00:00Z\n"
                "    transfers:\n"
                "      - {account: a, at: 2026-01-05T00:00:00Z}\n"
                "      - {account: a, at: 2026-01-04T00:00:00Z}\n"
                "      - {account: a, at: 2026-02-01T00:00:00Z, to: b}\n"
            ),
        ],
        [
            (
                'c/2.yaml:2:38 "started_at" must be an instant such as "2026-01-01T00:00:00Z", not '
                '"2026-01-01"'
            ),
            'c/2.yaml:2:66 "x" must be text, a number, true or false',
            (
                'c/2.yaml:9:26 "at" must lie after that of the entry before; transfers '
                "stand in order "
                "of time"
            ),
            'c/2.yaml:10:26 "at" must lie within the life of the resource',
            'c/2.yaml:10:48 unknown field "to"; known are account, at',
        ],
    ),
    "units": (
        ["units: [hour, a.b, 7]\n"],
        [
            'c/1.yaml:1:9 unit "hour" is known already; leave it out',
            'c/1.yaml:1:15 a unit must be a word such as build, without dots, not "a.b"',
            "c/1.yaml:1:20 a unit must be a word such as build, without dots, not 7",
        ],
    ),
    "a file that cannot be read": (
        ["units: [a\n", PLAN + "      - {key: c, model: unit, meter: cpu, unit_price: x}\n"],
        [
            'c/1.yaml:1:8 a "[" is opened here and never closed',
            "c/2.yaml:8:55 \"unit_price\": 'x' is not a decimal number such as 12.5 or 1e-3",
        ],
    ),
}


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("case", PROBLEMS)
def test_all_problems_of_all_files(case: str) -> None:
    """Every problem of every file is said at once, in the order of files and lines."""
    texts, said = PROBLEMS[case]
    assert messages(*texts) == said


@pytest.mark.usefixtures("here")
def test_what_may_stand_in_an_unreadable_file_is_not_called_unknown() -> None:
    """Where a file cannot be read to its end, no reference is judged."""
    price = "      - {key: c, model: unit, meter: gpu, unit_price: 1}\n"
    meters = "meters: [{key: x, event_type: y, aggregation: count, unit: call}\n"
    assert messages(meters, PLAN + price) == ['c/1.yaml:1:9 a "[" is opened here and never closed']


@pytest.mark.usefixtures("here")
def test_lists_add_up_over_files() -> None:
    """A list may stand in several files, and refer to what stands in any of them."""
    folder = Path("catalog")
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "b.yml").write_text(METERS)
    (folder / "a.yaml").write_text(METERS.replace("cpu,", "gpu,") + "units:\n")
    (folder / ".hidden.yaml").write_text("units: [")
    (folder / "notes.txt").write_text("units: [")
    outcome = read_catalog_files([folder, folder / "a.yaml"])
    assert isinstance(outcome, Done)
    meaning = catalog_from_documents(outcome.value)
    assert isinstance(meaning, Done)
    assert sorted(meaning.value.meters) == ["cpu", "gpu"]


@pytest.mark.usefixtures("here")
def test_nothing_to_read() -> None:
    """A path that is not there and a folder without files are each said."""
    Path("empty").mkdir()
    outcome = read_catalog_files([Path("empty"), Path("missing.yaml")])
    assert isinstance(outcome, Refused)
    assert [problem.message for problem in outcome.problems] == [
        "empty: no *.yaml or *.yml file in this folder",
        "missing.yaml: no such file or folder",
    ]
