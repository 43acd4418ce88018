"""The parts of `tabular.py`: what kind of file a table is, its lines and its cells."""
