"""Compare: choose an outcome and two groups, and read what differs and how sure that is."""

from base64 import b64encode
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from research_lib.errors import ResearchError
from research_lib.show.live.comparable_data import MOST_BYTES, Asked, Comparable, Question, newest_released, read_own
from research_lib.show.live.group_comparison import Comparison, compare, counted, first_asked, p_value, points
from research_lib.show.live.live_page import LivePage, NotYetChosenError, dropdown, grid, keep, many, rendered

if TYPE_CHECKING:
    from research_lib.evidence.study import Study

_RELEASED, _OWN = "released", "own"


def get_ready() -> None:
    """Load in advance what most dashboards need, so that a page whose kernel waited has its widgets at once."""
    with suppress(ResearchError):
        Compare().close()


class Compare(LivePage):
    """Two groups compared, from the study's newest release or from a visitor's own table.

    The choices are the widgets `source`, `upload`, `question`, `yes`, `by`, `first`, `second`, `strata` and `family`;
    `result` is a `Comparison`.
    """

    def __init__(self, study: "Study | Path | str | None" = None, *, language: str | None = None):
        """Show a study: an opened one, a folder, or the one that is served; in a language that it has."""
        super().__init__(study, language=language)
        words = self.words
        self._released = newest_released(self.folder / "released", words)
        self.source, self.question, self.by = (dropdown(words(f"compare.{key}")) for key in ("data", "question", "by"))
        self.first, self.second, self.strata = (
            dropdown(words(f"compare.{key}")) for key in ("first", "second", "strata")
        )
        self.yes, self.family = many(words("compare.answers"), 3), many(words("compare.family"), 5)
        self.family.add_class("live-wide")
        self.upload = widgets.FileUpload(accept=".csv,text/csv", description=words("compare.upload"))
        self._own_note = widgets.HTML(f"<p>{words('compare.own', most=MOST_BYTES // 1000)}</p>")
        self._own = widgets.VBox([self.upload, self._own_note])
        keep(self.source, self._sources())
        chosen = (self.question, self.yes, self.by, self.first, self.second, self.strata, self.family)
        self._chosen = [grid(self.question, self.first, self.second), grid(self.yes, self.by, self.strata, self.family)]
        further = widgets.HTML(f"<h2>{words('compare.further')}</h2>")
        own = grid(self.source, self._own)
        self.lay_out(self._chosen[0], self.state, self.picture, further, self._chosen[1], own, self.below)
        self.listen(self.source, self.upload, *chosen)
        self.refresh()

    def offer(self) -> None:
        """Give each control the options that the others leave open."""
        self._own.layout.display = "flex" if self.source.value == _OWN else "none"
        for box in self._chosen:
            box.layout.display = "none" if self.source.value == _OWN and not self.upload.value else "grid"
        data, words = self._data(), self.words
        questions = {name: each for name, each in data.questions.items() if data.sides(name)}
        is_new = self.question.value not in questions
        begin = first_asked(data) if is_new else None
        keep(self.question, _named(questions.values()), begin.question if begin else _first(questions))
        question = questions[self.question.value]
        codes = list(question.values)
        keep(
            self.yes, [(name, code) for code, name in question.values.items()], ["yes" if "yes" in codes else codes[0]]
        )
        sides = {each.id: each for each in data.sides(question.id)}
        keep(self.by, _named(sides.values()), begin and begin.by)
        values = [(name, code) for code, name in sides[self.by.value].values.items()]
        keep(self.first, values, begin and begin.groups[0])
        keep(self.second, [each for each in values if each[1] != self.first.value], begin and begin.groups[1])
        keep(self.strata, [(words("compare.no_strata"), ""), *_named(data.sides(question.id, self.by.value))])
        keep(self.family, _named(self._family(questions)) if not self.strata.value else ())

    def work_out(self) -> Comparison:
        """Compare the chosen groups."""
        if not self.yes.value:
            raise NotYetChosenError(self.words("compare.answers_wanted"))
        groups = (self.first.value, self.second.value)
        asked = Asked(self.question.value, tuple(self.yes.value), self.by.value, groups, self.strata.value)
        return compare(self._data(), asked, self.words, family=self.family.value)

    def drawing(self) -> str:
        """The comparison as HTML: the sentence, the picture, the cautions."""
        csv = b64encode(self.result.to_csv().encode()).decode()
        stem = "synthetic-comparison" if self.result.is_synthetic else "comparison"
        tools = {"counted": counted, "points": points, "p_value": p_value}
        return rendered(
            "compare.html.j2",
            found=self.result,
            words=self.words,
            csv=csv,
            stem=stem,
            is_translated=self._data().is_translated,
            **tools,
        )

    def warnings(self) -> tuple[str, ...]:
        """What to be careful with in this comparison."""
        return tuple(self.result.cautions)

    def _sources(self) -> list[tuple[str, str]]:
        kind = "synthetic" if self._released and self._released.is_synthetic else "released"
        released = [(self.words(f"compare.data_{kind}"), _RELEASED)] if self._released else []
        return [*released, (self.words("compare.data_own"), _OWN)]

    def _data(self) -> Comparable:
        if self.source.value == _RELEASED and self._released:
            return self._released
        if not self.upload.value:
            raise NotYetChosenError(self.words("compare.own_wanted"))
        file = self.upload.value[0]
        return self._read(file["name"], bytes(file["content"]))

    def _read(self, name: str, content: bytes) -> Comparable:
        """Read the uploaded file once, and not again at each choice."""
        if getattr(self, "_known", None) != (name, content):
            self._table, self._known = read_own(name, content, self.words), (name, content)
        return self._table

    def _family(self, questions: dict[str, Question]) -> list[Question]:
        """The questions that have the same answers and the same groups."""
        wanted, data = set(self.yes.value), self._data()
        return [
            each
            for name, each in questions.items()
            if name not in (self.question.value, self.by.value)
            and wanted <= set(each.values)
            and self.by.value in [side.id for side in data.sides(name)]
        ]


def _named(questions: Any) -> list[tuple[str, str]]:
    return [(each.title, each.id) for each in questions]


def _first(questions: dict[str, Question]) -> str | None:
    """The first question that is answered by yes or no, or else the first one."""
    return next(
        (name for name, each in questions.items() if {*each.values} == {"yes", "no"}), next(iter(questions), None)
    )
