"""The parts of `refi_qda.py`. `xml_reader` fills `Contents`, raw and by GUID; `assembly` looks all of it up.

`selection_offsets` turns the positions of selections into code points. Writing goes the other way in `xml_writer`; each
element that is read or written is named in `elements`.
"""
