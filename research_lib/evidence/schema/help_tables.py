"""The tables of situations and of help: assessment, partnerships, networks; and what explains a study to readers."""

from research_lib.evidence.schema import column_kinds as f
from research_lib.evidence.schema.column_kinds import Column, SourcedTable, Table
from research_lib.evidence.vocabulary.common_codes import INDICATORS

_PAGE = r"^https?://[^\s<>\"']+$"


class Situations(SourcedTable):
    """Situations that the sources describe, with its own conclusion on each, as hedged as it is."""

    id = f.own_id("the situation's id")
    name = f.bilingual("English name")
    text = f.bilingual("what the source describes")
    country_code = f.country("the countries in which it happens")
    conclusion = f.code("what the source concludes", "conclusions")
    conclusion_text = f.bilingual("its conclusion in one sentence, with its hedges")
    claim_id = f.key("the claims that describe it", "claims", many=True)


class Indicators(SourcedTable):
    """What is known of each element of trafficking in each situation: true, false, or not known."""

    id = f.own_id("the indicator's id: situation and indicator")
    situation_id = f.key("the situation", "situations")
    element = f.code("the element that it belongs to", "elements")
    indicator = f.code("the indicator", INDICATORS)
    value = f.code("what is known", "truths")
    text = f.bilingual("what the source says of it, or that it is silent")
    informant = f.informants(nullable=True)
    certainty = f.certainty(nullable=True)
    claim_id = f.key("the claims that it rests on", "claims", many=True, nullable=True)


class Calibrations(SourcedTable):
    """How far each situation belongs to a set; a row only where the source says enough."""

    id = f.own_id("the calibration's id: situation, set and coder")
    situation_id = f.key("the situation", "situations")
    set_code = f.code("the set of conditions, or the outcome `control`", "sets")
    coder = f.code("who calibrated", "calibrators")
    membership = Column(
        "1 fully in, .67 more in than out, .33 more out than in, 0 fully out", "number", allowed=(0, 0.33, 0.67, 1)
    )
    reason = f.text("why, in the coder's own words")
    claim_id = f.key("the claims that it rests on, for what was agreed", "claims", many=True, nullable=True)


class DefinitionElements(SourcedTable):
    """What each definition of trafficking lists, as far as the source describes it."""

    id = f.own_id("the element's id: definition, element, indicator")
    definition = f.code("whose definition", "definitions")
    element = f.code("the element", "definition_parts")
    indicator = f.code("the indicator, or all of the element", {**INDICATORS, "all": "all of them"})
    status = f.code("whether the source describes it", "definition_statuses")
    text = f.bilingual("what the source says")


class Partnerships(SourcedTable):
    """Partnerships of organisations that help people."""

    id = f.own_id("the partnership's id")
    name = f.text("its name")
    country_code = f.country("its country", many=False, nullable=False)
    target_group = f.bilingual("whom it helps")
    text = f.bilingual("what distinguishes it")


class Services(SourcedTable):
    """What each partnership offers, by phase of the way out of exploitation."""

    id = f.own_id("the service's id")
    partnership_id = f.key("who offers it", "partnerships", many=True)
    phase = f.code("the phase that it belongs to", "phases")
    name = f.bilingual("English name")
    text = f.bilingual("what it consists of")


class ProfessionalProfiles(SourcedTable):
    """Recognised sets of knowledge and diplomas by which people fill roles."""

    id = f.own_id("the profile's id")
    name = f.bilingual("English name")
    kind = f.code("where the source names it", "profile_kinds")
    broader_id = f.key("the documented profile that it is a sort of", "professional_profiles", nullable=True)
    text = f.bilingual("what the source says of its training", nullable=True)


class DocumentedProfiles(SourcedTable):
    """Which partnership documents which profile; a profile that it certainly does not document is not listed."""

    id = f.own_id("profile and partnership")
    professional_profile_id = f.key("the profile", "professional_profiles")
    partnership_id = f.key("the partnership", "partnerships")
    documented = f.code("how certain this is, as the table's columns are lost", "documented")
    text = f.bilingual("the evidence for it")


