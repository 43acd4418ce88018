"""XForms as ODK Central and KoboToolbox give them, read as the rows of an XLSForm."""

import re
from collections.abc import Iterator, Mapping
from io import BytesIO

from lxml import etree

from research_lib.files.archives import refuse_document_type
from research_lib.interviews.forms.form_rows import Form, FormError, Row
from research_lib.interviews.forms.question_types import with_own_names

_NS = {"x": "http://www.w3.org/2002/xforms", "h": "http://www.w3.org/1999/xhtml"}
_JR = "{http://openrosa.org/javarosa}"
_SELECTS = {"select1": "select_one", "select": "select_multiple", "rank": "rank"}
_TYPES = {"string": "text", "int": "integer", "binary": "file", "": "text"}
_MEDIA = re.compile(r"(image|audio|video)/")
_ITEXT, _LIST = re.compile(r"jr:itext\(\s*'([^']*)'\s*\)"), re.compile(r"instance\(\s*'([^']+)'\s*\)")
_PATH = re.compile(r"(?<![\w.)])(?:current\(\)/)?(?:/|(?:\.\./)+)[A-Za-z_][\w.-]*(?:/(?:\.\.|[A-Za-z_][\w.-]*))*")


def xml_root(data: bytes, file: str) -> etree._Element:
    """Parse XML of others; raises UnsafeFileError for a document type or an entity, FormError where it is malformed."""
    refuse_document_type(BytesIO(data), file)
    try:
        return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True))
    except (etree.XMLSyntaxError, ValueError) as error:
        raise FormError(f"{file}: it is not well-formed XML ({error!s:.99}); export it again.") from error


def read_xform(data: bytes, file: str) -> Form:
    """Read an XForm; raises FormError where it is none, and UnsafeFileError where it could do harm."""
    root = xml_root(data, file)
    model, body = root.find("h:head/x:model", _NS), root.find("h:body", _NS)
    if model is None or body is None:
        name = etree.QName(root).localname
        raise FormError(f"{file}: it is XML, but no XForm: it begins with {name!r}; give the form's own file.")
    return _XForm(file, model, body, root.findtext("h:head/h:title", "", _NS)).form()


