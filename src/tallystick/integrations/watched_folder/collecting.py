"""The loop of a watched folder."""

import threading
from pathlib import Path

from tallystick.integrations.files import FileMapping, mapping_from_document
from tallystick.integrations.sources import Desk, FolderSource
from tallystick.integrations.watched_folder.watched_folder import WatchedFolder
from tallystick.kernel import Misuse, Refused

ROUND_SECONDS = 1.0


def collect_folder(source: FolderSource, *, desk: Desk, stopping: threading.Event) -> None:
    """
    Count the files of a folder until told to stop.

    Raises:
        Misuse: the folder is not there, or lies outside of what may be read here.
        EngineUnavailable: the server cannot be reached.
    """
    folder = WatchedFolder(
        path=_allowed(Path(source.path), desk.surroundings.folders),
        pattern=source.pattern,
        settle_seconds=source.settle_seconds,
        mapping=None if source.mapping is None else _mapping(source.mapping),
        desk=desk,
    )
    folder.remember()
    while not stopping.is_set():
        folder.round()
        stopping.wait(ROUND_SECONDS)


def _allowed(path: Path, roots: tuple[Path, ...]) -> Path:
    real = path.resolve()
    if not any(real.is_relative_to(root.resolve()) for root in roots):
        listed = ", ".join(str(root) for root in roots) or "none"
        message = (
            f"{path} lies outside of the folders that may be watched here ({listed}); name its "
            "root in TALLYSTICK_SOURCE_FOLDERS where the collector is started"
        )
        raise Misuse(message)
    if not real.is_dir():
        raise Misuse(f"there is no folder {path} on the collector's computer; make it")
    return real


def _mapping(document: dict[str, object]) -> FileMapping:
    outcome = mapping_from_document(document)
    if isinstance(outcome, Refused):
        raise Misuse(outcome.problems[0].message)
    return outcome.value
