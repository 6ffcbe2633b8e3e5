"""The whole on one computer: started, killed in parts, stopped, backed up, restored."""

import os
import signal
import socket
from contextlib import suppress
from pathlib import Path
from typing import cast

import httpx
import psutil

from tests import plain_http
from tests.cli.running import Running, data_directory, free_port, here, running, tallystick
from tests.waiting import wait_until

EVENT = (
    '{{"specversion":"1.0","id":"{id}","source":"test","type":"api.request",'
    '"subject":"acme","time":"2026-01-01T00:00:00Z","data":{{"calls":{calls}}}}}\n'
)


def _children(server: Running) -> dict[str, psutil.Process]:
    """Return the children that run, by what they are."""
    found = {}
    for process in psutil.Process(server.process.pid).children():
        with suppress(psutil.NoSuchProcess, IndexError):  # gone, or about to be our program
            words = process.cmdline()
            found["postgres" if "postgres" in words[0] else words[3]] = process
    return found


def _answers(server: Running) -> bool:
    try:
        return plain_http.get(f"http://127.0.0.1:{server.port}/healthz", timeout=2).is_success
    except httpx.HTTPError:
        return False


def _import(server: Running, path: Path, **events: int) -> dict[str, int]:
    path.write_text("".join(EVENT.format(id=id, calls=calls) for id, calls in events.items()))
    return cast(dict[str, int], server.run("import", path, "--json").document())


def _counted(server: Running, through: dict[str, int]) -> str:
    """Return the calls counted in January 2026, those of an import and of all before it."""
    period = ["--position", str(through["last_position"])]
    period += ["--start", "2026-01-01T00:00:00Z", "--end", "2026-02-01T00:00:00Z"]
    read = cast(
        dict[str, list[dict[str, str]]], server.run("usage", "calls", *period, "--json").document()
    )
    return read["items"][0]["quantity"]


CATALOG = """\
meters:
  - {key: calls, event_type: api.request, aggregation: sum, value: calls, unit: request}
"""


def test_a_day_in_the_life(tmp_path: Path) -> None:
    """
    Accepted events survive kills, restarts, a backup and a restore, and count once.

    One story, because each start takes seconds.
    """
    catalog = tmp_path / "catalog.yaml"
    catalog.write_text(CATALOG)
    usage = tmp_path / "usage.ndjson"
    with data_directory() as data:
        with running(data, "--no-sample") as server:
            assert any("admin key, shown this once:  ts_live_" in line for line in server.said)
            second = tallystick("up", "--data", data)
            assert second.code == 1
            assert f"process {server.process.pid} already runs" in second.err

            assert server.run("apply", "-f", catalog).code == 0
            assert _import(server, usage, a=1, b=2)["accepted"] == 2
            again = _import(server, usage, a=1, b=2, c=4)
            assert (again["accepted"], again["duplicate"]) == (1, 2)
            changed = server.run("import", _changed(tmp_path))
            assert changed.code == 1
            assert "changed.ndjson, row 1" in changed.err
            assert "conflict" in changed.err
            assert _counted(server, again) == "7"

            _kill_every_child(server)
            after = _import(server, usage, a=1, c=4, d=8)
            assert (after["accepted"], after["duplicate"]) == (1, 2)
            assert _counted(server, after) == "15"
            assert "the audit holds" in server.run("verify", "audit").out
            assert server.run("doctor").code == 0
            server.kill()
        with running(data, "--no-collect") as server:
            assert not any("admin key" in line for line in server.said)
            assert _counted(server, after) == "15"
            _back_up_and_restore(server, data, usage)
            assert server.stop() == 0
            assert not _left_over(data)


def _changed(tmp_path: Path) -> Path:
    path = tmp_path / "changed.ndjson"
    path.write_text(EVENT.format(id="a", calls=1000))
    return path


def _kill_every_child(server: Running) -> None:
    before = _children(server)
    assert set(before) == {"postgres", "owner", "worker", "collect"}
    for process in before.values():
        os.kill(process.pid, signal.SIGKILL)

    def all_anew() -> bool:
        now = _children(server)
        return set(now) == set(before) and all(now[name] != before[name] for name in now)

    wait_until(all_anew, seconds_max=60, waiting_for="every child to run again")
    wait_until(lambda: _answers(server), seconds_max=60, waiting_for="the owner to answer")


def _back_up_and_restore(server: Running, data: Path, usage: Path) -> None:
    backup, restored = data.parent / "backup", data.parent / "restored"
    assert server.run("backup", backup).code == 0
    assert _import(server, usage, late=100)["accepted"] == 1
    assert server.run("backup", backup).code == 1
    damaged = next((backup / "log").glob("*.seg"))
    content = damaged.read_bytes()
    damaged.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    refused = here("restore", backup, "--to", restored)
    assert refused.code == 1
    assert "is not what was backed up" in refused.err
    damaged.write_bytes(content)
    assert here("restore", backup, "--to", restored).code == 0
    assert here("restore", backup, "--to", restored).code == 1
    with running(restored, "--no-collect") as other:
        again = _import(other, usage, a=1, b=2, c=4, d=8)
        assert again["duplicate"] == 4
        assert _counted(other, again) == "15"
        assert "the audit holds" in other.run("verify", "audit").out


def _left_over(data: Path) -> list[int]:
    return [
        process.pid
        for process in psutil.process_iter(["cmdline"])
        if any(str(data / "postgres") in word for word in process.info["cmdline"] or [])
    ]


def test_a_port_in_use_starts_nothing() -> None:
    """A taken port is told before PostgreSQL is made."""
    with data_directory() as data, socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        ended = tallystick("up", "--data", data, "--port", port)
        assert ended.code == 3
        assert "--port" in ended.err
        assert not (data / "postgres").exists()


def test_a_newer_data_directory_is_not_touched(tmp_path: Path) -> None:
    """A directory of a newer program is left alone, with a message."""
    (tmp_path / "VERSION").write_text("999\n")
    ended = here("up", "--data", tmp_path)
    assert ended.code == 1
    assert "newer" in ended.err
    assert [path.name for path in tmp_path.iterdir()] == ["VERSION"]


def test_an_unknown_setting_is_told() -> None:
    """A variable that is no setting is refused by name."""
    ended = tallystick("doctor", env={"TALLYSTICK_PROT": "9090"})
    assert ended.code == 1
    assert "TALLYSTICK_PROT is no setting" in ended.out


def test_the_first_key_is_shown_even_if_the_server_does_not_come_up() -> None:
    """It is made before the server starts and kept nowhere: later nobody could show it."""
    with data_directory() as data:
        nowhere = {"TALLYSTICK_CLICKHOUSE_URL": "http://127.0.0.1:1/"}
        ended = tallystick("up", "--data", data, "--port", str(free_port()), env=nowhere)
        assert ended.code == 3
        assert "does not come up" in ended.err
        assert "admin key, shown this once:  ts_live_" in ended.out + ended.err
