"""REFI-QDA behind its face, `refi_qda.py`: read (`reader`) into `Contents`, raw and by GUID; then looked up (`assembly`).

Writing goes the other way in `writer`; each element that is read or written is named in `elements`.
"""
