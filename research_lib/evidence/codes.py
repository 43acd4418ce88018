"""The closed lists of codes of law, work and co-operation, each with its meaning."""

TOPICS = {
    "offence": "what is an offence",
    "penalty": "how it is punished",
    "aggravation": "what makes the punishment harder",
    "procuring": "profiting from the prostitution of others",
    "soliciting": "soliciting by a person in prostitution",
    "other-offences": "other offences that are used",
    "confiscation": "what happens to the profits",
    "investigation": "who investigates and prosecutes",
    "residence-permit": "permits for trafficked persons",
    "co-operation": "whether help depends on co-operation with police and courts",
    "permit-duration": "how long a permit lasts, and its renewal",
    "reflection-period": "time to decide",
    "decision": "who decides, and with what discretion",
    "long-term-stay": "staying on",
    "family": "members of the family",
    "work-permit": "the right to work",
    "programme": "programmes of assistance",
    "programme-duration": "how long they last",
    "shelter": "places to live",
    "health": "health care",
    "social-benefit": "money",
    "legal-aid": "help with the law",
    "psychological-support": "psychological help",
    "education": "schooling and training",
    "labour-market": "access to work",
    "identification": "contact, outreach, drop-in, referral",
    "hotline": "telephone lines",
    "return": "assisted return",
    "funding": "who pays",
    "co-ordination": "who brings the actors together",
    "national-plan": "national plans and strategies",
    "prevention": "information and campaigns",
    "international": "treaties, directives, co-operation of states",
    "witness-protection": "protection of those who testify",
    "standards": "common standards and guidelines",
}

FEATURES = {
    "trafficking-offence": "trafficking is an offence of its own",
    "slavery-offence": "slavery or servitude is an offence of its own",
    "palermo-alignment": "the offence follows the Palermo Protocol",
    "aggravated-penalty": "harder punishment in aggravating circumstances",
    "procuring-offence": "procuring is an offence",
    "soliciting-offence": "soliciting is an offence",
    "confiscation-of-profits": "profits are confiscated",
    "anti-trafficking-fund": "a fund for measures against trafficking",
    "specialised-investigators": "specialised police or prosecutors",
    "temporary-permit": "a temporary permit or tolerated stay for trafficked persons",
    "permit-requires-co-operation": "a permit for those who co-operate with the authorities",
    "permit-without-co-operation": "a permit without co-operation with the authorities",
    "permit-renewable": "the permit can be renewed",
    "permit-gives-work": "the permit gives the right to work",
    "permit-gives-training": "the permit gives access to training",
    "discretionary-decision": "a local authority decides at its discretion",
    "reflection-period": "a period to decide",
    "long-term-stay": "a way to stay for good",
    "family-protection": "protection or permits for members of the family",
    "short-programme": "a short programme of assistance",
    "long-programme": "a long programme of assistance",
    "programme-without-co-operation": "a programme open without co-operation with the authorities",
    "own-nationals-assisted": "a programme open to the country's own nationals",
    "individual-plan": "an individual plan for each person",
    "dedicated-shelters": "shelters for trafficked persons only",
    "reserved-places": "places reserved in other shelters",
    "emergency-accommodation": "emergency accommodation",
    "autonomous-accommodation": "accommodation of one's own with support",
    "non-residential-support": "support outside shelters",
    "emergency-health-care": "free health care in an emergency",
    "health-without-papers": "health care for those without papers",
    "financial-help": "a benefit or grant",
    "legal-help": "legal advice or assistance",
    "psychological-help": "psychological help",
    "education-and-training": "schooling or vocational training",
    "job-support": "help with finding work",
    "on-the-job-training": "practical training in enterprises",
    "outreach": "outreach units or drop-in centres",
    "national-hotline": "a national telephone line",
    "assisted-return": "assisted voluntary return",
    "dedicated-funding": "public money meant for this assistance",
    "local-co-financing": "local authorities must pay a share",
    "interministerial-committee": "a committee of ministries",
    "national-co-ordinator": "a national co-ordinator",
    "national-action-plan": "a national action plan",
    "national-referral-system": "a formal national referral system",
    "national-data-collection": "a national data base or observatory",
    "information-campaigns": "information campaigns",
    "readmission-agreements": "readmission agreements with countries of origin",
    "witness-protection": "witness protection",
    "assistance-standards": "common standards or guidelines of assistance",
    "networking-in-law": "law requires agencies to work together",
    "specialised-services": "services meant for trafficked persons",
}

