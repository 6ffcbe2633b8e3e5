"""Commands that need no server: words, exit codes, JSON."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from tallystick.cli import main
from tallystick.cli.backups.manifest import FORMAT, BackupManifest, copied_file
from tallystick.cli.main import COMMANDS, build_app
from tallystick.kernel import EngineUnavailable
from tallystick.storage.postgres import lay_down

PRICE = """\
key: cpu
model: graduated
meter: cpu_seconds
unit: hour
currency: USD
allowance: "1"
tiers:
  - {up_to: "100", unit_price: "0.05"}
  - {unit_price: "0.04", flat: "2"}
"""
PLANS = """\
plans:
  - key: compute
    version: 1
    name: Compute
    currency: USD
    interval: month
    alignment: calendar
    prices:
      - {key: cpu, model: unit, meter: cpu, unit: hour, unit_price: "0.05"}
      - key: calls
        model: package
        meter: calls
        unit: request
        package_size: "1000"
        package_price: "0.50"
  - key: other
    version: 1
    name: Other
    currency: JPY
    interval: month
    alignment: calendar
    prices:
      - {key: cpu, model: unit, meter: cpu, unit: hour, unit_price: "7"}
"""


def _file(tmp_path: Path, text: str) -> str:
    path = tmp_path / "prices.yaml"
    path.write_text(text)
    return str(path)


def test_rate_shows_the_charge_with_its_steps(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """130 hours, one free: 100 at 0.05, 29 at 0.04 and a fee of 2 make 8.16."""
    assert main(["rate", _file(tmp_path, PRICE), "--quantity", "130"]) == 0
    said = capsys.readouterr().out
    assert "tier 2: above 100" in said
    assert "settled" in said
    assert "8.16 USD" in said


def test_rate_as_json_is_exact_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Numbers in JSON are text, so that no reader makes floats of them."""
    path = _file(tmp_path, PRICE)
    assert main(["rate", path, "--quantity", "1.000000000000000001", "--json"]) == 0
    document = msgspec.json.decode(capsys.readouterr().out)
    assert document["exact"] == "0.00000000000000000005"
    assert document["settled"] == "0.00"


@pytest.mark.parametrize(
    ("chosen", "settled"), [("calls", "1.00"), ("compute/cpu", "50.05"), ("other/cpu", "7007")]
)
def test_rate_finds_a_price_in_a_catalog(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], chosen: str, settled: str
) -> None:
    """A price of a plan takes the plan's currency, and its minor unit with it."""
    path = _file(tmp_path, PLANS)
    assert main(["rate", path, "--quantity", "1001", "--price", chosen, "--json"]) == 0
    assert msgspec.json.decode(capsys.readouterr().out)["settled"] == settled


@pytest.mark.parametrize(
    ("text", "arguments", "code", "words"),
    [
        (PRICE, ["--quantity", "many"], 1, "--quantity"),
        (PRICE, ["--quantity", "NaN"], 1, "12.5"),
        (PRICE, ["--quantity", "1" * 21], 1, "20 digits"),
        (PRICE, [], 1, "--quantity"),
        (PRICE, ["--quantity", "1", "--usage", "used.yaml"], 1, "--usage"),
        (PRICE, ["--quantity", "1", "--prise", "x"], 2, "--price"),
        (PLANS, ["--quantity", "1"], 1, "compute/cpu, compute/calls, other/cpu"),
        (PLANS, ["--quantity", "1", "--price", "call"], 1, "did you mean calls?"),
        (PLANS, ["--quantity", "1", "--price", "cpu"], 1, "compute/cpu, other/cpu"),
        (PRICE.replace("unit_price", "unit_prise"), ["--quantity", "1"], 1, "prices.yaml:8:"),
        (PRICE.replace("unit: hour", "unit: hours"), ["--quantity", "1"], 1, "hour"),
        ("key: [", ["--quantity", "1"], 1, "prices.yaml:1:"),
        ("a: 1", ["--quantity", "1"], 1, "no price"),
        ("", ["--quantity", "1"], 1, "no price"),
    ],
)
def test_rate_says_what_is_wrong(  # noqa: PLR0913 - a row of the table is five of them
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    *,
    text: str,
    arguments: list[str],
    code: int,
    words: str,
) -> None:
    """Each mistake ends with the right code and names what would be right, without a traceback."""
    assert main(["rate", _file(tmp_path, text), *arguments]) == code
    said = capsys.readouterr()
    assert words in said.err
    assert "Traceback" not in said.err
    assert said.out == ""


