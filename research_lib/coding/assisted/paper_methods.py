"""The methods section of a paper, filled in from what a store knows happened, so that nothing that ran is left out."""

import pandas as pd

from research_lib.coding.assisted.attribute_errors import AttributeErrors
from research_lib.coding.assisted.machine_log import machine_agreement, machine_runs
from research_lib.coding.assisted.suggestion_log import answered_suggestions, held_out
from research_lib.coding.storage.reflexive import STATEMENT, is_reflexive
from research_lib.coding.storage.store import Store


def paper_methods(store: Store, *, unit: str = "sentence", errors: AttributeErrors | None = None) -> str:
    """Write the methods of a coded project as Markdown: material, people, agreement, suggestions, every machine run.

    `unit`: in which agreement is counted, without the places where a coder answered a suggestion. `errors`: of a
    machine's codes by attribute, if they were tested. A reflexive project has neither agreement nor machines.
    """
    parts = ["# How the texts were coded", _material(store), "## People", _people(store)]
    if is_reflexive(store):
        parts.append(STATEMENT)
    else:
        parts += ["## Agreement", _agreement(store, unit), "## Suggestions", _suggestions(store)]
        parts += ["## Machines", _machines(store), *(_errors(errors) if errors else [])]
    return "\n\n".join(parts) + "\n"


def _material(store: Store) -> str:
    documents, versions = store.documents(), store.versions()["version"]
    languages = ", ".join(f"{language} ({count})" for language, count in documents["language"].value_counts().items())
    codes, version = sum(code.is_codable for code in store.codebook()), versions.max() if len(versions) else 0
    return (
        f"Documents: {len(documents)}, with {documents['characters'].sum():,} characters. Languages: {languages}. "
        f"Codes that can be given: {codes}, in version {version} of the codebook."
    )


def _people(store: Store) -> str:
    codings, finished = store.codings()["coder"].value_counts(), store.finished()["coder"].value_counts()
    table = pd.DataFrame({"segments": codings, "documents read to the end": finished}).fillna(0).astype(int)
    people = table.drop(index=[*machine_runs(store)["coder"], ""], errors="ignore").sort_index()
    return _table(people.rename_axis("coder").reset_index())


def _agreement(store: Store, unit: str) -> str:
    table = machine_agreement(store, unit=unit, left_out=answered_suggestions(store))
    if table.empty:
        return "No document was read to its end by two coders."
    rows = [
        {
            "between": f"{row.coder} and {row.other}" if row.coder else "people",
            "code": row.code,
            "α": "not defined" if pd.isna(row.value) else f"{row.value:.2f}",
            "95 % interval": "none" if pd.isna(row.low) else f"{row.low:.2f} to {row.high:.2f}",
            "units": row.units,
            "coverage": f"{row.coverage:.0%}",
        }
        for row in table.itertuples(index=False)
    ]
    return f"Krippendorff's α by code; a unit is a {unit}; intervals over documents.\n\n{_table(pd.DataFrame(rows))}"


def _suggestions(store: Store) -> str:
    said, without = answered_suggestions(store)["is_accepted"], len(held_out(store))
    return (
        f"Suggestions of a classifier that coders accepted: {said.sum()}; that they rejected: {len(said) - said.sum()}."
        " These places do not count in agreement. Documents that were drawn to stay without suggestions: "
        f"{without} of {len(store.documents())}."
    )


def _machines(store: Store) -> str:
    runs = machine_runs(store)
    variants = len(runs[["backend", "configuration_hash", "prompt_hash"]].drop_duplicates())
    unended = runs["ended"].isna().sum()
    said = (
        f"Runs that were begun: {len(runs)}, of different variants: {variants}, not ended: {unended}. "
        "The table lists all. No machine was given codings of the documents that it coded, or of their translations. "
        "Coverage is the share of passages that it did not refuse; dropped are quotations that do not stand in the "
        "text at one place, or carry an unknown code."
    )
    short = {name: runs[name].str[:12] for name in ("configuration_hash", "prompt_hash")}
    dropped = runs[["not_found", "several_places", "unknown_code"]].sum(axis=1, min_count=3)
    percent = runs["coverage"].map(lambda share: "" if pd.isna(share) else f"{share:.0%}")
    shown = runs.assign(**short, begun=runs["begun"].str[:10], dropped=dropped, coverage=percent)
    columns = ["run", "backend", *short, "by", "begun", "documents", "passages", "coverage", "dropped", "codings"]
    return f"{said}\n\n{_table(shown[columns])}" if len(runs) else "No machine coded."


def _errors(errors: AttributeErrors) -> list[str]:
    said = "Whether the machine's error differs by attribute, over documents (Ashwin, Chhabra and Rao 2025)."
    return ["## Errors by attribute", said, _table(errors.verdicts.assign(p=errors.verdicts["p"].map("{:.3f}".format)))]


def _table(frame: pd.DataFrame) -> str:
    cells = frame.map(lambda cell: "" if pd.isna(cell) else f"{cell:.0f}" if isinstance(cell, float) else str(cell))
    rows = [list(frame.columns), ["---"] * len(frame.columns), *cells.to_numpy().tolist()]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |" for row in rows
    )