PRESENCES = {
    "in-force": "law, or a programme that runs",
    "practice": "done without being prescribed",
    "planned": "called for, not there yet",
    "absent": "the report says that it does not exist",
}

STATIONS = {
    "identification": "contact and identification",
    "hotline": "a call to the hotline",
    "complaint": "complaint or testimony",
    "statement": "statement by an association, without a complaint",
    "reflection-period": "reflection period",
    "temporary-permit": "temporary residence permit",
    "tolerated-stay": "tolerated stay",
    "programme-short": "short-term programme",
    "programme-long": "long-term programme",
    "shelter": "a place to live",
    "work-or-training": "work or training",
    "conviction": "the accused is convicted",
    "work-or-study-permit": "permit for work or study",
    "long-term-permit": "long-term permit",
    "witness-protection": "witness protection",
    "assisted-return": "assisted return",
    "refusal": "no permit",
    "expulsion": "expulsion",
}

ASPECTS = {
    "origin": "regions of origin",
    "age": "age",
    "family": "family situation",
    "occupation": "schooling and occupation",
    "reason": "reasons for leaving",
    "journey": "the journey",
    "cost": "its cost",
    "debt": "debts",
    "settlement": "settling",
    "work": "work",
    "language": "language",
    "status": "residence status",
    "prostitution-entry": "how prostitution begins",
    "prostitution-place": "where it takes place",
    "third-party": "third parties",
    "violence": "violence",
    "trafficking": "trafficking",
    "police": "police",
    "assistance": "assistance",
    "data": "what is known",
}

RELATIONS = {
    "alike": "the same in both",
    "different": "not the same",
    "both": "partly alike, partly different",
    "not-known": "cannot be said",
}

RECOMMENDATION_KINDS = {
    "recommendation": "a recommendation",
    "training-module": "a module of training",
    "future-step": "a next step that is called for",
}

CONCLUSIONS = {
    "trafficking": "the report calls it trafficking",
    "suspected": "the report suspects trafficking, or says that it could be",
    "unclear": "the report leaves it open",
    "smuggling-or-migration": "the report calls it migration, or smuggling of migrants",
    "not-trafficking": "the report says that it is not trafficking",
    "not-stated": "the report does not conclude",
}

ELEMENTS = {
    "act": "what is done",
    "means": "how it is done",
    "purpose": "what for",
    "person": "who the person is",
    "consent": "whether the person agreed",
}

INDICATORS_OF = {
    "act": ("recruitment", "transportation", "transfer", "harbouring", "receipt"),
    "means": (
        "threat",
        "force",
        "coercion",
        "abduction",
        "fraud",
        "deception",
        "abuse-of-power",
        "vulnerability",
        "payment",
    ),
    "purpose": (
        "prostitution-of-others",
        "sexual-exploitation",
        "forced-labour",
        "slavery",
        "servitude",
        "organ-removal",
        "forced-marriage",
    ),
    "person": ("child", "adult"),
    "consent": ("consent",),
}

INDICATORS = {
    "recruitment": "recruitment",
    "transportation": "transportation",
    "transfer": "transfer",
    "harbouring": "harbouring",
    "receipt": "receipt",
    "threat": "threat",
    "force": "use of force",
    "coercion": "other forms of coercion",
    "abduction": "abduction",
    "fraud": "fraud",
    "deception": "deception",
    "abuse-of-power": "abuse of power",
    "vulnerability": "abuse of a position of vulnerability",
    "payment": "payment to a person who has control over another",
    "prostitution-of-others": "exploitation of the prostitution of others",
    "sexual-exploitation": "other forms of sexual exploitation",
    "forced-labour": "forced labour or services",
    "slavery": "slavery or similar practices",
    "servitude": "servitude",
    "organ-removal": "removal of organs",
    "forced-marriage": "forced marriage, which the Protocol does not list itself",
    "child": "under eighteen years of age",
    "adult": "eighteen or older",
    "consent": "the person agreed",
}

TRUTHS = {
    "true": "the report says or describes it",
    "false": "the report says that it is not so",
    "not-known": "the report is silent, or only suspects it",
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
    "listed": "the report names it",
    "follows-palermo": "the report says that it follows the Protocol",
    "not-described": "the report does not describe it",
}

PHASES = {
    "threshold": "first contact, with a low threshold",
    "assistance": "assistance and social inclusion",
    "labour-insertion": "insertion into the labour market",
}