def test_problems_are_json_where_json_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A program that asked for JSON gets the problems as JSON too."""
    assert main(["rate", _file(tmp_path, PRICE), "--quantity", "x", "--json"]) == 1
    (problem,) = msgspec.json.decode(capsys.readouterr().out)["problems"]
    assert (problem["code"], problem["field"]) == ("not_a_number", "--quantity")


def test_no_server_is_unavailable(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a server the exit code is 3, and the way to one is said."""
    assert main(["keys", "list", "--data", str(tmp_path)]) == 3
    assert "tallystick up" in capsys.readouterr().err


def test_a_url_needs_a_key(capsys: pytest.CaptureFixture[str]) -> None:
    """An address without a key is refused before anything is asked."""
    assert main(["keys", "list", "--url", "http://127.0.0.1:9"]) == 1
    assert "--key" in capsys.readouterr().err


def test_verify_needs_a_proof_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is no proof is refused; a file that is not there too."""
    path = tmp_path / "x.proof"
    path.write_bytes(b"not a proof")
    assert main(["verify", str(path)]) == 1
    assert main(["verify", str(tmp_path / "nowhere")]) == 1
    assert "No such file" in capsys.readouterr().err


def test_every_command_explains_itself_with_an_example(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Help of a command shows how it is called."""
    for _, name, _, _ in COMMANDS:
        assert main([name, "--help"]) == 0
        said = capsys.readouterr().out
        groups = {
            "keys": "keys create",
            "invoice": "invoice run",
            "collect": "collect host",
            "source": "source add",
            "backfill": "backfill open",
            "dead-letters": "dead-letters replay",
            "retention": "retention set",
            "ledger": "ledger lock",
            "personal-data": "personal-data erase",
            "tax": "tax check",
            "rates": "rates import",
            "price-series": "price-series publish",
            "subscription": "subscription change",
            "account": "account move",
            "plan": "plan migrate",
            "dispute": "dispute open",
            "payment": "payment record",
            "credit": "credit grant",
            "entitlement": "entitlement grant",
            "quota": "quota compare",
            "usage-alert": "usage-alert near",
            "alert-rule": "alert-rule set",
            "anomaly": "anomaly resolve",
            "quota-policy": "quota-policy export",
            "workspace": "workspace copy",
            "clock": "clock advance",
        }
        if name in groups:
            assert main([*groups[name].split(), "--help"]) == 0
            said = capsys.readouterr().out
        assert f"tallystick {groups.get(name, name)}" in said, name
        assert "For example" in said, name


def test_the_list_of_commands_loads_none_of_them() -> None:
    """A command's line in the list is known without importing what it needs."""
    app = build_app()
    assert {"up", "rate", "import", "verify"} <= set(app)


