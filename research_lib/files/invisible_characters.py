"""Characters that nobody sees and that a text must not have: they cut it, command a screen, or turn it around."""

import re

_LAST_OF_EACH_PLANE = "".join(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
_TURNING = "\u202a-\u202e\u2066-\u2069"
UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufeff\U000e0000-\U000e007f"
    f"{_TURNING}{_LAST_OF_EACH_PLANE}]"
)


def unseen_in(text: str) -> str:
    """Name the first character of a text that nobody sees, where it stands, and the fix; nothing for a plain text.

    Tabs and line ends are plain; control characters, half pairs, characters that Unicode never assigns, hidden marks
    and commands that turn the direction of a text are not.
    """
    found = None if text.isascii() and text.isprintable() else UNSEEN.search(text)
    if found is None:
        return ""
    return f"has U+{ord(found[0]):04X} as character {found.start() + 1}, which nobody sees; take it out"
