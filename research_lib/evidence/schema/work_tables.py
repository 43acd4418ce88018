"""The tables of those who help: partnerships, their services, professional profiles and roles, exchanges of staff."""

import pandas as pd
from pandera.typing import Series

from research_lib.evidence.schema import column_kinds as f
from research_lib.evidence.schema.column_kinds import SourcedTable
from research_lib.evidence.vocabulary import work as codes


class Partnerships(SourcedTable):
    """Partnerships of organisations that help people."""

    id: Series[str] = f.own_id("the partnership's id")
    name: Series[str] = f.text("its name")
    country_code: Series[str] = f.country("its country", many=False, nullable=False)
    target_group: Series[str] = f.text("whom it helps")
    target_group_fr: Series[str] = f.text("the same in French")
    text: Series[str] = f.text("what distinguishes it")
    text_fr: Series[str] = f.text("the same in French")


class Services(SourcedTable):
    """What each partnership offers, by phase of the way out of exploitation."""

    id: Series[str] = f.own_id("the service's id")
    partnership_id: Series[str] = f.key("who offers it", "partnerships", many=True)
    phase: Series[str] = f.code("the phase that it belongs to", codes.PHASES)
    name: Series[str] = f.text("English name")
    name_fr: Series[str] = f.text("French name")
    text: Series[str] = f.text("what it consists of")
    text_fr: Series[str] = f.text("the same in French")


class ProfessionalProfiles(SourcedTable):
    """Recognised sets of knowledge and diplomas by which people fill roles."""

    id: Series[str] = f.own_id("the profile's id")
    name: Series[str] = f.text("English name")
    name_fr: Series[str] = f.text("French name")
    kind: Series[str] = f.code("where the source names it", codes.PROFILE_KINDS)
    broader_id: Series[str] = f.key(
        "the documented profile that it is a sort of", "professional_profiles", nullable=True
    )
    text: Series[str] = f.text("what the source says of its training", nullable=True)
    text_fr: Series[str] = f.text("the same in French", nullable=True)


class DocumentedProfiles(SourcedTable):
    """Which partnership documents which profile; a profile that it certainly does not document is not listed."""

    id: Series[str] = f.own_id("profile and partnership")
    professional_profile_id: Series[str] = f.key("the profile", "professional_profiles")
    partnership_id: Series[str] = f.key("the partnership", "partnerships")
    documented: Series[str] = f.code("how certain this is, as the table's columns are lost", codes.DOCUMENTED)
    text: Series[str] = f.text("the evidence for it")
    text_fr: Series[str] = f.text("the same in French")


class Roles(SourcedTable):
    """The roles of each partnership, with the profiles of those who fill them."""

    id: Series[str] = f.own_id("the role's id: r, partnership, number")
    partnership_id: Series[str] = f.key("the partnership", "partnerships")
    number: Series[int] = f.number("its number in the partnership's list")
    name: Series[str] = f.text("English name")
    name_fr: Series[str] = f.text("French name")
    note: Series[str] = f.text("what the list adds", nullable=True)
    note_fr: Series[str] = f.text("the same in French", nullable=True)
    is_reserved: Series[pd.BooleanDtype] = f.truth("whether only people with that profile may fill it", nullable=True)
    professional_profile_id: Series[str] = f.key("who fills it", "professional_profiles", many=True, nullable=True)
    description_number: Series[str] = f.text(
        "the numbers of the sheets that describe it, separated by `;`", nullable=True
    )


class RoleDescriptions(SourcedTable):
    """Sheets that describe roles, one aspect a row."""

    id: Series[str] = f.own_id("the row's id: rd, number, variant, aspect")
    number: Series[int] = f.number("the sheet's number")
    name: Series[str] = f.text("English name of the role")
    name_fr: Series[str] = f.text("French name of the role")
    variant: Series[str] = f.text("which of several tables on one sheet", nullable=True)
    partnership_id: Series[str] = f.key("the partnerships that it describes", "partnerships", many=True)
    aspect: Series[str] = f.code("what is described", codes.ROLE_ASPECTS)
    text: Series[str] = f.text("what the sheet says, in our own words")
    text_fr: Series[str] = f.text("the same in French")


class Exchanges(SourcedTable):
    """Counts of the staff exchanges, as printed; contradictory ones stand beside each other."""

    id: Series[str] = f.own_id("the count's id")
    measure: Series[str] = f.code("what is counted", codes.EXCHANGE_MEASURES)
    sending_id: Series[str] = f.key("the partnership that sent", "partnerships", nullable=True)
    hosting_id: Series[str] = f.key("the partnership that received", "partnerships", nullable=True)
    category: Series[str] = f.text("of which kind; `total` for a printed total", nullable=True)
    category_fr: Series[str] = f.text("the same in French", nullable=True)
    count: Series[pd.Int64Dtype] = f.number("the count; empty where the source does not give it")
    basis: Series[str] = f.code("how the cell is known, since blank cells are lost in the text", codes.BASES)
    text: Series[str] = f.text("the count in a sentence")
    text_fr: Series[str] = f.text("the same in French")
