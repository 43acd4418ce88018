"""What one visitor may send to a kernel and be sent from it."""

import time
from dataclasses import dataclass, field

MOST_MESSAGE_BYTES = 4 * 2**20  # a page may take a file, and says itself when it is too large
_SECONDS = 10


class ExcessError(ValueError):
    """A visitor sends, or asks for, more than pages do."""


@dataclass
class Allowance:
    """What the visitor of one kernel may send and be sent in ten seconds: a slider that is dragged stays far below it.

    It is the kernel's and not the connection's, so that a visitor who comes back has no new one.
    """

    most_messages: int = 1000
    most_bytes: int = 2 * MOST_MESSAGE_BYTES
    most_answered: int = 4 * MOST_MESSAGE_BYTES
    started: float = field(default_factory=time.monotonic)
    messages: int = 0
    bytes: int = 0
    answered: int = 0

    def spend(self, size: int) -> None:
        """Count one message of the visitor; raises ExcessError where there are too many, or they are too long."""
        self._renew()
        self.messages += 1
        self.bytes += size
        if self.messages > self.most_messages or self.bytes > self.most_bytes:
            raise ExcessError("a visitor sends more than widgets do")

    def answer(self, size: int) -> None:
        """Count one message to the visitor; raises ExcessError where they are too long together."""
        self._renew()
        self.answered += size
        if self.answered > self.most_answered:
            raise ExcessError("a visitor is sent more than widgets hold")

    def _renew(self) -> None:
        if time.monotonic() - self.started > _SECONDS:
            self.started, self.messages, self.bytes, self.answered = time.monotonic(), 0, 0, 0
