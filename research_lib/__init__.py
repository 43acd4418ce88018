"""Evidence on Chinese women's migration to Europe, each number and each claim with its source."""

from research_lib.errors import Problem, ResearchError
from research_lib.evidence.study import Study, open_study

__all__ = ["Problem", "ResearchError", "Study", "open_study"]
