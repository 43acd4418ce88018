from research_lib.files.documents import read_text as read_text
