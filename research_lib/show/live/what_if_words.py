"""The words of the page What if: names of sets and situations, models in words, and the sentence."""

import re
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from research_lib.evidence.study import Study
from research_lib.show.live.moved_cells import Finding, WhatIfResult
from research_lib.show.words import Words


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

    def models(self, finding: Finding) -> str:
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
        cases = ", ".join(map(self.case, firm.left_out))
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
