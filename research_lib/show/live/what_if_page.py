"""What if: move a cell of the calibrated situations, and see what is then enough for the outcome, and how firmly."""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import pandas as pd

from research_lib.evidence.study import Study
from research_lib.methods.qca.moved_cells import (
    DEGREES,
    Analysis,
    Cell,
    CellsFinding,
    WhatIfResult,
    best_conditions,
    calibrated,
    what_if,
)
from research_lib.show.live.live_page import LivePage, NotYetChosenError, dropdown, grid, keep, many, rendered
from research_lib.show.words import Words

_CUTS = [0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.0]
_CODERS = ("agreed", "first", "second")


@dataclass(frozen=True)
class WhatIfWords:
    """Names of a study's sets and situations in one language, and what a result says."""

    study: Study
    words: Words

    def name(self, code: str) -> str:
        """The name of a set, or its code in words."""
        phrases = self.words.phrases
        return phrases.get(f"set.{code}") or phrases.get(f"whatif.set_{code}") or code.replace("_", " ")

    def case(self, case: str) -> str:
        """The name of a situation."""
        return self._cases.get(case, case)

    def degree(self, degree: float | None) -> str:
        """A membership in words."""
        return self.words.phrases.get(f"whatif.degree_{self.code(degree)}") or f"{degree:g}"

    def code(self, degree: float | None) -> str:
        """A membership as part of a key: `067`, or `none`."""
        return "none" if degree is None or pd.isna(degree) else f"{degree:g}".replace(".", "")

    def figure(self, degree: float) -> str:
        """A membership as it stands in the table: .67."""
        return f"{degree:.2g}".replace("0.", ".")

    def models(self, finding: CellsFinding) -> str:
        """The tied models of a finding in words, or that there is none."""
        return self.words("whatif.or").join(map(self.model, finding.models)) or self.words("whatif.none")

    def model(self, text: str) -> str:
        """Write `~institution*kin` as one says it."""
        terms = [self.words("whatif.and").join(map(self._literal, term.split("*"))) for term in text.split(" + ")]
        return self.words("compare.or").join(terms)

    def share(self, value: float) -> str:
        """A coverage in percent."""
        return self.words("amount.percent", number=f"{100 * value:.0f}")

    def number(self, value: float) -> str:
        """A consistency or a threshold, as the language writes it."""
        return self.words.number(round(value, 2)) if pd.notna(value) else ""

    def sentence(self, found: WhatIfResult) -> str:
        """Say what is enough for the outcome, and whether the moved cells change that."""
        values = {
            "outcome": self.name(found.analysis.outcome),
            "cells": self.words.plural("whatif.cells", len(found.moved)),
        }
        before, after = found.before, found.after
        if not after.models:
            falls = found.moved and before.models
            return self.words("whatif.falls" if falls else "whatif.nothing", before=self.models(before), **values)
        if not found.moved:
            shown = {"model": self.models(after), "cases": len(after.cases), "coverage": self.share(after.coverage)}
            return self.words("whatif.enough", **shown, **values)
        if found.is_changed:
            return self.words("whatif.other", after=self.models(after), before=self.models(before), **values)
        shares = {"after": self.share(after.coverage), "before": self.share(before.coverage)}
        return self.words("whatif.same", model=self.models(after), **shares, **values)

    def firmness(self, found: WhatIfResult) -> list[str]:
        """Say how much of the result depends on single cells, thresholds and cases."""
        firm = found.firmness
        if firm is None:
            return []
        moves = {"moves": firm.moves, "others": len(firm.others)}
        cases = self.words.listed(map(self.case, firm.left_out))
        lines = [self.words("whatif.firm_moves" if len(firm.others) else "whatif.firm_moves_none", **moves)]
        lines += [self.words("whatif.firm_thresholds", low=self.number(firm.low), high=self.number(firm.high))]
        lines += [self.words("whatif.firm_cases" if cases else "whatif.firm_cases_none", cases=cases)]
        return lines + [
            self.words("whatif.firm_alike", cases=" · ".join(map(self.case, alike)), result=self.models(without))
            for alike, without in firm.alike
        ]

    def _literal(self, literal: str) -> str:
        name = self.name(re.sub(r"^~", "", literal))
        return self.words("whatif.not", name=name) if literal.startswith("~") else name

    @cached_property
    def _cases(self) -> dict[str, str]:
        return {row.id: self.words.of(row, "name") for row in self.study["situations"].itertuples()}


