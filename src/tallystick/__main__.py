"""Starts the command; here the processes of packages that do not know each other meet."""

import sys

from tallystick.cli import main

PROCESSES = {"owner": "tallystick.owner:main", "worker": "tallystick.worker:worker"}


def run() -> None:
    """Run the command line and end with its exit code."""
    sys.exit(main(processes=PROCESSES))


if __name__ == "__main__":
    run()
