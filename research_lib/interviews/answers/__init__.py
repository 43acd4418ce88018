"""Behind `answers_import.py`: columns, records and repeats of an export, and the care for privacy."""
