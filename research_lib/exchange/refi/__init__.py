"""REFI-QDA behind its face, `refi_qda.py`: `reader` fills `Contents`, raw and by GUID; `assembly` looks all of it up.

Writing goes the other way in `writer`; each element that is read or written is named in `elements`.
"""