def test_import_dry_run_reads_and_sends_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A dry run names bad rows with file, row and column, and needs no server."""
    (tmp_path / "m.yaml").write_text(
        "format: csv\nsource: s\ntype: t\ndata: {calls: calls}\n", encoding="utf-8"
    )
    (tmp_path / "u.csv").write_text("calls\n1\nNaN\n2\n", encoding="utf-8")
    mapping = ["--mapping", str(tmp_path / "m.yaml")]
    arguments = ["import", str(tmp_path / "u.csv"), *mapping, "--dry-run"]
    assert main(arguments) == 1
    assert "u.csv, row 2, column calls" in capsys.readouterr().err
    (tmp_path / "u.csv").write_text("calls\n1\n", encoding="utf-8")
    assert main(arguments) == 0


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ("format: csv\nsource: s\ntyp: t\n", "m.yaml:3:1"),
        ("format: csv\nsource: s\ntype: t\ndata: {n: nubmer}\n", "did you mean 'number'"),
    ],
)
def test_import_says_what_is_wrong_in_a_mapping(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], mapping: str, words: str
) -> None:
    """A typo in a mapping is told with its place, a missing column with the likely one."""
    (tmp_path / "m.yaml").write_text(mapping, encoding="utf-8")
    (tmp_path / "u.csv").write_text("number\n1\n", encoding="utf-8")
    arguments = ["import", str(tmp_path / "u.csv"), "--mapping", str(tmp_path / "m.yaml")]
    assert main([*arguments, "--dry-run"]) == 1
    assert words in capsys.readouterr().err


def test_doctor_on_a_fresh_machine(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing fails before the first start, and nothing is made by looking."""
    assert main(["doctor", "--data", str(tmp_path / "data"), "--json"]) == 0
    findings = msgspec.json.decode(capsys.readouterr().out)
    by_subject = {finding["subject"]: finding for finding in findings}
    assert by_subject["python"]["verdict"] == "ok"
    assert by_subject["server"]["verdict"] == "warn"
    assert "tallystick up" in by_subject["server"]["mend"]
    assert not (tmp_path / "data").exists()


def test_doctor_on_a_newer_data_directory(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A data directory of a newer program is a failure that says so."""
    (tmp_path / "VERSION").write_text("999\n", encoding="ascii")
    assert main(["doctor", "--data", str(tmp_path), "--json"]) == 1
    failed = [
        finding
        for finding in msgspec.json.decode(capsys.readouterr().out)
        if finding["verdict"] == "fail"
    ]
    assert [finding["subject"] for finding in failed] == ["data directory"]
    assert "newer" in failed[0]["mend"]


def test_restore_refuses_what_is_no_backup(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder that is no backup, and a target that holds something, are refused."""
    (tmp_path / "b").mkdir()
    assert main(["restore", str(tmp_path / "b"), "--to", str(tmp_path / "new")]) == 1
    assert "is no backup" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_restore_writes_nowhere_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A manifest that names files outside of the log is refused, and a restored log is closed."""
    backup, data = tmp_path / "b", tmp_path / "data"
    (backup / "log").mkdir(parents=True)
    (backup / "log" / "1.seg").write_bytes(b"events")
    (backup / "planted").write_bytes(b"planted")
    name = "../planted"
    for file in (name, "1.seg"):
        manifest = BackupManifest(
            format=FORMAT,
            version="1",
            data_format="1",
            taken_at=datetime(2026, 1, 1, tzinfo=UTC),
            last_position=1,
            postgres=False,
            files=(msgspec.structs.replace(copied_file(backup / "log" / file), name=file),),
        )
        (backup / "backup.json").write_bytes(msgspec.json.encode(manifest))
        assert main(["restore", str(backup), "--to", str(data)]) == (1 if file == name else 0)
    assert "is no file of a log" in capsys.readouterr().err
    assert (data / "log").stat().st_mode & 0o777 == 0o700
    assert (data / "log" / "segments" / "1.seg").stat().st_mode & 0o777 == 0o600


def test_restore_follows_no_links(tmp_path: Path) -> None:
    """A link in the copy of a cluster would give what it leads to to the server's user."""
    stranger = tmp_path / "stranger"
    stranger.write_text("")
    stranger.chmod(0o644)
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / "pg_wal").symlink_to(stranger)
    with pytest.raises(EngineUnavailable, match="is a link"):
        lay_down(tmp_path / "copy", tmp_path / "postgres")
    assert stranger.stat().st_mode & 0o777 == 0o644


def test_backup_of_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where nothing is installed there is nothing to back up."""
    assert main(["backup", str(tmp_path / "b"), "--data", str(tmp_path / "data")]) == 1
    assert "holds no installation" in capsys.readouterr().err


def fill() -> None:
    """Write to a device that is always full; a command of the test below."""
    with Path("/dev/full").open("wb", buffering=0) as device:
        device.write(b"x")


def test_a_full_disk_is_told_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """A command that finds no room says so and what to do, without a traceback."""
    assert main(["fill"], processes={"fill": f"{__name__}:fill"}) == 3
    assert "the disk is full; make room" in capsys.readouterr().err
