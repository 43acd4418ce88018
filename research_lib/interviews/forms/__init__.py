"""Behind `xlsform.py`: a form as rows, read, checked, extended and built."""
