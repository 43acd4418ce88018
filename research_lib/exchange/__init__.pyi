from research_lib.exchange import answers_as_documents as answers_as_documents
from research_lib.exchange import geo_files as geo_files
from research_lib.exchange import qualcoder as qualcoder
from research_lib.exchange import refi_qda as refi_qda
from research_lib.exchange import taguette as taguette
from research_lib.exchange import undesa as undesa
