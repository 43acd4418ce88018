from research_lib.errors import Problem as Problem
from research_lib.errors import ResearchError as ResearchError
from research_lib.evidence.new_study import new_study as new_study
from research_lib.evidence.study import Study as Study
from research_lib.evidence.study import open_study as open_study
from research_lib.evidence.study_changes import study_changes as study_changes

__version__: str