class _XForm:
    """One XForm, and what its parts say of each other."""

    def __init__(self, file: str, model: etree._Element, body: etree._Element, title: str):
        self.file, self.model, self.body, self.title = file, model, body, title
        self.binds = {bind.get("nodeset", ""): bind for bind in model.findall("x:bind", _NS)}
        self.texts: dict[str, dict[str, str]] = {}
        for translation in model.findall("x:itext/x:translation", _NS):
            for text in translation.findall("x:text", _NS):
                plain = [value for value in text.findall("x:value", _NS) if value.get("form") is None]
                if plain:
                    own = self.texts.setdefault(text.get("id", ""), {})
                    own[translation.get("lang", "")] = _flat(plain[0])
        instances = model.findall("x:instance", _NS)
        if not instances or not len(instances[0]):
            raise FormError(f"{file}: it has no instance, so no answers; export the form again.")
        self.primary = instances[0][0]
        self.lists = {each.get("id", ""): each for each in instances[1:]}
        self.choices: list[Row] = []
        self.seen: set[str] = set()
        self.notes: list[str] = []

    def form(self) -> Form:
        """Give its rows as those of an XLSForm."""
        body = [*self._rows(self.body)]
        unseen = [path for path in self.binds if path not in self.seen and not self._is_group(path)]
        before = [self._unseen(path) for path in unseen]
        settings = {"form_title": self.title, "form_id": self.primary.get("id", "")}
        settings["version"] = self.primary.get("version", "")
        own = Row(self.file, self.primary.sourceline or 0, settings)
        survey = with_own_names((*before, *body))
        return Form(self.file, tuple(survey), tuple(self.choices), (own,), tuple(self.notes))

    def _is_group(self, nodeset: str) -> bool:
        """Whether a bind is of a group, or of what the platform keeps for itself."""
        parts = nodeset.strip("/").split("/")[1:]
        node = self.primary.find("/".join(f"{{*}}{part}" for part in parts)) if parts else self.primary
        return parts[:1] == ["meta"] or (node is not None and len(node) > 0)

    def _rows(self, parent: etree._Element) -> Iterator[Row]:
        for element in parent:
            kind = etree.QName(element).localname if isinstance(element.tag, str) else ""
            if kind == "group":
                yield from self._group(element)
            elif kind in (*_SELECTS, "input", "upload", "trigger", "range", "secret"):
                path = self._whole(element.get("ref", "") or element.get("nodeset", ""))
                if path not in self.seen:
                    yield self._row(element, path, self._type(element, kind, path), self._label(element))

    def _whole(self, path: str) -> str:
        """A path from the beginning; an older one leaves out the instance."""
        return path if path.startswith("/") else f"/{etree.QName(self.primary).localname}/{path}"

    def _group(self, element: etree._Element) -> Iterator[Row]:
        """The rows of a group, or of the repeated group in it; one without a path is for the screen only."""
        repeat = element.find("x:repeat", _NS)
        kind, inner = ("group", element) if repeat is None else ("repeat", repeat)
        if path := inner.get("nodeset") or inner.get("ref"):
            yield self._row(inner, self._whole(path), f"begin_{kind}", self._label(element))
        yield from self._rows(inner)
        if path:
            yield Row(self.file, inner.sourceline or 0, {"type": f"end_{kind}"})

    def _row(self, element: etree._Element, path: str, kind: str, label: Mapping[str, str]) -> Row:
        self.seen.add(path)
        bind = self.binds.get(path, {})
        columns = {"relevant": "relevant", "constraint": "constraint", "calculation": "calculate"}
        # An expression with `${name}` for each path, as XLSForm has it.
        conditions = {
            column: _PATH.sub(lambda found: f"${{{_name(found[0])}}}", text).strip()
            for column, name in columns.items()
            if (text := bind.get(name))
        }
        cells = {"type": kind, "name": _name(path), **label, **conditions}
        return Row(self.file, element.sourceline or 0, cells)

    def _type(self, element: etree._Element, kind: str, path: str) -> str:
        bind = self.binds.get(path, {})
        if kind in _SELECTS:
            return f"{_SELECTS[kind]} {self._list(element, _name(path))}"
        if kind == "upload":
            media = _MEDIA.match(element.get("mediatype", ""))
            return media[1] if media else "file"
        if kind in ("trigger", "range"):
            return "acknowledge" if kind == "trigger" else kind
        typed = bind.get("type", "").rpartition(":")[2]
        is_note = bind.get("readonly", "").startswith("true") and bind.get("calculate") is None
        return "note" if is_note and typed in ("", "string") else _TYPES.get(typed, typed)

    def _list(self, element: etree._Element, name: str) -> str:
        """The name of a question's list, whose choices are noted the first time."""
        itemset = element.find("x:itemset", _NS)
        if itemset is None:
            for item in element.findall("x:item", _NS):
                self._choice(name, item, item.findtext("x:value", "", _NS), self._label(item))
            return name
        found = _LIST.match(itemset.get("nodeset", ""))
        listed = found[1] if found else name
        if listed in self.lists and listed not in {row["list_name"] for row in self.choices}:
            source, value = self.lists[listed], itemset.find("x:value", _NS)
            key = value.get("ref", "name") if value is not None else "name"
            for item in source.iterfind(".//{*}item"):
                texts = {etree.QName(child).localname: _flat(child) for child in item}
                label = self._texts(texts["itextId"]) if "itextId" in texts else {"label": texts.get("label", "")}
                self._choice(listed, item, texts.get(key, ""), label)
            if source.get("src"):
                self.notes.append(
                    f"{self.file}: the choices of {listed} stand in a file of their own, {source.get('src')}"
                )
        return listed

    def _choice(self, listed: str, item: etree._Element, name: str, label: dict[str, str]) -> None:
        self.choices.append(Row(self.file, item.sourceline or 0, {"list_name": listed, "name": name.strip(), **label}))

    def _label(self, element: etree._Element) -> dict[str, str]:
        label = element.find("x:label", _NS)
        if label is None:
            return {}
        found = _ITEXT.match(label.get("ref", ""))
        return self._texts(found[1]) if found else {"label": _flat(label)}

    def _texts(self, key: str) -> dict[str, str]:
        return {f"label::{language}": text for language, text in self.texts.get(key, {}).items()}

    def _unseen(self, path: str) -> Row:
        """A question that is on no screen: what is computed, or noted by the device."""
        bind = self.binds[path]
        preload = bind.get(f"{_JR}preload", "")
        kind = bind.get(f"{_JR}preloadParams", preload) if preload else "calculate"
        return self._row(bind, path, kind, {})


def _name(path: str) -> str:
    return path.rsplit("/", 1)[-1]


def _flat(element: etree._Element) -> str:
    """The words of an element; a value that it repeats is `…`."""
    parts = [element.text or "", *(f"{'…' if child.tag else ''}{child.tail or ''}" for child in element)]
    return " ".join("".join(parts).split())
