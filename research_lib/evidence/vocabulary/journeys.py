"""The closed lists of codes of claims, figures, routes, places and sources, each with its meaning."""

DIMENSIONS = ("demographic", "socioprofessional", "migration", "settlement", "prostitution")
INFORMANTS = {
    "police": "police units, and the data they keep on arrests",
    "judiciary": "prosecutors and courts",
    "authorities": "governments and ministries",
    "ngo": "associations, and other services, that meet the women",
    "mediator": "cultural mediators",
    "health": "health workers",
    "researcher": "the source's authors and the researchers they met",
    "women": "the women themselves",
    "official-statistics": "counts and estimates that an official body publishes",
    "literature": "published studies",
    "press": "newspapers, magazines and films",
    "law": "the text of a law or a treaty",
    "not-stated": "the source does not say",
}

CERTAINTIES = {
    "stated": "told with none of the marks below; also a frequency (most, often), an aim, a question or a plan",
    "conclusion": "marked as the writers' judgement (conclude, confirm, it can be said, in our view, no doubt), as "
    "advice (should, must, needs), or as a decision on a name (meets the definition, can be called); or it stands "
    "under a heading Conclusion",
    "estimate": "says how many, how much, how old or what share, in a number marked as not exact (about, some, nearly, "
    "estimated, a dozen, there would be), or in a range for a total or a share",
    "hypothesis": "a word of doubt on the main statement (may, might, could, seem, perhaps, probably, likely, "
    "possible, believed, would or can be explained by)",
    "anecdotal": "told of one person or case, of some or rare cases, or called anecdotal",
    "rumour": "told or said by nobody who is named (it is said, we were told, stories), and not taken up as fact",
    "not-stated": "the source does not say it so itself, or the study does not record how certain it is",
}
CERTAINTY_RULE = (
    "how certain its lines make its main statement, by their words; where several codes fit, the last in the list holds"
)
DECADE_RULE = "of a decade, early is the years 0 to 3, mid 4 to 6, late or end 7 to 9, and the period keeps the words"
ORGANISER_RULE = "who organises it, where the source itself says so; the study's own reading stands in the text only"

KNOWLEDGE = {
    "observed": "the source says something",
    "not-known": "the source says that it does not know, or is silent",
    "not-applicable": "the question has no meaning here",
}

MODES_OF_ENTRY = {
    "regular": "left and arrived with papers",
    "regular-then-smuggled": "left and reached Eastern Europe with papers, smuggled from there",
    "smuggled": "left without papers, smuggled all the way",
    "not-stated": "the source does not say",
    "not-applicable": "no border is crossed, or the question does not arise",
}

ACTORS = {
    "family": "relatives and friends, already there or at home",
    "agency": "companies in the country of origin that sell visas and journeys",
    "agent": "a single go-between",
    "smugglers": "those who take people across borders for money",
    "criminal-organisation": "an organised criminal group",
    "employer": "the employer",
    "job-agency": "a placement office in the country of destination",
    "self": "the person alone",
    "authorities": "a government",
    "not-stated": "the source does not say",
}

LEGAL_STATUSES = {
    "regular": "with the papers required",
    "regular-then-irregular": "with papers that later expire",
    "irregular": "without the papers required",
    "mixed": "some with, some without",
    "not-stated": "the source does not say",
}

ROUTE_KINDS = {
    "migration": "to or through another country",
    "mobility": "from one country of destination to another",
    "family": "children and grandparents",
    "prostitution": "for work in prostitution outside the countries of the study",
    "trafficking": "called trafficking by the source itself",
    "overview": "said of trafficking into or out of a country in general, without a journey that is told",
    "internal": "inside the country of origin",
}

TRANSPORT = {
    "air": "by air",
    "train": "by train",
    "train-or-air": "by train or by air",
    "road": "by road",
    "sea": "by sea",
    "on-foot": "on foot",
    "not-stated": "the source does not say",
}

PURPOSES = {
    "travel": "to the destination",
    "transit": "to a country that is passed through",
    "return": "back",
    "permit": "to obtain a residence permit",
    "work": "to work",
    "not-stated": "the source does not say",
}

PLACE_KINDS = {
    "country": "a country or a territory with its own ISO 3166-1 code",
    "world-region": "a part of the world",
    "origin-region": "a part of the country of origin as the source names it",
    "province": "a first-level division",
    "city": "a city",
    "district": "a part of a city",
    "village": "a village",
}

LOCATED_BY = {
    "city": "the place itself",
    "capital": "the capital of the country or province",
    "drawing-point": "a point chosen for drawing",
}

SOURCE_KINDS = {
    "report": "a report",
    "book": "a book",
    "chapter": "a chapter of a book",
    "article": "a journal article",
    "thesis": "an unpublished thesis",
    "press": "a newspaper or magazine article",
    "film": "a film",
    "interview": "an interview by the source's authors",
    "round-table": "a contribution to a round table",
    "field-visit": "a meeting during a field visit",
    "statistics": "official counts or estimates",
    "law": "a law or a treaty",
    "data": "a data set",
    "other": "something else, such as a page on the web",
}

OMISSION_REASONS = {
    "heading": "a heading",
    "contact-data": "names and addresses of persons or offices",
    "form": "the frame of a form or a table",
    "repetition": "what other lines say, which a row names",
    "footnote-source": "a footnote that only names a source, which the bibliography has",
    "transition": "a sentence that only says what comes next",
    "page-furniture": "a page number or a running title",
}

CODERS = {
    "curator": "each claim's codes, given with a language model when the claims were drawn up, and checked by others",
    "second": "a language model that read text and codebook only, and knew neither the claims nor their codes",
    "reader-a": "a language model that drew claims from sections and coded them; its list was compared with reader b's",
    "reader-b": "a language model that drew claims from the same sections, and did not see the list of reader a",
}