class Roles(SourcedTable):
    """The roles of each partnership, with the profiles of those who fill them."""

    id = f.own_id("the role's id: r, partnership, number")
    partnership_id = f.key("the partnership", "partnerships")
    number = f.count("its number in the partnership's list")
    name = f.bilingual("English name")
    note = f.bilingual("what the list adds", nullable=True)
    is_reserved = f.truth("whether only people with that profile may fill it", nullable=True)
    professional_profile_id = f.key("who fills it", "professional_profiles", many=True, nullable=True)
    description_number = f.text("the numbers of the sheets that describe it, separated by `;`", nullable=True)


class RoleDescriptions(SourcedTable):
    """Sheets that describe roles, one aspect a row."""

    id = f.own_id("the row's id: rd, number, variant, aspect")
    number = f.count("the sheet's number")
    name = f.bilingual("English name of the role")
    variant = f.text("which of several tables on one sheet", nullable=True)
    partnership_id = f.key("the partnerships that it describes", "partnerships", many=True)
    aspect = f.code("what is described", "role_aspects")
    text = f.bilingual("what the sheet says, in our own words")


class Exchanges(SourcedTable):
    """Counts of the staff exchanges, as printed; contradictory ones stand beside each other."""

    id = f.own_id("the count's id")
    measure = f.code("what is counted", "exchange_measures")
    sending_id = f.key("the partnership that sent", "partnerships", nullable=True)
    hosting_id = f.key("the partnership that received", "partnerships", nullable=True)
    category = f.bilingual("of which kind; `total` for a printed total", nullable=True)
    count = f.count("the count; empty where the source does not give it")
    basis = f.code("how the cell is known, since blank cells are lost in the text", "bases")
    text = f.bilingual("the count in a sentence")


class Organisations(SourcedTable):
    """Organisations; contact persons, telephone numbers and addresses are not recorded."""

    id = f.own_id("the organisation's id")
    name = f.text("its name in the source")
    name_en = f.text("English name, where the source gives one", nullable=True)
    country_code = f.country("its country", many=False)
    agency_type = f.code("what type of agency it is", "agency_types")
    text = f.bilingual("what it does, by the source", nullable=True)
    is_respondent = f.truth("whether it answered the survey")


class Networks(SourcedTable):
    """Networks, and structures that resemble them: platforms, federations, partnerships."""

    id = f.own_id("the network's id")
    name = f.bilingual("English name")
    name_own = f.text("its name in its own language", nullable=True)
    country_code = f.country("its country; empty for an international network", many=False)
    kind = f.code("what sort of structure", "network_kinds")
    level = f.code("how far it reaches", "levels")
    formality = f.code("by contract or mandate, or by custom", "formalities")
    formality_text = f.bilingual("how it is or became formal", nullable=True)
    start_year = f.year("since when it works")
    formal_year = f.year("since when it is formal")
    formal_date = f.iso_date("the day or month of that")
    lead_id = f.key("the leading organisation", "organisations", nullable=True)
    composition = f.code("one type of agency or several", "compositions")
    structure = f.code("how it is led", "structures")
    entity_count_low = f.count("fewest entities that the source gives")
    entity_count_high = f.count("most entities that the source gives")
    has_mutual_relations = f.truth("whether members work with each other", nullable=True)
    has_shared_objectives = f.truth("whether they share objectives", nullable=True)
    is_contractual = f.truth("whether contract or mandate binds them", nullable=True)
    verdict = f.code("the source's own word on whether it is a network", "verdicts")
    verdict_text = f.bilingual("that word in a sentence", nullable=True)
    objectives = f.bilingual("what it is for", nullable=True)
    activities = f.bilingual("what it does", nullable=True)
    results = f.bilingual("its results", nullable=True)
    strengths = f.bilingual("its strengths, by the source", nullable=True)
    weaknesses = f.bilingual("its weaknesses, by the source", nullable=True)
    links = f.bilingual("its links with other networks", nullable=True)


