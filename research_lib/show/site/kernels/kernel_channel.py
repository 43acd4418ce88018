"""What a kernel says to the server: heard without a signal, and as soon as the kernel is ready."""

import math
from contextlib import suppress
from queue import Empty
from time import monotonic
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.channels import AsyncZMQSocketChannel
from traitlets import Type

_LOOK = 0.5  # seconds after which a channel looks for a message of which it has heard nothing


class LookingChannel(AsyncZMQSocketChannel):
    """A channel that finds a message whose arrival was not signalled.

    ZeroMQ signals an arrival once. A message that is sent on the same socket at that moment takes the signal away, as
    the state of an output widget does; nbclient then waits for ever (its issue 312).
    """

    async def get_msg(self, timeout: float | None = None) -> dict[str, Any]:  # type: ignore[override]
        """Give the next message; raises Empty where none comes within the seconds of `timeout`."""
        end = None if timeout is None else monotonic() + timeout
        while True:
            left = _LOOK if end is None else min(_LOOK, max(0.0, end - monotonic()))
            try:
                return await super().get_msg(timeout=left)
            except Empty:
                if end is not None and monotonic() >= end:
                    raise


class LookingClient(AsyncKernelClient):
    """A client of a kernel whose answers and outputs are found without a signal."""

    shell_channel_class = Type(LookingChannel)
    iopub_channel_class = Type(LookingChannel)

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait until the kernel answers and its outputs are heard; raises RuntimeError where it does not.

        Jupyter's own client listens a fifth of a second more for outputs of others, which nbclient leaves out anyway.
        """
        end = monotonic() + (math.inf if timeout is None else timeout)
        while True:
            self.kernel_info()
            with suppress(Empty):
                await self.get_shell_msg(timeout=1)
                await self.get_iopub_msg(timeout=_LOOK)
                return
            if not await self.is_alive() or monotonic() > end:
                raise RuntimeError("the kernel does not answer")
