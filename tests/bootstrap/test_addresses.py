"""Where each role connects, with the embedded server and with a server of one's own."""

from __future__ import annotations

from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from tallystick.bootstrap import settings_from
from tallystick.bootstrap.engines import APP_ROLE, OWNER_ROLE, postgres_uri


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
