"""The data directory and the settings refuse what would go wrong later."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tallystick.bootstrap import DataDirectory, DirectoryUnusable, settings_from
from tallystick.bootstrap.data_directory import FORMAT
from tallystick.kernel import Misuse


def test_a_directory_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    """What a newer program wrote is not touched."""
    (tmp_path / "VERSION").write_text("99\n")
    with pytest.raises(DirectoryUnusable, match="use the program that wrote it"):
        DataDirectory(root=tmp_path).prepare()


def test_a_directory_with_other_things_is_refused(tmp_path: Path) -> None:
    """A home directory named by mistake stays as it is."""
    (tmp_path / "thesis.odt").write_text("")
    with pytest.raises(DirectoryUnusable, match=r"thesis\.odt"):
        DataDirectory(root=tmp_path).prepare()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["thesis.odt"]


def test_a_directory_where_only_a_collector_ran_is_taken(tmp_path: Path) -> None:
    """The host collector may have kept its spool here before the first start of all the rest."""
    (tmp_path / "collector-host" / "spool").mkdir(parents=True)
    DataDirectory(root=tmp_path).prepare()
    assert (tmp_path / "VERSION").read_text() == f"{FORMAT}\n"


def test_a_second_process_is_refused_and_the_lock_ends_with_its_holder(tmp_path: Path) -> None:
    """The lock names its holder, and a killed holder leaves none behind."""
    data = DataDirectory(root=tmp_path)
    data.prepare()
    program = (  # holds the lock until it is killed
        "import sys; from pathlib import Path; from tallystick.bootstrap import DataDirectory\n"
        "with DataDirectory(root=Path(sys.argv[1])).locked():\n"
        "    print('held', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={"PYTHONPATH": "src"},
        cwd=Path(__file__).parents[2],
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with (
            pytest.raises(DirectoryUnusable, match=f"process {holder.pid} already runs"),
            data.locked(),
        ):
            pass
        holder.kill()
    with data.locked():
        pass


def test_what_tenants_sent_is_closed_to_other_users(tmp_path: Path) -> None:
    """Log and projection are their owner's alone, whatever the umask and whoever made them."""
    data = DataDirectory(root=tmp_path / "data")
    data.segments.mkdir(parents=True)
    data.prepare()
    for folder in (data.run, data.segments.parent, data.clickhouse):
        assert folder.stat().st_mode & 0o777 == 0o700, folder


def test_the_identity_secret_is_made_once_and_missed(tmp_path: Path) -> None:
    """A log without its secret is refused, since repeats would count again."""
    data = DataDirectory(root=tmp_path)
    data.prepare()
    seed = data.identity_seed()
    assert data.identity_seed() == seed
    data.segments.mkdir(parents=True)
    (data.segments / "00000000000000000001.seg").write_bytes(b"")
    for damage in (lambda path: path.write_bytes(path.read_bytes()[:7]), Path.unlink):
        damage(tmp_path / "secret")
        with pytest.raises(DirectoryUnusable, match="restore it from the backup"):
            data.identity_seed()


@pytest.mark.parametrize(
    ("environment", "complaint"),
    [
        ({"TALLYSTICK_PROT": "1"}, "TALLYSTICK_PROT is no setting"),
        ({"TALLYSTICK_PORT": "80 80"}, "whole number from 0 to 65535"),
        ({"TALLYSTICK_PORT": "65536"}, "whole number from 0 to 65535"),
        ({"TALLYSTICK_LOG_LEVEL": "loud"}, "debug, info, warning, error"),
    ],
)
def test_a_wrong_setting_is_named_with_what_can_be(
    environment: dict[str, str], complaint: str
) -> None:
    """A typo in the environment is an error, not a default."""
    with pytest.raises(Misuse, match=complaint):
        settings_from(environment)
