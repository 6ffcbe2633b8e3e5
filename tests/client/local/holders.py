"""
Processes that each hold a lease, for tests that kill some of them.

Run with where the server is, a key, the shared folder, and the figures of `Figures` as JSON. It
prints its children's process ids. Each child spends `spent_first` uses, waits for the end of
standard input, and goes on until it is refused. Each use that was allowed is a byte in its own file
`done-N`, written after it was decided.
"""

import os
import sys
from pathlib import Path

import msgspec

from tallystick.client import Endpoint, LocalQuotas, LocalTimes


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What the holders do."""

    holders: int
    slice: int
    seconds: int
    spent_first: int
    tick: float = 0.05
    left_behind: float = 0.2


def hold(endpoint: Endpoint, folder: Path, figures: Figures, *, number: int) -> None:
    """Be one holder."""
    done = os.open(folder / f"done-{number}", os.O_CREAT | os.O_WRONLY)
    times = LocalTimes(tick=figures.tick, left_behind=figures.left_behind, answer=30)
    with LocalQuotas(endpoint, directory=folder / "quotas", times=times) as quotas:
        calls = quotas.leased("acme", "calls", quantity=figures.slice, seconds=figures.seconds)
        for _ in range(figures.spent_first):
            if calls.consume().allowed:
                os.write(done, b"x")
        sys.stdin.buffer.read()
        while calls.consume().allowed:
            os.write(done, b"x")


def main() -> None:
    """Fork the holders and wait for them."""
    url, key, folder, figures_text = sys.argv[1:]
    figures = msgspec.json.decode(figures_text, type=Figures)
    children = []
    for number in range(figures.holders):
        child = os.fork()
        if not child:
            status = 1
            try:
                hold(Endpoint(url=url, key=key), Path(folder), figures, number=number)
                status = 0
            finally:
                os._exit(status)
        children.append(child)
    sys.stdout.write(" ".join(map(str, children)) + "\n")
    sys.stdout.flush()
    for child in children:
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
