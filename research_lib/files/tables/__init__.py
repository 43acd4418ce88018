"""Behind `tabular.py`: what a table by mail is, line by line and cell by cell."""
