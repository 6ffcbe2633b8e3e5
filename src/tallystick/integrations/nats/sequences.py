"""
Which numbers of a stream a batch of deliveries accounts for.

NATS numbers messages in the stream and deliveries to the consumer. Two deliveries in a row, the
second for the first time, account for all numbers in between: those are not for this consumer.
Where the count of deliveries jumps, another process has had some, and only the message itself
counts.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from tallystick.integrations.sources import ReadSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """One delivery: number in the stream, number among deliveries, how often it was delivered."""

    stream: int
    consumer: int
    times: int


@dataclass(slots=True, kw_only=True)
class Sequences:
    """The last delivery that was seen, and the highest number of the stream delivered at all."""

    stream: int
    consumer: int

    def spans(self, deliveries: Iterable[Delivered]) -> tuple[ReadSpan, ...]:
        """
        Return what deliveries account for, in their order.

        Example:
            >>> seen = Sequences(stream=4, consumer=10)
            >>> first = Delivered(stream=7, consumer=11, times=1)
            >>> again = Delivered(stream=2, consumer=12, times=2)
            >>> for span in seen.spans([first, again]):
            ...     print(span.first, span.end)
            5 8
            2 3
        """
        found = []
        for each in sorted(deliveries, key=lambda each: each.consumer):
            in_a_row = each.consumer == self.consumer + 1
            is_new = each.times == 1 and each.stream > self.stream
            first = self.stream + 1 if in_a_row and is_new else each.stream
            found.append(ReadSpan(first=first, end=each.stream + 1))
            self.consumer = each.consumer
            self.stream = max(self.stream, each.stream)
        return tuple(found)


def matches(subject: str, pattern: str) -> bool:
    """
    Tell whether a subject is one of a pattern: `*` is one word, `>` the rest.

    Example:
        >>> matches("usage.eu.api", "usage.*.api"), matches("usage.eu.api", "usage.>")
        (True, True)
        >>> matches("usage.eu", "usage.*.api"), matches("usage", "usage.>")
        (False, False)
    """
    words, wanted = subject.split("."), pattern.split(".")
    for place, word in enumerate(wanted):
        if word == ">":
            return len(words) > place
        if place >= len(words) or word not in {"*", words[place]}:
            return False
    return len(words) == len(wanted)
