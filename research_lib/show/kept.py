"""What does not depend on the language of a page, kept for the pages in the other languages."""

from collections.abc import Callable
from functools import wraps
from operator import is_


def kept[*Given, Made](make: Callable[[*Given], Made]) -> Callable[[*Given], Made]:
    """Keep the last result of a function as long as it is given the same objects, which nobody changes."""
    last: list[tuple[tuple[object, ...], Made]] = []

    @wraps(make)
    def made(*given: *Given) -> Made:
        for before, found in last:
            if all(map(is_, before, given)):
                return found
        found = make(*given)
        last[:] = [(given, found)]
        return found

    return made
