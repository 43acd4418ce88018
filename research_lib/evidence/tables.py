"""Every table of a study by its name; the classes themselves stand in `schema/`."""

from research_lib.evidence.schema import cooperation, journeys, law, situations, work
from research_lib.evidence.schema.fields import Table

__all__ = ["TABLES", "Table"]

TABLES: dict[str, type[Table]] = {
    "sections": journeys.Sections,
    "codebook": journeys.Codebook,
    "places": journeys.Places,
    "groups": journeys.Groups,
    "claims": journeys.Claims,
    "figures": journeys.Figures,
    "routes": journeys.Routes,
    "legs": journeys.Legs,
    "profiles": journeys.Profiles,
    "codings": journeys.Codings,
    "provisions": law.Provisions,
    "pathways": law.Pathways,
    "comparisons": law.Comparisons,
    "recommendations": law.Recommendations,
    "situations": situations.Situations,
    "indicators": situations.Indicators,
    "calibrations": situations.Calibrations,
    "definition_elements": situations.DefinitionElements,
    "partnerships": work.Partnerships,
    "services": work.Services,
    "professional_profiles": work.ProfessionalProfiles,
    "documented_profiles": work.DocumentedProfiles,
    "roles": work.Roles,
    "role_descriptions": work.RoleDescriptions,
    "exchanges": work.Exchanges,
    "organisations": cooperation.Organisations,
    "networks": cooperation.Networks,
    "memberships": cooperation.Memberships,
    "ties": cooperation.Ties,
    "survey_answers": cooperation.SurveyAnswers,
    "best_practices": cooperation.BestPractices,
}