PROFILE_KINDS = {
    "documented": "a row of the report's table of profiles",
    "named": "named only where roles are listed",
    "qualification": "a diploma rather than a profile",
}

DOCUMENTED = {
    "yes": "the text leaves no choice",
    "inferred": "the lists of roles and the totals decide it",
    "not-known": "several partnerships remain possible",
}

ROLE_ASPECTS = {
    "area": "area of intervention",
    "organisation": "nature and type of organisation",
    "action": "type of action",
    "tasks": "concrete tasks",
    "skills": "abilities and skills",
    "methods": "methods of intervention",
    "tools": "tools and means",
    "remark": "what the text adds",
}

EXCHANGE_MEASURES = {
    "participants": "participants by sending and hosting partnership",
    "participants-by-role": "participants by professional role",
    "services-visited": "types of services visited",
    "people-admitted": "people whom the visited organisations admit",
    "satisfaction": "how satisfied participants were",
    "gender": "women and men",
    "employer": "participants by employer",
    "total": "all participants",
}

BASES = {
    "printed": "certain from the text",
    "inferred": "the printed totals allow one filling only",
    "not-known": "the column is lost",
}

AGENCY_TYPES = {
    "ngo": "association, non-governmental organisation",
    "social-co-operative": "social co-operative",
    "religious": "religious institution",
    "womens-group": "women's group",
    "advocacy": "advocacy group",
    "municipality": "municipality",
    "province": "province",
    "region": "region",
    "ministry": "ministry or national government",
    "prefecture": "prefecture",
    "police": "police and other law enforcement",
    "judiciary": "courts and prosecutors",
    "health": "health service",
    "social-services": "public social services",
    "education-office": "education authority",
    "equality-office": "equality office",
    "labour-office": "labour office",
    "training": "training centre",
    "research": "research institution",
    "employers": "employers' association, chamber",
    "enterprise": "enterprise",
    "trade-union": "trade union",
    "federation": "federation of organisations",
    "international": "international organisation",
    "other": "something else",
}

NETWORK_KINDS = {
    "network": "described as a network",
    "candidate": "may or may not be one",
    "platform": "a platform or forum for lobbying",
    "federation": "a federation",
    "committee": "a committee of the state",
}

LEVELS = {
    "municipal": "a municipality",
    "provincial": "a province (NUTS 3)",
    "regional": "a region (NUTS 2)",
    "interregional": "several regions",
    "national": "a country",
    "international": "several countries",
    "not-stated": "the report does not say",
}

FORMALITIES = {
    "formal": "on a contractual or mandatory basis",
    "informal": "voluntary, without a contract",
    "not-stated": "the report does not say",
}

COMPOSITIONS = {
    "multi-agency": "different types of agencies",
    "same-type": "agencies of one type",
    "not-stated": "the report does not say",
}

STRUCTURES = {
    "lead-and-partners": "a leading organisation and partners",
    "rotating": "rotating leadership",
    "none": "no formal structure",
    "not-stated": "the report does not say",
}

VERDICTS = {
    "network": "the report calls it a network",
    "not-a-network": "the report says that it is none by its definition",
    "not-stated": "the report does not say",
}

MEMBER_ROLES = {
    "lead": "leads",
    "member": "is a member",
    "funder": "pays",
    "contact-organisation": "makes the first contact",
    "informed": "is informed, without being a member",
    "co-ordinator": "co-ordinates",
}

QUESTIONS = {
    "a3": "activities against trafficking",
    "a3-other": "other areas of social intervention",
    "b1": "co-operation with external organisations",
    "b2": "do these form a network",
    "b3": "types of organisations co-operated with",
    "b4": "purposes of co-operating",
    "b6": "methods and tools of co-operation",
    "b7": "experience with setting up a network",
    "b8": "would a network be beneficial",
    "b9": "wish to learn from networks abroad",
    "c1": "formalised or informal",
    "c2": "name of the network",
    "c3": "geographical reach",
    "c4": "history",
    "c5": "composition",
    "c6": "structure",
    "c7": "composition in detail",
    "c8": "shared objectives",
    "c9": "purposes of the network",
    "c10": "methods and tools of the network",
    "c11": "common activities",
    "c12": "results and impact",
    "c13": "outputs",
    "c14": "links with other networks",
    "c15": "points of weakness",
    "c16": "points of strength",
    "c17": "innovation",
    "c18": "transferability",
}

PRACTICE_KINDS = {"benefit": "a benefit of networking", "practice": "an example of best practice"}
