"""The closed lists of codes of those who help: services, profiles, roles, exchanges, each with its meaning."""

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
