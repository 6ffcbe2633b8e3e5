"""Finding the owner process of a data directory."""

import socket
from pathlib import Path

import pytest

from tallystick.client import Endpoint
from tallystick.kernel import EngineUnavailable


def _listen(path: Path) -> socket.socket:
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(path))
    return server


def test_token_and_socket_are_found(tmp_path: Path) -> None:
    """A running owner is found by its socket and card."""
    (tmp_path / "owner.json").write_text('{"token": "t0", "pid": 5}')
    with _listen(tmp_path / "owner.sock"):
        endpoint = Endpoint.local(tmp_path)
    assert (endpoint.key, endpoint.socket) == ("t0", str(tmp_path / "owner.sock"))


@pytest.mark.parametrize(
    ("card", "words"), [(None, "tallystick up"), ("{", "damaged"), ('{"token": "t"}', "no server")]
)
def test_what_to_do_where_there_is_none(tmp_path: Path, card: str | None, words: str) -> None:
    """Without a server, or with a damaged card, the message says what to do."""
    if card is not None:
        (tmp_path / "owner.json").write_text(card)
    with pytest.raises(EngineUnavailable, match=words):
        Endpoint.local(tmp_path)
