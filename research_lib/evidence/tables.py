"""Every table of a study by its name; the classes themselves stand in `schema/`."""

from research_lib.evidence.schema import (
    about_tables,
    cooperation_tables,
    journeys_tables,
    law_tables,
    situations_tables,
    work_tables,
)
from research_lib.evidence.schema.column_kinds import Table

__all__ = ["OPTIONAL_TABLES", "TABLES", "Table"]

TABLES: dict[str, type[Table]] = {
    "sections": journeys_tables.Sections,
    "codebook": journeys_tables.Codebook,
    "places": journeys_tables.Places,
    "groups": journeys_tables.Groups,
    "claims": journeys_tables.Claims,
    "figures": journeys_tables.Figures,
    "routes": journeys_tables.Routes,
    "legs": journeys_tables.Legs,
    "profiles": journeys_tables.Profiles,
    "omissions": journeys_tables.Omissions,
    "codings": journeys_tables.Codings,
    "provisions": law_tables.Provisions,
    "pathways": law_tables.Pathways,
    "comparisons": law_tables.Comparisons,
    "recommendations": law_tables.Recommendations,
    "situations": situations_tables.Situations,
    "indicators": situations_tables.Indicators,
    "calibrations": situations_tables.Calibrations,
    "definition_elements": situations_tables.DefinitionElements,
    "partnerships": work_tables.Partnerships,
    "services": work_tables.Services,
    "professional_profiles": work_tables.ProfessionalProfiles,
    "documented_profiles": work_tables.DocumentedProfiles,
    "roles": work_tables.Roles,
    "role_descriptions": work_tables.RoleDescriptions,
    "exchanges": work_tables.Exchanges,
    "organisations": cooperation_tables.Organisations,
    "networks": cooperation_tables.Networks,
    "memberships": cooperation_tables.Memberships,
    "ties": cooperation_tables.Ties,
    "survey_answers": cooperation_tables.SurveyAnswers,
    "best_practices": cooperation_tables.BestPractices,
}

OPTIONAL_TABLES: dict[str, type[Table]] = {"glossary": about_tables.Glossary, "contacts": about_tables.Contacts}
