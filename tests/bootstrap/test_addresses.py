"""Where each role connects, with the embedded server and with a server of one's own."""

from __future__ import annotations

from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from tallystick.bootstrap import settings_from
from tallystick.bootstrap.engines import APP_ROLE, OWNER_ROLE, postgres_uri
from tallystick.kernel import Misuse


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://tallystick_owner:secret@db.example:5433/books?sslmode=require",
        "postgresql:///books?host=db.example&user=tallystick_owner&password=s&sslmode=require",
        "host=db.example port=5433 dbname=books user=tallystick_owner password=secret",
    ],
)
def test_roles_share_the_server_of_a_url(url: str, tmp_path: Path) -> None:
    """The URL names the owner; other roles differ from it in the user alone."""
    settings = settings_from({"TALLYSTICK_POSTGRES_URL": url}, data=tmp_path)
    owner = conninfo_to_dict(postgres_uri(settings, OWNER_ROLE))
    app = conninfo_to_dict(postgres_uri(settings, APP_ROLE))
    assert owner["user"] == OWNER_ROLE
    assert app == owner | {"user": APP_ROLE}


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("", ""),
        ("https://bills.example.com", "https://bills.example.com"),
        ("https://Bills.example.com:8443/", "https://bills.example.com:8443"),
    ],
)
def test_letters_link_to_the_public_address(text: str, url: str, tmp_path: Path) -> None:
    """Where none is named there are no links."""
    assert settings_from({"TALLYSTICK_PUBLIC_URL": text}, data=tmp_path).public_url == url


@pytest.mark.parametrize(
    "text",
    [
        "http://bills.example.com",
        "bills.example.com",
        "https://bills.example.com/tally",
        "https://bills.example.com?a=b",
        "https://me:secret@bills.example.com",
        "https://bills.example.com:port",
        "https://bills.example.com\r\nBcc: a@b.example",
        "https://" + "a" * 260,
        "https://",
    ],
)
def test_what_is_no_public_address_is_refused(text: str, tmp_path: Path) -> None:
    """Over https, since mail programs call no other, and without a path."""
    with pytest.raises(Misuse, match="TALLYSTICK_PUBLIC_URL"):
        settings_from({"TALLYSTICK_PUBLIC_URL": text}, data=tmp_path)
