"""Whole projects into a store and out of it."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from research_lib.coding.codebook import Codebook
from research_lib.coding.project import Case, Coder, Project, Set, Value
from research_lib.coding.storage.reflexive import STATEMENT, is_reflexive
from research_lib.coding.storage.store import Store
from research_lib.errors import CodingError

_TYPES = {"date": date.fromisoformat, "datetime": datetime.fromisoformat}


def add_project(project: Project, store: Store, *, coder: str) -> None:
    """Put a project into a store: all of it, or nothing where anything is in the way.

    Its codes come beside those that the store has; a code of the same id must say the same. Raises CodingError where a
    document or coding is there already, or a code differs.
    """
    with store.writing():
        store.save_codebook(_joined(store.codebook(), project.codebook), coder=coder)
        for document in project.corpus:
            store.add_document(document, coder=coder)
        store.add_codings(project.codings, coder=coder)
        head = {"name": project.name, "description": project.description}
        store.put("project", "project", head, coder=coder)
        for person in project.coders:
            store.put("coder", person.id, asdict(person), coder=coder)
        for case in project.cases:
            store.put("case", case.id, asdict(case) | {"attributes": _plain(case.attributes)}, coder=coder)
        for group in project.sets:
            store.put("set", group.id, asdict(group), coder=coder)


def project_of(store: Store, *, name: str | None = None) -> Project:
    """Give all that a store holds as one project, ready to be written in a foreign format."""
    codings = store.codings().drop(columns="version")
    with store.reading():
        head = {"name": store.path.stem, "description": ""} | store.records("project").get("project", {})
        if is_reflexive(store):
            head["description"] = f"{head['description']}\n{STATEMENT}".strip()
        named = {key: Coder(**body) for key, body in store.records("coder").items()}
        nameless = {coder: Coder(coder) for coder in sorted(codings["coder"].unique()) if coder not in named}
        return Project(
            name=name or head["name"],
            description=head["description"],
            codebook=store.codebook(),
            corpus=store.corpus(),
            codings=codings,
            coders=tuple((named | nameless).values()),
            cases=cases_of(store),
            sets=tuple(Set(**_tuples(body)) for body in store.records("set").values()),
        )


def cases_of(store: Store) -> tuple[Case, ...]:
    """Give the cases that a store holds, in the order in which they were put."""
    cases = []
    for body in store.records("case").values():
        values = {name: _TYPES[kind](text) if kind else text for name, (kind, text) in body["attributes"].items()}
        cases.append(Case(**_tuples(body) | {"attributes": values}))
    return tuple(cases)


def _joined(old: Codebook, new: Codebook) -> Codebook:
    """The codes of both; raises CodingError where one id stands for two things."""
    if clash := next((code.id for code in new if code.id in old and code != old[code.id]), None):
        raise CodingError(f"the code {clash!r} is another one in the store; rename it in the project first")
    return Codebook((*old, *(code for code in new if code.id not in old)))


def _tuples(body: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in body.items()}


def _plain(attributes: Mapping[str, Value]) -> dict[str, tuple[str, Any]]:
    """Each value with the name of its type, where JSON has no such type."""
    return {
        name: (type(value).__name__, value.isoformat()) if isinstance(value, date) else ("", value)
        for name, value in attributes.items()
    }