class WhatIf(LivePage):
    """Calibrated situations whose cells can be moved.

    The choices are the widgets `coder`, `outcome`, `conditions`, `inclusion`, and `case`, `name`, `degree` for the cell
    that is moved; `back` puts all cells back. `moved` holds the moved cells, `result` is a `WhatIfResult`.
    """

    def __init__(self, study: Study | Path | str | None = None, *, language: str | None = None):
        """Show a study: an opened one, a folder, or the one that is served; in a language that it has."""
        super().__init__(study, language=language)
        self.moved: dict[Cell, float] = {}
        self.coder, self.outcome, self.inclusion, self.case, self.name, self.degree = (
            dropdown(self.words(f"whatif.{key}")) for key in ("coder", "outcome", "inclusion", "case", "set", "degree")
        )
        self.conditions = many(self.words("whatif.conditions"), 8)
        self.back = widgets.Button(description=self.words("whatif.back"))
        self._why = widgets.HTML()
        self._names = WhatIfWords(self.study, self.words)
        self._calibrations = self.study["calibrations"]
        cell = grid(self.case, self.name, self.degree, self.back)
        rest = grid(self.outcome, self.conditions, self.coder, self.inclusion)
        further = widgets.HTML(f"<h2>{self.words('whatif.further')}</h2>")
        self.lay_out(cell, self.state, self.picture, self._why, further, rest, self.below)
        self.listen(self.coder, self.outcome, self.conditions, self.inclusion, self.case, self.name)
        self.degree.observe(self._move, "value")
        self.back.on_click(lambda _: self.put_back())
        self.refresh()

    def put_back(self) -> None:
        """Put all moved cells back."""
        self.moved = {}
        self.refresh()

    def offer(self) -> None:
        """Give each control the options that the others leave open."""
        if self._calibrations.empty:
            raise NotYetChosenError(self.words("whatif.wanted"))
        coders = [name for name in _CODERS if self._calibrations["coder"].eq(name).any()]
        keep(self.coder, [(self.words(f"whatif.coder_{name}"), name) for name in coders])
        cells, names = self._cells, self._names
        sets = [(names.name(code), code) for code in self.study.vocabularies.meanings("sets") if code in cells]
        keep(self.outcome, sets, "control")
        others = [each for each in sets if each[1] != self.outcome.value]
        keep(self.conditions, others, best_conditions(cells, self.outcome.value))
        keep(self.inclusion, [(f"{cut:g}", cut) for cut in _CUTS], 0.8)
        used = [*self.conditions.value, self.outcome.value]
        told = cells[used].notna().sum(axis=1).sort_values(ascending=False, kind="stable")
        told = told[told.ge(len(used) - 1)].index
        keep(self.case, [(names.case(case), case) for case in told])
        keep(self.name, [(names.name(code), code) for code in used])
        keep(self.degree, [(names.degree(degree), degree) for degree in (*DEGREES, None)])
        degree: Any = self.moved.get(self._cell, cells.loc[self._cell] if self.case.value else None)
        self.degree.value = None if pd.isna(degree) else float(degree)
        self.back.disabled = not self.moved

    def work_out(self) -> WhatIfResult:
        """Analyse the calibrations as coded, and with the moved cells."""
        analysis = Analysis(self.outcome.value, tuple(self.conditions.value), self.inclusion.value)
        return what_if(self._cells, analysis, self.moved)

    def drawing(self) -> str:
        """The result as HTML: the sentence, the cells, before and after, how firm it is."""
        self._why.value = rendered("what_if_reason.html.j2", words=self.words, **self._reason())
        context = {"found": self.result, "words": self.words, "names": self._names, "chosen": self._cell}
        context["degrees"] = DEGREES[::-1]
        findings: list[tuple[str, CellsFinding]] = [(self.words("whatif.before"), self.result.before)]
        findings += [(self.words("whatif.after"), self.result.after)] if self.moved else []
        synthetic = "synthetic" in self.study.settings.title.lower()  # calibrations have no mark of their own
        return rendered("what_if.html.j2", findings=findings, synthetic=synthetic, **context)

    def warnings(self) -> list[str]:
        """What holds of every such analysis."""
        return [self.words(f"whatif.caution_{name}") for name in ("few", "move", "cause", "silence")]

    @property
    def _cells(self) -> pd.DataFrame:
        return calibrated(self._calibrations, self.coder.value)

    @property
    def _cell(self) -> Cell:
        return self.case.value, self.name.value

    def _move(self, change: Any) -> None:
        if self._is_setting:
            return
        coded, degree = self._cells.loc[self._cell], change["new"]
        is_back = pd.isna(coded) if degree is None else not pd.isna(coded) and degree == coded
        self.moved.pop(self._cell, None)
        if not is_back:
            self.moved[self._cell] = float("nan") if degree is None else degree
        self.refresh()

    def _reason(self) -> dict[str, Any]:
        rows = self._calibrations[self._calibrations["coder"].eq(self.coder.value)]
        rows = rows[rows["situation_id"].eq(self.case.value) & rows["set_code"].eq(self.name.value)]
        meaning = self.study.vocabularies.meanings("sets").get(self.name.value, "")
        row = rows.iloc[0] if len(rows) else None
        return {"row": row, "meaning": meaning, "names": self._names, "code": self.name.value}
