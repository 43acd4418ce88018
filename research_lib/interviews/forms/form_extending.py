"""A partner's own questions, added to the common form without a change to any of its names, choices or conditions."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from research_lib.errors import Problem, quoted
from research_lib.interviews.forms.form_rows import BEGINNINGS, ENDINGS, OFFICE, Form, FormError, Row

_PREFIX = re.compile(r"[a-z][a-z0-9]*_")
_PARTNERS_SETTINGS = ("prefix", "form_title", "version", "public_key")


def extend(core: Form, partner: Form) -> Form:
    """Add a partner's questions and lists to the common form.

    The partner's settings name a `prefix`, such as `tp_`, with which all of its names begin; its title and version are
    used. A group of the common form that it begins again, giving only the name, receives what stands there, at the
    end of the group. A group of its own stands after the common group begun before it in the file, otherwise at the
    end of the form. Raises FormError with the file and line of each row that would change the common form.
    """
    prefix = _prefix(core, partner)
    if problems := [*_objections(core, partner, prefix)]:
        raise FormError(f"{partner.file}: it cannot be added to {core.file}; fix these rows.", tuple(problems))
    survey = list(core.survey)
    after = len(survey)
    for block in _blocks(partner.survey):
        if _begins_core(core, block[0]):
            end = _end_of(survey, block[0]["name"])
            survey[end:end] = block[1:-1]
            after = _end_of(survey, block[0]["name"]) + 1
        else:
            survey[after:after] = block
            after += len(block)
    settings = _settings(core, partner, prefix)
    return Form(f"{core.file} + {partner.file}", tuple(survey), (*core.choices, *partner.choices), (settings,))


def _prefix(core: Form, partner: Form) -> str:
    prefix = partner.settings[0]["prefix"] if partner.settings else ""
    if not _PREFIX.fullmatch(prefix):
        raise FormError(f"{partner.file}: its settings need a `prefix` such as `tp_`: small letters, digits, then _.")
    names = {row["name"] for row in core.survey} | set(core.lists)
    if taken := sorted(name for name in names if name.startswith(prefix)):
        raise FormError(f"{partner.file}: the common form has {taken[0]!r}; take another prefix than {quoted(prefix)}.")
    return prefix


def _objections(core: Form, partner: Form, prefix: str) -> Iterator[Problem]:
    """What a partner's rows would change in the common form."""
    names = {row["name"] for row in core.survey if row["name"]}
    for row, groups in partner.placed():
        if not groups and _begins_core(core, row):
            yield from _changes(row)
        elif row.kind not in ENDINGS:
            yield from _wrong_name(row, names, prefix)
        if not groups and row.kind not in (*BEGINNINGS, *ENDINGS):
            yield row.problem("type", "it stands in no group; begin one before it, or one of the common form's")
    for row in partner.choices:
        if not row.list_name.startswith(prefix):
            reason = f"the list {quoted(row.list_name)} is not the partner's own; begin its name with {quoted(prefix)}"
            yield row.problem("list_name", reason)
    for column in partner.settings[0].cells if partner.settings else ():
        if partner.settings[0][column] and column not in _PARTNERS_SETTINGS:
            yield partner.settings[0].problem(column, "the common form settles this; leave it empty")


def _wrong_name(row: Row, names: set[str], prefix: str) -> Iterator[Problem]:
    if row["name"] in names:
        yield row.problem("name", f"{row['name']!r} is a name of the common form and cannot be given again")
    elif not row["name"].startswith(prefix):
        yield row.problem("name", f"{quoted(row['name'])} must begin with the partner's prefix {quoted(prefix)}")


def _changes(row: Row) -> Iterator[Problem]:
    """What stands beside the name of a common group that is begun again."""
    if row["name"] in OFFICE:
        yield row.problem("name", f"nothing is added to {row['name']!r}: it comes before the consent or is the consent")
    for column in row.cells:
        if row[column] and column not in ("type", "name"):
            yield row.problem(column, f"the common group {row['name']!r} cannot be changed; leave this empty")


def _begins_core(core: Form, row: Row) -> bool:
    return row.kind in BEGINNINGS and (row.kind, row["name"]) in core.groups


def _blocks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Part rows into whole outermost groups, and single questions outside of any."""
    block, depth = list[Row](), 0
    for row in rows:
        block.append(row)
        depth += (row.kind in BEGINNINGS) - (row.kind in ENDINGS)
        if not depth:
            yield block
            block = []


def _end_of(survey: list[Row], name: str) -> int:
    """Where the row stands that ends a group."""
    start = next(i for i, row in enumerate(survey) if row["name"] == name and row.kind in BEGINNINGS)
    group = next(_blocks(survey[start:]), survey[start:])
    return start + len(group) - 1


def _settings(core: Form, partner: Form, prefix: str) -> Row:
    own, added = core.settings[0], partner.settings[0]
    cells = {
        **own.cells,
        "form_title": added["form_title"] or own["form_title"],
        "form_id": f"{own['form_id']}_{prefix.rstrip('_')}",
        "version": "-".join(filter(None, (own["version"], added["version"]))),
        **{column: added[column] for column in ("public_key",) if added[column]},
    }
    return replace(own, cells=cells)
