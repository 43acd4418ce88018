"""Ctrl+C ends every command in one sentence, wherever it is: also where a library makes another error of it."""

import os
import signal
import subprocess
import sys
import time

import pytest

# Each is code in which Ctrl+C arrives; the first two are in code that is not Python's.
WHERE = {
    "a count": "import duckdb; began(); duckdb.sql('select sum(a.range * b.range) from range(99999999) a, "
    "range(99999999) b').fetchall()",
    "a count through ibis": "import ibis; t = ibis.range(9999999).unnest().name('n').as_table(); began(); "
    "t.cross_join(t.view()).count().execute()",
    "an error of another kind": "began()\ntry:\n    time.sleep(60)\nexcept KeyboardInterrupt:\n    {}['lost']",
    "an error in words": "from research_lib.errors import ResearchError\nbegan()\ntry:\n    time.sleep(60)\n"
    "except KeyboardInterrupt as error:\n    raise ResearchError('the file is broken') from error",
    "a library that waits for its threads": "import threading; began()\ntry:\n    time.sleep(60)\n"
    "except KeyboardInterrupt:\n    threading.Event().wait()",
    "Python": "began(); time.sleep(60)",
    "an end": "import contextlib; began()\nwith contextlib.suppress(KeyboardInterrupt):\n    time.sleep(60)\nsys.exit(1)",
}
COMMAND = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell lets programs in its background ignore it
from research_lib import cli
def began():
    print("began", flush=True)
@cli.app.command()
def counts():
    exec(sys.stdin.read())
sys.argv = ["research-lib", "counts"]
cli.main()
"""


@pytest.mark.parametrize("code", WHERE.values(), ids=WHERE)
@pytest.mark.skipif(os.name != "posix", reason="Windows has no signal to send")
def test_ctrl_c_is_a_stop_in_one_sentence(code):
    with subprocess.Popen(
        [sys.executable, "-c", COMMAND],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        process.stdin.write(code)
        process.stdin.close()
        assert process.stdout.readline() == "began\n"
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=120)
        finally:
            process.kill()
        said = process.stderr.read()
    assert said == "stopped; what was not finished is not saved, and the next command clears it away\n"
    assert process.returncode == 130
