"""What a kernel writes into the log of the server: enough to see what fails, and so little that it fills no disk."""

import asyncio
import os
import sys

_MOST = 2**16  # bytes of one kernel
_LEFT_OUT = b"\nA kernel has written 64 kB into this log; what else it writes is left out.\n"
_PIECE = 2**16


class KernelWords:
    """The words of one kernel, up to a limit; what is beyond it is read and left out, so that the kernel goes on."""

    def __init__(self) -> None:
        self.left = _MOST
        self._ends: list[int] = []

    def open(self) -> int:
        """Give the end of a pipe that a kernel writes into; it is open until `listen` is called."""
        self._ends = list(os.pipe())
        os.set_blocking(self._ends[0], False)
        return self._ends[1]

    def listen(self) -> None:
        """Pass on what arrives, until the kernel has ended; the kernel has its own copy of the other end."""
        while len(self._ends) > 1:
            os.close(self._ends.pop())
        if self._ends:
            asyncio.get_running_loop().add_reader(self._ends[0], self._read)

    def say(self, words: bytes) -> None:
        """Write words into the log as far as the limit allows."""
        if self.left > 0:
            sys.stderr.buffer.write(words[: self.left] + (_LEFT_OUT if len(words) >= self.left else b""))
            sys.stderr.flush()
            self.left -= len(words)

    def close(self) -> None:
        """Listen no more."""
        while self._ends:
            end = self._ends.pop()
            asyncio.get_running_loop().remove_reader(end)
            os.close(end)

    def _read(self) -> None:
        try:
            words = os.read(self._ends[0], _PIECE)
        except BlockingIOError:
            return
        if words:
            self.say(words)
        else:
            self.close()