class Memberships(SourcedTable):
    """Who belongs to which network: an organisation, or a counted group whose members are not named."""

    id = f.own_id("the membership's id")
    network_id = f.key("the network", "networks")
    organisation_id = f.key("the organisation; empty for a group", "organisations", nullable=True)
    agency_type = f.code("the type of agency", "agency_types")
    group_text = f.bilingual("the group, where its members are not named", nullable=True)
    count = f.count("how many entities; empty where the source does not say")
    role = f.code("its part in the network", "member_roles")
    start_year = f.year("since when")
    formal_since = f.iso_date("since when it is bound")
    text = f.bilingual("what the source adds", nullable=True)


class Ties(SourcedTable):
    """Co-operation of two: organisations that work together without a network."""

    id = f.own_id("the tie's id")
    organisation_id = f.key("the one", "organisations")
    partner_id = f.key("the other; empty where only its type is given", "organisations", nullable=True)
    partner_type = f.code("the other's type of agency", "agency_types")
    formality = f.code("by contract or by custom", "formalities")
    purpose = f.bilingual("what for", nullable=True)
    law = f.text("the law that it rests on or carries out", nullable=True)


class SurveyAnswers(SourcedTable):
    """What organisations answered to the questionnaire on networking."""

    id = f.own_id("the answer's id")
    organisation_id = f.key("who answered", "organisations")
    question = f.code(
        "the question, by its number on the printed form; where the source retells answers without numbers, which "
        "question an answer belongs to is the study's reading",
        "questions",
    )
    answer = f.text("the option chosen, of a closed question", nullable=True)
    text = f.bilingual("the answer in words", nullable=True)


class BestPractices(SourcedTable):
    """What the survey found to be good: benefits of networks, and practices worth taking over."""

    id = f.own_id("the practice's id")
    kind = f.code("benefit or practice", "practice_kinds")
    number = f.count("its number in the source's own list")
    name = f.bilingual("English name")
    text = f.bilingual("what it is, in our own words")
    country_code = f.country("where it is found")
    network_id = f.key("the networks that show it", "networks", many=True, nullable=True)


class Glossary(SourcedTable):
    """The terms that a reader may not know, each with its meaning in our own words."""

    term = f.bilingual("the term in English", unique=True)
    meaning = f.bilingual("what it means, in one or two sentences")


class Contacts(Table):
    """Whom to call today: services with their numbers, each with the page that states it and the date of the check."""

    country = f.country("the country; empty for a number that is the same in all", many=False)
    service = f.bilingual("the service in English, and for whom it is")
    number = Column("the number as it is dialled", pattern=r"^\+?[0-9][0-9 ]*$")
    address = Column("the service's own page", is_required=False, pattern=_PAGE)
    hours = f.bilingual("when it answers, as the page states it", nullable=True)
    source = Column("the address of the page that states the number", pattern=_PAGE)
    checked = Column("the day on which the page was read, as an ISO date", pattern=r"^\d{4}-\d\d-\d\d$")


class Keywords(Table):
    """Words by which a row is searched for and which it does not have itself, as in the index of a book."""

    id = Column("the row: its table and its id, such as claims.c-01", pattern=r"^[a-z_]+\.\S+$", is_unique=True)
    words = Column("words in small letters, separated by `;`", pattern=r"^[^;\s]+(;[^;\s]+)*$")


class Renamed(Table):
    """Variables and codes of the interview that have other names by now: earlier releases have them by the old ones."""

    since = Column("the first day of the new name, as an ISO date", pattern=r"^\d{4}-\d\d-\d\d$")
    variable = f.text("the variable as it was called")
    code = f.text("its code as it was called; empty where only the variable has another name", nullable=True)
    new_variable = f.text("what the variable is called now; the same where only a code has another name")
    new_code = f.text(
        "what the code is called now: a row for each new code where it was split, the same new code in several rows "
        "where codes were taken together",
        nullable=True,
    )
    reason = f.text("why", nullable=True)
