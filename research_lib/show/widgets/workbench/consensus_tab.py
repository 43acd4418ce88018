"""The tab of the consensus: where coders differ, each place in its passage, and what is decided there and why."""

from typing import Any

import pandas as pd

from research_lib.coding import consensus
from research_lib.coding.storage.reflexive import is_reflexive
from research_lib.errors import CodingError
from research_lib.show.widgets.workbench.desk import Command, Tab, plain_rows

_ASKED = ("choose", "filter", "decide", "sum-up")
_AT_ONCE, _CONTEXT, _PAIRS = 200, 240, 12
_NEAR = ["coder", "code", "value", "low", "high"]
_DONE = ("segments", "none")


class ConsensusTab(Tab):
    """The differences that this coder may see, the chosen one, and what the decisions add up to."""

    name = "consensus"
    chosen, kind, shows_decided = "", "", False
    _listed: pd.DataFrame | None = None
    _summed_up: tuple[list[dict[str, Any]], list[dict[str, Any]]] = ([], [])

    def act(self, command: Command) -> str:
        """Choose or decide a difference, and say in a word what was done; raises CodingError."""
        match command["do"]:
            case "choose":
                self.chosen = command["difference"]
            case "filter":
                self.kind, self.shows_decided = command["kind"], bool(command["decided"])
            case "decide":
                return self._decide(command)
            case "sum-up":
                store = self.desk.store
                near = [] if is_reflexive(store) else plain_rows(consensus.beside_consensus(store)[_NEAR])
                self._summed_up = (plain_rows(consensus.code_confusions(store).head(_PAIRS)), near)
            case unknown:
                raise CodingError(f"the consensus does not know {unknown!r}; it knows {', '.join(_ASKED)}")
        return ""

    def _decide(self, command: Command) -> str:
        row = self._row(command["difference"])
        options = {name: command[name] for name in ("take", "segments", "reason", "defer") if name in command}
        store, place = self.desk.store, list(self._shown()["difference"]).index(row["difference"])
        consensus.decide(store, row["difference"], document=row["document"], by=self.desk.coder, **options)
        listed = self._list()
        fresh = consensus.differences_of(store, document=row["document"]).set_index("difference")
        here = listed["difference"].isin(fresh.index)
        for name in ("outcome", "by", "at", "reason"):
            listed.loc[here, name] = listed.loc[here, "difference"].map(fresh[name])
        rest = self._shown()["difference"]
        self.chosen = "" if rest.empty else rest.iloc[min(place + self.shows_decided, len(rest) - 1)]
        return "deferred" if command.get("defer") else "decided"

    def _list(self) -> pd.DataFrame:
        if self._listed is None:
            self._listed = consensus.differences_of(self.desk.store, by=self.desk.coder)
        return self._listed

    def _shown(self) -> pd.DataFrame:
        listed = self._list()
        kept = listed if self.shows_decided else listed[~listed["outcome"].isin(_DONE)]
        return kept[kept["kind"] == self.kind] if self.kind else kept

    def _row(self, difference: str) -> dict[str, Any]:
        found = self._list()[self._list()["difference"] == difference]
        if found.empty:
            raise CodingError("this difference is not there any more; open the tab again")
        return {str(name): value for name, value in found.iloc[0].items()}

    def show(self) -> None:
        """Compare the codings as they are now."""
        self._listed = None

    def data(self) -> dict[str, Any]:
        """Give the differences, worst first, the chosen one in its passage, and pairs of codes that are confused."""
        listed, shown = self._list(), self._shown()
        names = dict(self.desk.store.documents()[["document", "name"]].itertuples(index=False))
        rows = shown.head(_AT_ONCE)[["difference", "document", "kind", "parted", "codes", "coders", "outcome"]]
        if self.chosen not in set(listed["difference"]):
            self.chosen = rows["difference"].iloc[0] if len(rows) else ""
        confusions, near = self._summed_up
        return {
            "rows": [row | {"document": names[row["document"]]} for row in plain_rows(rows)],
            "more": max(len(shown) - _AT_ONCE, 0),
            "open": int((~listed["outcome"].isin(_DONE)).sum()),
            "decided": int(listed["outcome"].isin(_DONE).sum()),
            "kinds": {str(kind): int(count) for kind, count in shown["kind"].value_counts().items()},
            "kind": self.kind,
            "shows_decided": self.shows_decided,
            "chosen": self._passage() if self.chosen else None,
            "confusions": confusions,
            "near": near,
        }

    def _passage(self) -> dict[str, Any]:
        """The chosen difference with what stands around it, and who gave what."""
        row, store = self._row(self.chosen), self.desk.store
        document = store.document(row["document"])
        first, last = max(row["start"] - _CONTEXT, 0), row["end"] + _CONTEXT
        fields = ("id", "start", "end", "code", "coder", "memo")
        segments = [{name: getattr(one, name) for name in fields} for one in map(store.coding, row["members"])]
        decided = store.records("decision").get(self.chosen)
        return {name: row[name] for name in ("difference", "kind", "outcome")} | {
            "document": document.name,
            "language": document.language,
            "text": document.text[first:last],
            "first": first,
            "segments": sorted(segments, key=lambda one: (one["coder"], one["start"], one["code"])),
            "silent": sorted(set(row["readers"]) - set(row["coders"])),
            "decided": decided and {name: decided[name] for name in ("outcome", "segments", "reason", "by")},
        }
