"""
What a full disk or a lost power supply can leave of ClickHouse's own files.

The engine does not open a directory in which the definition of a table is an empty file. All that
it holds is derived from the log, so that such a directory is dropped whole and loaded again.
"""

import shutil
from pathlib import Path


def drop_if_torn(directory: Path) -> bool:
    """Remove the engine's directory if a definition in it is empty; return whether it was."""
    torn = any(path.stat().st_size == 0 for path in directory.rglob("*.sql"))
    if torn:
        shutil.rmtree(directory)
    return torn
