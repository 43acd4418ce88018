"""Reads the selections on a text and the codings on them into columns."""

from research_lib.exchange.refi import elements
from research_lib.exchange.refi.contents import Selections
from research_lib.exchange.refi.elements import Element, local
from research_lib.exchange.refi.guids import plain
from research_lib.exchange.refi.losses import Losses
from research_lib.exchange.refi.naming import is_own
from research_lib.exchange.refi.paragraphs import ID, split

_FAR = 1 << 62


def position(text: str | None) -> int:
    """Read a position; what is none lies before the text."""
    try:
        return max(min(int(text or ""), _FAR), -_FAR)
    except ValueError:
        return -1


def add_selection(columns: Selections, element: Element, stretch: tuple[int, int], losses: Losses) -> None:
    """Add one selection, with its codings, to the columns of its text."""
    attributes = dict(element.items())
    number, first, described = len(columns.guids), len(columns.ids), ""
    columns.guids.append(plain(attributes.get("guid", "")))
    columns.starts.append(stretch[0])
    columns.ends.append(stretch[1])
    columns.names.append(attributes.get("name"))
    if not attributes.keys() <= elements.SELECTION_ATTRIBUTES:
        elements.tell_strangers(element, losses)
    for child in element:
        name = local(child)
        if name == "Coding":
            add_coding(columns, child, attributes, losses)
        elif name == "NoteRef":
            columns.memos.setdefault(number, []).append(plain(child.get("targetGUID") or ""))
        elif name == "Description":
            described = "\n\n".join(filter(None, [described, "".join(child.itertext())]))
        else:
            losses.add(local(element), f"element {name}", "the standard has no such element here")
    if described:
        _describe(columns, described, number, first)


def _describe(columns: Selections, text: str, number: int, first: int) -> None:
    """Keep the description of a selection as a comment, or give the id in it to the coding that is proven by it."""
    comment, fields = split(text, ID) if "Id: " in text else (text, {})
    own = fields.get("Id", "")
    renamed = [each for each in range(first, len(columns.ids)) if is_own("coding", columns.ids[each], own)]
    columns.renamed |= dict.fromkeys(renamed[:1], own)
    if words := comment if renamed else text:
        columns.comments[number] = words


def add_coding(columns: Selections, element: Element, selection: dict[str, str], losses: Losses) -> None:
    """Add one coding on the selection that was added last, whose attributes stand in for those that it lacks."""
    attributes = dict(element.items())
    if not attributes.keys() <= elements.CODING_ATTRIBUTES:
        elements.tell_strangers(element, losses)
    code = ""
    for child in element:
        name, target = local(child), plain(child.get("targetGUID") or "")
        if name == "CodeRef" and not code:
            code = target
        elif name == "NoteRef":
            columns.notes.setdefault(len(columns.ids), []).append(target)
        else:
            losses.add("Coding", f"element {name}", "a coding has one code, and notes")
    columns.at.append(len(columns.guids) - 1)
    columns.ids.append(plain(attributes.get("guid", "")))
    columns.codes.append(code)
    columns.users.append(attributes.get("creatingUser") or selection.get("creatingUser", ""))
    columns.times.append(attributes.get("creationDateTime") or selection.get("creationDateTime"))
