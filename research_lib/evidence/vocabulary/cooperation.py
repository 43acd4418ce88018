"""The closed lists of codes of help: agencies, networks, the survey, services, roles, each with its meaning."""

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
    "not-stated": "the source does not say",
}

FORMALITIES = {
    "formal": "on a contractual or mandatory basis",
    "informal": "voluntary, without a contract",
    "not-stated": "the source does not say",
}

COMPOSITIONS = {
    "multi-agency": "different types of agencies",
    "same-type": "agencies of one type",
    "not-stated": "the source does not say",
}

STRUCTURES = {
    "lead-and-partners": "a leading organisation and partners",
    "rotating": "rotating leadership",
    "none": "no formal structure",
    "not-stated": "the source does not say",
}

VERDICTS = {
    "network": "the source calls it a network",
    "not-a-network": "the source says that it is none by its definition",
    "not-stated": "the source does not say",
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
UNANSWERED = "not-answered"

PHASES = {
    "threshold": "first contact, with a low threshold",
    "assistance": "assistance and social inclusion",
    "labour-insertion": "insertion into the labour market",
}

PROFILE_KINDS = {
    "documented": "a row of the source's table of profiles",
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
