"""A process that answers what tests ask it, a line of JSON each, for as long as the tests of a file run."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from select import select
from subprocess import PIPE, Popen
from typing import Any

PATIENCE = 60  # seconds of its end


@contextmanager
def working(program: str, *words: str, seconds: float) -> Iterator[Callable[[object], Any]]:
    """Start a program of this folder; gives a function that asks it and waits at most so many seconds."""
    command = [sys.executable, str(Path(__file__).with_name(program)), *words]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    with Popen(command, stdin=PIPE, stdout=PIPE, text=True, env=environment) as process:

        def ask(question: object) -> Any:
            print(json.dumps(question), file=process.stdin, flush=True)
            assert select([process.stdout], [], [], seconds)[0], f"{program} did not answer within {seconds} s"
            return json.loads(process.stdout.readline())

        try:
            yield ask
            process.stdin.close()
            process.wait(timeout=PATIENCE)
        finally:
            process.kill()
