"""Regular expressions under a limit of time: some never end, and only a process of its own can be stopped.

This file is also the program of that process, which loads nothing of this package.
"""

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from itertools import accumulate, pairwise

SECONDS = 5.0
MOST = 100_000
_AS_IT_IS = "surrogatepass"


def matches(pattern: str, texts: Sequence[str], *, seconds: float = SECONDS) -> list[list[tuple[int, int]]]:
    """Find a pattern in each text, case ignored: the stretches that are not empty, for each text.

    Raises CodingError for a pattern that is none, one that takes longer, and one with more than 100,000 matches.
    """
    from research_lib.errors import CodingError

    head = json.dumps([pattern, [len(text) for text in texts]])
    sent = f"{head}\n".encode() + "".join(texts).encode(errors=_AS_IT_IS)
    order = [sys.executable, "-I", "-S", __file__]
    try:
        answer = subprocess.run(order, input=sent, capture_output=True, timeout=seconds, check=True).stdout
    except subprocess.TimeoutExpired as error:
        reason = f"the expression was stopped after {seconds:g} seconds"
        raise CodingError(f"{reason}; write it without repetitions inside repetitions, such as (a+)+") from error
    except subprocess.CalledProcessError as error:
        raise CodingError("the expression needs more memory than there is; write a shorter one") from error
    found = json.loads(answer)
    if "wrong" in found:
        raise CodingError(f"this is not a regular expression: {found['wrong']}; correct it, or search for a phrase")
    if found["count"] > MOST:
        raise CodingError(f"the expression has more than {MOST:,} hits; write a narrower one")
    rows: list[list[tuple[int, int]]] = [[] for _ in texts]
    for number, low, high in found["places"]:
        rows[number].append((low, high))
    return rows


def _answer(sent: bytes) -> dict[str, object]:
    head, _, rest = sent.partition(b"\n")
    pattern, lengths = json.loads(head)
    whole, places = rest.decode(errors=_AS_IT_IS), []
    try:
        wanted = re.compile(pattern, re.IGNORECASE | re.MULTILINE)
    except (re.error, OverflowError, RecursionError) as error:
        return {"wrong": str(error)}
    for number, (low, high) in enumerate(pairwise(accumulate(lengths, initial=0))):
        for found in wanted.finditer(whole[low:high]):
            if found.end() > found.start():
                places.append((number, *found.span()))
                if len(places) > MOST:
                    return {"count": len(places)}
    return {"count": len(places), "places": places}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_answer(sys.stdin.buffer.read())))
