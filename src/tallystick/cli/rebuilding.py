"""`tallystick rebuild`: drop the projection, which the next start loads again from the log."""

import shutil

from tallystick.bootstrap.engines import clickhouse_url
from tallystick.cli.connection import HERE, Session
from tallystick.storage.clickhouse import ClickHouse, EventProjection


def rebuild(*, session: Session = HERE) -> None:
    """
    Drop the projection in ClickHouse; the next start loads it again from the log.

    Nothing is lost by it: every event stands in the log. While it loads, questions about usage
    answer from what is there, and billing waits. Stop the server first.

    For example:

        tallystick rebuild
        tallystick up

    Args:
        session: Which data directory, and how the answer is written.
    """
    settings, directory = session.settings(), session.directory()
    directory.prepare()
    with directory.locked(), directory.locked("log.lock"):
        if settings.clickhouse_url is None:
            shutil.rmtree(directory.clickhouse, ignore_errors=True)
        else:
            clickhouse = ClickHouse(clickhouse_url(settings))
            EventProjection(clickhouse).rebuild()
            clickhouse.close()
    told = "the projection is dropped; it is loaded again from the log at the next start"
    session.answer({"dropped": True}, told)
