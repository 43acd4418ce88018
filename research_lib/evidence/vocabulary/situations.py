"""The closed lists of codes of situations and their legal assessment, each with its meaning."""

CONCLUSIONS = {
    "trafficking": "the source calls it trafficking",
    "suspected": "the source suspects trafficking, or says that it could be",
    "unclear": "the source leaves it open",
    "smuggling-or-migration": "the source calls it migration, or smuggling of migrants",
    "not-trafficking": "the source says that it is not trafficking",
    "not-stated": "the source does not conclude",
}

ELEMENTS = {
    "act": "what is done",
    "means": "how it is done",
    "purpose": "what for",
    "person": "who the person is",
    "consent": "whether the person agreed",
}

_INDICATORS_BY_ELEMENT = {
    "act": {
        "recruitment": "recruitment",
        "transportation": "transportation",
        "transfer": "transfer",
        "harbouring": "harbouring",
        "receipt": "receipt",
    },
    "means": {
        "threat": "threat",
        "force": "use of force, told as violence or physical; the word forced alone is coercion",
        "coercion": "other forms of coercion, also where a person is forced in a way that is not told",
        "abduction": "abduction",
        "fraud": "fraud",
        "deception": "deception",
        "abuse-of-power": "abuse of power",
        "vulnerability": "abuse of a position of vulnerability",
        "payment": "payment to a person who has control over another",
    },
    "purpose": {
        "prostitution-of-others": "exploitation of the prostitution of others",
        "sexual-exploitation": "other forms of sexual exploitation",
        "forced-labour": "forced labour or services",
        "slavery": "slavery or similar practices",
        "servitude": "servitude",
        "organ-removal": "removal of organs",
        "forced-marriage": "forced marriage, which the Protocol does not list itself",
    },
    "person": {
        "child": "somebody among them is under eighteen",
        "adult": "somebody among them is eighteen or older",
    },
    "consent": {"consent": "the person agreed; false where the lines say forced, coerced or kidnapped"},
}
INDICATORS_OF = {element: tuple(names) for element, names in _INDICATORS_BY_ELEMENT.items()}
INDICATORS = {code: meaning for names in _INDICATORS_BY_ELEMENT.values() for code, meaning in names.items()}

TRUTHS = {
    "true": "the source says or describes it",
    "false": "the source says that it is not so",
    "not-known": "the source is silent, or only suspects it",
}

DEFINITIONS = {
    "palermo": "the Palermo Protocol",
    "FR": "French Criminal Code, article 225-4-1",
    "IT": "Italian Criminal Code, articles 600 and 601",
    "SK": "Slovak Criminal Code",
}

DEFINITION_PARTS = {
    "act": "what is done",
    "means": "how it is done",
    "purpose": "what for",
    "child-rule": "children need no means",
    "consent-rule": "consent does not count where a means was used",
    "scope": "where it applies",
}

DEFINITION_STATUSES = {
    "listed": "the source names it",
    "follows-palermo": "the source says that it follows the Protocol",
    "not-described": "the source does not describe it",
}

SETS = {
    "institution": "relatives and compatriots of a traditional place of emigration prepare the journey",
    "enterprise": "the journey is bought from, or arranged by, intermediaries outside the family",
    "debts": "the person owes money for the journey or the papers",
    "language": "the person can make herself or himself understood in the language of the country",
    "irregular": "the person stays without right to stay",
    "dependants": "others depend on what the person earns",
    "ethnic_work": "the person works in the economy of compatriots at the place; prostitution does not count",
    "kin": "relatives or a partner take an active part in the journey, the work or the prostitution",
    "control": "others control work, movements or earnings at the place of arrival",
}

CALIBRATORS = {
    "first": "a language model that read the source and the definitions of the sets, and saw no other coder's work",
    "second": "another run of a language model, under the same conditions",
    "agreed": "the two compared with the lines by further readers, who kept, fixed or took out cells, and added one",
}
