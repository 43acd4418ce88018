"""The channel on which the server hears a kernel's answers."""

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
