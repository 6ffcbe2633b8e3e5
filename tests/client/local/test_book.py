"""Books: what was written is there, whatever ended the process."""

import os
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tallystick.client.local.book import Book, BookFull, read_lines
from tallystick.client.local.place import claim_place, left_places
from tallystick.client.local.uses import Head, line_of, read_lease, use_line
from tests.waiting import wait_until

_WRITER = """
import sys, threading
from pathlib import Path
from tallystick.client.local.book import Book
from tallystick.client.local.place import claim_place
book = Book(claim_place(Path(sys.argv[1])).directory / "a.lease")
for number in range(10_000):
    book.write(b"%d\\n" % number)
print("written", flush=True)
threading.Event().wait()
"""


def test_lines_outlive_a_killed_process(tmp_path: Path) -> None:
    """Each line that was written is there after kill -9, and the place is free for another."""
    with subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(tmp_path)], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"written\n"
        assert list(left_places(tmp_path)) == []
        process.send_signal(signal.SIGKILL)
    (place,) = left_places(tmp_path)
    (path,) = place.books("lease")
    assert list(read_lines(path)) == [b"%d" % number for number in range(10_000)]
    path.unlink()
    place.remove()
    assert not place.directory.exists()


def test_a_place_is_reported_by_one_at_a_time(tmp_path: Path) -> None:
    """Who has locked a left place keeps others out, and one with books in it stays."""
    place = claim_place(tmp_path)
    Book(place.directory / "a.lease").close()
    place.remove()
    (found,) = left_places(tmp_path)
    assert list(left_places(tmp_path)) == []
    found.unlock()
    (again,) = left_places(tmp_path)
    assert [path.name for path in again.books("lease")] == ["a.lease"]
    again.unlock()


def test_a_full_book_refuses_and_keeps_what_it_has(tmp_path: Path) -> None:
    """At its bound nothing is thrown away: the use that finds no room is not to be allowed."""
    path = tmp_path / "a.lease"
    with closing(Book(path, bytes_max=10)) as book:
        book.write(b"12345678\n")
        with pytest.raises(BookFull, match="bound of 10 bytes"):
            book.write(b"9\n")
        book.sync()
    assert path.read_bytes() == b"12345678\n"


def test_what_the_disk_lacks_is_passed_over(tmp_path: Path) -> None:
    """Zeros and torn lines, which a machine leaves that lost its power, spoil nothing else."""
    head = Head(lease="l", account="acme", feature="calls", source="shop")
    path = tmp_path / "l.lease"
    good = use_line("l-1", 3, 17, None)
    last = use_line("l-9", 1, 18, {"region": "eu"})
    path.write_bytes(line_of(head) + good + b"\0" * 40 + b'"l-2",3]\n' + last + b'["l-3",')
    read, uses = read_lease(path)
    assert read == head
    assert [(use.id, use.quantity, use.data) for use in uses] == [
        ("l-1", 3, None),
        ("l-9", 1, {"region": "eu"}),
    ]


def test_reading_while_writing_sees_whole_lines(tmp_path: Path) -> None:
    """What is read between two lengths is what was written between them."""
    with closing(Book(tmp_path / "a.lease")) as book:
        for number in range(2_000):
            start = book.length
            book.write(b"%d\n" % number)
            assert book.lines(start, book.length) == [b"%d" % number]


def test_a_child_does_not_free_the_place_of_its_parent(tmp_path: Path) -> None:
    """A lock ends with the last process that has it, not when a child ends."""
    place = claim_place(tmp_path)
    child = os.fork()
    if not child:
        os._exit(0)
    wait_until(lambda: os.waitpid(child, 0)[0] == child, seconds_max=5, waiting_for="the child")
    assert list(left_places(tmp_path)) == []
    place.remove()
