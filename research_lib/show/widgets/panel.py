"""A page of a study as a widget: what is chosen on it can be read, set and linked from Python."""

import gzip
import json
import zlib
from collections.abc import Iterable, Mapping
from functools import cached_property
from io import StringIO
from pathlib import Path
from typing import Any

import anywidget
import pandas as pd
import traitlets

from research_lib.errors import ResearchError
from research_lib.evidence.checks.nearest import nearest
from research_lib.evidence.settings import read_settings
from research_lib.evidence.study import Study
from research_lib.evidence.study_folders import study_to_read
from research_lib.show.material import Material, material_of, open_material
from research_lib.show.pages.browser_module import page_module, page_style
from research_lib.show.pages.shared.content import saved_text
from research_lib.show.site.build import Bundle, open_bundle
from research_lib.show.site.rendering import Document, render
from research_lib.show.state import ViewState, is_known
from research_lib.show.words import study_words

_MANY, _ROWS = 5, 12
_USED = "\nexport { all, mount, queryFrom };"  # of a page's module, by the widget's


class RenderedPages:
    """The pages of a study, each rendered when it is first asked for."""

    def __init__(self, material: Material):
        self.material = material
        self._rendered: dict[tuple[str, str], Document] = {}

    def parts(self, page: str, language: str) -> Mapping[str, str]:
        """A page's parts; raises ResearchError for a page or a language that the study does not have."""
        return self._page(page, language).parts

    def data(self, page: str, language: str) -> Mapping[str, Any]:
        """A page's choices (`options`, `single`) and its `table`."""
        return self._page(page, language).data

    def _page(self, page: str, language: str) -> Document:
        if (page, language) not in self._rendered:
            self.material.require_page(page, language)
            phrases = study_words(self.material.study, language)
            self._rendered[page, language] = render(page, self.material, phrases)
        return self._rendered[page, language]


