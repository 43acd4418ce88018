"""What law and help are in the countries of a report, beside the others."""

from collections.abc import Iterator

from research_lib.show.pages.comparison.comparison_page import ComparisonPage, Ground, ShownPermit, comparison_page
from research_lib.show.report.blocks import Heading, Paragraph, Section, Strong, Table, Text, Told


def law(told: Told) -> Section:
    """Permits and provisions side by side, points alike or different, ways to a permit, and each provision."""
    page = comparison_page(told.study, told.words)
    order = [*told.countries, *(code for code in told.study.countries if code not in told.countries)]
    words = told.words
    blocks = [
        Paragraph(words("comparison.title"), "key"),
        Paragraph(words("comparison.lede")),
        Paragraph(words("comparison.then", year=page.last_year)),
        *_permits(page, order, told),
        *_features(page, order, told),
        *_points(page, told),
        *_ways(page, told),
        *_provisions(page, told),
    ]
    return Section(words("comparison.short"), tuple(blocks))


def _permits(page: ComparisonPage, order: list[str], told: Told) -> Iterator[object]:
    words, known = told.words, {each.country: each for each in page.permits}
    countries = [code for code in order if code in known]
    if not countries:
        return
    yield Heading(words("comparison.permits"))
    rows: list[tuple[Text, ...]] = [
        (words("comparison.rests_on"), *(_grounds(known[code].depends_on, told) for code in countries))
    ]
    for name in ("which", "lasts", "reflects"):
        cells = [_line(known[code], name, told) for code in countries]
        rows.append((words(f"comparison.{name}").rstrip(" :\u00a0："), *cells))
    columns = (words("comparison.provision"), *map(told.name, countries))
    yield Table(columns, (2.6, *(14.4 / len(countries) for _ in countries)), tuple(rows))


def _line(permit: ShownPermit, name: str, told: Told) -> Text:
    if name == "reflects":
        return " · ".join(permit.reflects) or told.words("comparison.unsaid")
    grounds = getattr(permit, name)
    is_said = bool(grounds) and (name != "lasts" or permit.is_length_stated)
    unsaid = "" if is_said else told.words("comparison.unsaid")
    return (unsaid, "\n" if unsaid and grounds else "", _grounds(grounds, told))


def _grounds(grounds: tuple[Ground, ...], told: Told) -> Text:
    parts: list[Text] = []
    for each in grounds:
        told.cited[each.reference[0]] = None
        law = f" ({each.law})" if each.law else ""
        parts += ["\n", each.title, f"{law} – {each.reference[1]}"]
    return tuple(parts[1:])


def _features(page: ComparisonPage, order: list[str], told: Told) -> Iterator[object]:
    words = told.words
    if not page.features:
        return
    yield Heading(words("comparison.provisions"))
    yield Paragraph(words("comparison.provisions_note"), "note")
    for question in (each for each in page.questions if each.features):
        rows, statuses = [], {}
        for at, feature in enumerate(question.features):
            marks = {mark.country: mark for mark in feature.marks}
            cells = []
            for column, code in enumerate(order, 1):
                mark = marks[code]
                statuses[f"{at}:{column}"] = mark.presence
                cells.append(" · ".join(filter(None, [words(f"presence.{mark.presence}"), mark.amount])))
            rows.append((feature.name, *cells))
        columns = (words(f"question.{question.code}"), *map(told.name, order))
        widths = (5.9, *(11.1 / len(order) for _ in order))
        yield Table(columns, widths, tuple(rows), statuses=statuses)


def _points(page: ComparisonPage, told: Told) -> Iterator[object]:
    if not page.points:
        return
    yield Heading(told.words("comparison.points"))
    yield Paragraph(told.words("comparison.points_note"), "note")
    for relation, aspects in page.points:
        rows = tuple((name, point.fact.text, told.source(point.fact)) for name, points in aspects for point in points)
        columns = (told.words(f"relation.{relation}"), told.words("table.text"), told.words("table.source"))
        yield Table(columns, (3.2, 9.6, 4.2), rows)


def _ways(page: ComparisonPage, told: Told) -> Iterator[object]:
    words = told.words
    own = [each for each in page.ways.countries if each.country in told.countries and each.steps]
    if not own:
        return
    yield Heading(words("comparison.ways"))
    yield Paragraph(words("report.ways_note"), "note")
    for country in own:
        rows = []
        for step in country.steps:
            for key in step.facts:
                fact = page.steps[key]
                rows.append((step.title, _conditioned(fact.text, step.condition, told), told.source(fact)))
        columns = (told.name(country.country), words("table.text"), words("table.source"))
        yield Table(columns, (4.6, 8.2, 4.2), tuple(rows))


def _conditioned(text: str, condition: str, told: Told) -> Text:
    return (text, " ", told.words("comparison.if", condition=condition)) if condition else text


def _provisions(page: ComparisonPage, told: Told) -> Iterator[object]:
    words = told.words
    for country in told.countries:
        yield Heading(words("report.described", country=told.name(country)))
        rows = []
        for question in page.questions:
            for topic in question.topics:
                ids = dict(topic.columns).get(country, ())
                rows += [_provision(page, key, topic.name, told) for key in ids]
        columns = (words("comparison.topic"), words("comparison.provision"), words("table.source"))
        yield Table(columns, (3.2, 9.6, 4.2), tuple(rows)) if rows else Paragraph(words("comparison.nothing"))


def _provision(page: ComparisonPage, key: str, topic: str, told: Told) -> tuple[Text, ...]:
    fact = page.facts[key]
    notes = " · ".join(filter(None, [fact.amount, *fact.notes]))
    return topic, (Strong(fact.title), "\n", fact.text, *(["\n", notes] if notes else [])), told.source(fact)
