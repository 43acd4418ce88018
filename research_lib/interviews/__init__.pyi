from research_lib.interviews import answer_table as answer_table
from research_lib.interviews import answers_import as answers_import
from research_lib.interviews import outreach as outreach
from research_lib.interviews import survey_import as survey_import
from research_lib.interviews import xlsform as xlsform
from research_lib.interviews.case_files import read_cases as read_cases
from research_lib.interviews.synthetic.synthetic_cases import DEMONSTRATION as DEMONSTRATION
from research_lib.interviews.synthetic.synthetic_cases import demonstration_cases as demonstration_cases
