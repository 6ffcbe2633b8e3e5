"""The store of idempotency keys: which commands were answered, and how."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What stands under an idempotency key: the command, the digest of its input, its answer."""

    command: str
    input_digest: str
    answer: bytes


class AnsweredCommands(Protocol):
    """The store of idempotency keys of one workspace."""

    def take(self, key: str, *, command: str, input_digest: str) -> Answered | None:
        """Take the key and return ``None``, or return what stands under it; waits for a rival."""
        ...

    def answer(self, key: str, answer: bytes) -> None:
        """Keep the answer of a key taken in this unit of work."""
        ...