class Panel(anywidget.AnyWidget):
    """One page of a study, by its name in `PAGES`.

    Traits, which can be observed, set and linked: `selected`, what is picked on the page; `filters`, the values
    chosen by facet; `view`, the part of the map; `titled`, whether the page's own title is shown; `language`;
    `study`, a folder, an opened study, or None for that of this repository. A value that the page does not have
    raises TraitError.
    """

    _esm = Path(__file__).with_name("panel.mjs")
    packed = traitlets.Bytes().tag(sync=True)
    details = traitlets.Bytes().tag(sync=True)
    selects = traitlets.Unicode("").tag(sync=True)
    selected = traitlets.Unicode("").tag(sync=True)
    view = traitlets.Unicode("").tag(sync=True)
    filters = traitlets.Dict(value_trait=traitlets.List(traitlets.Unicode()), key_trait=traitlets.Unicode()).tag(
        sync=True
    )
    titled = traitlets.Bool(True).tag(sync=True)
    language = traitlets.Unicode("en").tag(sync=True)
    study = traitlets.Any(None)
    part = html = ""

    def __init__(
        self,
        page: str,
        *,
        study: str | Path | Study | None = None,
        bundle: Bundle | RenderedPages | None = None,
        **traits: Any,
    ):
        """Open a page; raises ResearchError where the study does not have it, StudyError where it has problems.

        Raises TypeError for the name of a trait that the widget does not have.
        """
        self._require_traits(traits)
        self._page, self._bundle = page, bundle
        chosen = {name: traits.pop(name) for name in ("selected", "view", "filters") if name in traits}
        super().__init__(study=study, **traits)
        self._draw()
        for name, value in chosen.items():
            setattr(self, name, value)

    def to_csv(self, query: str | None = None) -> str:
        """Write the table that the page saves under what is chosen, or under an address; raises ViewStateError."""
        state, data = self._state, self._data
        if query is not None:
            options, single = {**data["options"], "lang": [self.language]}, ["lang", *data["single"]]
            state = ViewState.from_query(self._page, query, options, single)
        return saved_text(data["table"], state.allows)

    def to_html(self) -> str:
        """Write the page as one HTML file that opens from disk, with what is chosen."""
        words = study_words(self._material.study, self.language)
        query = self._state.to_query()
        return render(self._page, self._material, words, standalone=True, chosen=query, part=self.part).html

    def to_svg(self) -> str:
        """Write the page's drawing; raises ResearchError where it is not one drawing."""
        raise ResearchError(f"the page {self._page!r} is not one drawing; write it with to_html()")

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """The widget, and a form that stands still where no widget can be shown, as in an exported notebook."""
        bundle = super()._repr_mimebundle_(**kwargs)
        data, *metadata = bundle if isinstance(bundle, tuple) else (bundle,)
        shown = {**(data or {}), **self._still()}
        return (shown, *metadata) if metadata else shown

    def _still(self) -> dict[str, str]:
        """The page's drawing where it is one, or the first rows of what is chosen as a table."""
        if type(self).to_svg is not Panel.to_svg:
            return {"image/svg+xml": self.to_svg()}
        table = pd.read_csv(StringIO(self.to_csv()), dtype="str", keep_default_na=False)
        more = f"<p>{len(table) - _ROWS} more rows</p>" if len(table) > _ROWS else ""
        return {"text/html": table.head(_ROWS).to_html(index=False, justify="left") + more}

    @traitlets.observe("language", "study")
    def _redraw(self, _: Any) -> None:
        if self.html:
            for name in ("_pages", "_material"):
                self.__dict__.pop(name, None)
            self._draw()

    @traitlets.validate("language")
    def _require_language(self, proposal: Mapping[str, Any]) -> Any:
        """Refuse a language that the study does not have."""
        own = self.study.settings if isinstance(self.study, Study) else read_settings(self._folder)
        if proposal["value"] not in own.languages:
            raise traitlets.TraitError(
                f"language: the study has no {proposal['value']!r:.20}; {', '.join(own.languages)}"
            )
        return proposal["value"]

    @traitlets.validate("selected", "view", "filters")
    def _require_known(self, proposal: Mapping[str, Any]) -> Any:
        """Refuse a value that the page does not have."""
        value, name = proposal["value"], proposal["trait"].name
        stated = value if name == "filters" else {self.selects if name == "selected" else "view": [value]}
        options = self._data["options"]
        for key, values in stated.items():
            if unknown := [each for each in values if each and not is_known(each, options.get(key, []))]:
                if key not in options:
                    raise traitlets.TraitError(
                        f"{name}: there is no {key or 'choice'!r:.60}; there are {', '.join(options)}"
                    )
                known = options[key]
                more = f" and {len(known) - _MANY} more" if len(known) > _MANY else ""
                raise traitlets.TraitError(
                    f"{name}: {key or self._page} has no {unknown[0]!r:.60}; there are {', '.join(known[:_MANY])}{more}"
                )
        return value

    def _require_traits(self, names: Iterable[str]) -> None:
        """Refuse what traitlets would drop without a word that a notebook shows."""
        own = [name for name in Panel.class_own_traits(sync=True) if name not in ("packed", "details", "selects")]
        if unknown := [name for name in names if not self.has_trait(name)]:
            near = nearest(unknown[0], own)
            raise TypeError(f"{type(self).__name__} takes no {unknown[0]!r:.60}{near}; it takes {', '.join(own)}")

    @traitlets.validate("study")
    def _require_study(self, proposal: Mapping[str, Any]) -> Any:
        """Refuse what is neither a study nor a folder."""
        if not isinstance(study := proposal["value"], str | Path | Study | None):
            raise traitlets.TraitError(
                f"study: give a folder, an opened study or None, not a {type(study).__name__}; "
                "RouteMap takes frames as places= and legs="
            )
        return study

    def _draw(self) -> None:
        """Send the page with its style and its module, and then what it shows after a click."""
        parts = self._pages.parts(self._page, self.language)
        main, later = parts["main"], parts["later"]
        self.html = main + later
        of = zlib.crc32(self.html.encode())
        # In a shadow root there is no document and no body.
        style = page_style([self._page]).replace(":root", ":host").replace("body {", "main { padding: var(--s2);")
        page = {"html": main, "part": self.part, "style": style}
        self.packed = _packed(page | {"module": page_module([self._page]) + _USED, "of": of})
        self.details = _packed({"html": later, "of": of})

    @cached_property
    def _pages(self) -> Bundle | RenderedPages:
        """The built pages where there are any, or such as are rendered from the study as it is."""
        if self._bundle or isinstance(self.study, Study):
            return self._bundle or RenderedPages(self._material)
        try:
            return open_bundle(self._folder)
        except ResearchError:
            return RenderedPages(self._material)

    @cached_property
    def _material(self) -> Material:
        return material_of(self.study) if isinstance(self.study, Study) else open_material(self._folder)

    @property
    def _folder(self) -> Path:
        return study_to_read(self.study)

    @property
    def _data(self) -> Mapping[str, Any]:
        return self._pages.data(self._page, self.language)

    @property
    def _state(self) -> ViewState:
        """What is chosen, as a value."""
        own = {self.selects: [self.selected], "view": [self.view]}
        chosen = {**self._data["default"], **self.filters, **own}
        stated = {name: tuple(value for value in values if value) for name, values in chosen.items()}
        return ViewState(self._page, {name: values for name, values in stated.items() if name and values})


def _packed(content: Mapping[str, object]) -> bytes:
    return gzip.compress(json.dumps(content, ensure_ascii=False).encode(), mtime=0)
