"""What a kernel answers is heard, also where its arrival is not signalled."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from queue import Empty

import pytest
import zmq
import zmq.asyncio
from jupyter_client.session import Session

from research_lib.show.site.kernels.kernel_channel import LookingChannel, LookingClient
from research_lib.show.site.kernels.visitor_kernels import VisitorKernel


async def _answer_and_send_at_once(channel, kernel, session):
    """Let a kernel answer while the server sends the state of an output widget, which takes the signal away."""
    channel.send(session.msg("execute_request"))
    visitor = kernel.recv_multipart()[0]
    answer = asyncio.ensure_future(channel.get_msg())
    await asyncio.sleep(0.1)
    session.send(kernel, "execute_reply", ident=visitor)
    time.sleep(0.2)
    channel.send(session.msg("comm_msg"))
    return await asyncio.wait_for(answer, 20)


def _on_channel(task):
    with ThreadPoolExecutor(1) as pool:  # a browser of other tests may run a loop in this thread
        return pool.submit(asyncio.run, _with_kernel(task)).result()


async def _with_kernel(task):
    session = Session(key=b"a key")
    with zmq.asyncio.Context() as context, closing(zmq.Context.shadow(context.underlying).socket(zmq.ROUTER)) as kernel:
        port = kernel.bind_to_random_port("tcp://127.0.0.1")
        with context.socket(zmq.DEALER) as socket:
            socket.connect(f"tcp://127.0.0.1:{port}")
            return await task(LookingChannel(socket, session), kernel, session)


def test_an_answer_is_heard_though_a_message_is_sent_as_it_arrives():
    answer = _on_channel(_answer_and_send_at_once)
    assert answer["msg_type"] == "execute_reply"


@pytest.mark.parametrize("seconds", [0, 0.7])
def test_a_wait_ends_after_its_seconds_and_not_before(seconds):
    async def wait(channel, *_):
        start = time.monotonic()
        with pytest.raises(Empty):
            await channel.get_msg(timeout=seconds)
        return time.monotonic() - start

    assert seconds <= _on_channel(wait) < seconds + 10


def test_the_kernels_of_visitors_are_heard_on_this_channel(tmp_path):
    client = VisitorKernel(connection_file=str(tmp_path / "kernel.json")).client()
    assert isinstance(client, LookingClient)
    assert isinstance(client.shell_channel, LookingChannel) and isinstance(client.iopub_channel, LookingChannel)
    client.stop_channels()
