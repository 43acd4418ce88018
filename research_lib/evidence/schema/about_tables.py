"""The optional tables that explain a study to its readers: its terms, and whom to call today."""

import pandera.pandas as pa
from pandera.typing import Series

from research_lib.evidence.schema import column_kinds as f
from research_lib.evidence.schema.column_kinds import SourcedTable, Table

_PAGE = r"^https?://[^\s<>\"']+$"


class Glossary(SourcedTable):
    """The terms that a reader may not know, each with its meaning in our own words."""

    term: Series[str] = pa.Field(description="the term in English", unique=True, str_length={"min_value": 1})
    term_fr: Series[str] = f.text("the same in French")
    meaning: Series[str] = f.text("what it means, in one or two sentences")
    meaning_fr: Series[str] = f.text("the same in French")


class Contacts(Table):
    """Whom to call today: services with their numbers, each with the page that states it and the date of the check."""

    country: Series[str] = f.country("the country; empty for a number that is the same in all", many=False)
    service: Series[str] = f.text("the service in English, and for whom it is")
    service_fr: Series[str] = f.text("the same in French")
    number: Series[str] = pa.Field(description="the number as it is dialled", str_matches=r"^\+?[0-9][0-9 ]*$")
    address: Series[str] = pa.Field(description="the service's own page", nullable=True, str_matches=_PAGE)
    hours: Series[str] = f.text("when it answers, as the page states it", nullable=True)
    hours_fr: Series[str] = f.text("the same in French", nullable=True)
    source: Series[str] = pa.Field(description="the address of the page that states the number", str_matches=_PAGE)
    checked: Series[str] = pa.Field(
        description="the day on which the page was read, as an ISO date", str_matches=r"^\d{4}-\d\d-\d\d$"
    )
