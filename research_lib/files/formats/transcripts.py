"""Transcripts with times, as WebVTT (.vtt) and SubRip (.srt) have them: the words of each cue, and when it begins."""

import re
import warnings
from collections import Counter
from dataclasses import dataclass, field, replace
from html import unescape
from itertools import accumulate
from pathlib import Path

from research_lib.files.encodings import ReadText
from research_lib.files.xml_documents import DocumentError

_ARROW, _POINT = "-->", {".vtt": ".", ".srt": ","}
_BLOCKS = {"NOTE": "comments", "STYLE": "styles", "REGION": "regions of the screen"}
_BLOCK = re.compile(r"(NOTE|STYLE|REGION)(?:[ \t]|$)")
_VOICE = re.compile(r"[ \t]*<v(?:\.[^\s>]*)?[ \t]+([^>]*)>[ \t]*")
_READING = re.compile(r"<rt(?:[.\s][^>]*)?>.*?(?:</rt>|(?=</ruby>)|$)", re.DOTALL)
_VTT_TAG = re.compile(r"</?(?:c|i|b|u|v|ruby|rt|lang)(?:[.\s][^>]*)?>|<\d[\d:.]*>")
_SRT_TAG = re.compile(r"</?(?:i|b|u|s|font)(?:\s[^>]*)?>|\{\\[^}]*\}", re.IGNORECASE)


@dataclass
class _Cue:
    """The line with times and what follows it; the first one, of no number, is the head of the file."""

    number: int = 0
    lines: list[str] = field(default_factory=lambda: [""])

    def take_name(self, *, is_any: bool) -> str:
        """Take away the name of the next cue, which stands after an empty line: any in WebVTT, a number in SubRip."""
        before, name = self.lines[-2:] if self.lines[1:] else ("", "")
        is_name = name.strip() and not before.strip() and (is_any or name.strip().isdecimal())
        return self.lines.pop().strip() if is_name else ""


def transcript_text(path: Path, read: ReadText) -> ReadText:
    """Give the words of a transcript (.vtt or .srt), a cue on a line or more, with the time at which each cue begins.

    A voice tag of WebVTT becomes `Name: ` at the start of a line; other tags are taken away, and comments and styles
    left out and counted. Raises DocumentError for another file, and for times that cannot be read, with the line.
    """
    is_vtt = path.suffix.lower() == ".vtt"
    if is_vtt and read.text.split("\n", 1)[0].split()[:1] != ["WEBVTT"]:
        raise DocumentError(f"{path}: its first line is not WEBVTT; if it is SubRip, rename it to end in .srt.")
    left_out = Counter[str]()
    head, *cues = _cues(read.text, left_out, is_vtt=is_vtt)
    left_out["lines before the first cue"] += sum(bool(line.strip()) for line in head.lines)
    spoken = [(_words("\n".join(cue.lines[1:]), left_out, is_vtt=is_vtt), _seconds(path, cue)) for cue in cues]
    kept = [(text, at) for text, at in spoken if text.strip()]
    if not kept:
        raise DocumentError(f"{path}: no words with times are in it; check that it is the transcript.")
    starts = accumulate((len(text) + 1 for text, _ in kept[:-1]), initial=0)
    notes = (f"left out: {what} ({count})" for what, count in left_out.items() if count)
    times = tuple(zip(starts, (at for _, at in kept), strict=True))
    return replace(read, text="\n".join(text for text, _ in kept), notes=(*read.notes, *notes), times=times)


def _cues(text: str, left_out: Counter[str], *, is_vtt: bool) -> list[_Cue]:
    cues, block = [_Cue()], ""
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        lines = cues[-1].lines
        if _ARROW in line:
            name, block = cues[-1].take_name(is_any=is_vtt), ""
            left_out["names of cues"] += bool(name) and not name.isdecimal()
            cues.append(_Cue(number, [line]))
        elif is_vtt and not block and not lines[-1].strip() and (found := _BLOCK.match(line)):
            block = found[1]
            left_out[_BLOCKS[block]] += 1
        elif not block:
            lines.append("" if is_vtt and number == 1 else line)
        elif not line.strip():
            block = ""
    return cues


def _seconds(path: Path, cue: _Cue) -> float:
    """When a cue begins. Its words do not go through pysubs2, which drops a last line that is a number."""
    from pysubs2 import SSAFile

    with warnings.catch_warnings(action="ignore"):
        times = SSAFile.from_string(cue.lines[0], format_=path.suffix.lower().removeprefix("."))
    if len(times) != 1:
        reason = f"these are not two times of this format: {cue.lines[0].strip()[:60]!r}"
        place = f"{path}, line {cue.number}"
        raise DocumentError(f"{place}: {reason}; correct them, as in 00:01:02{_POINT[path.suffix.lower()]}500 --> …")
    return float(times[0].start / 1000)


def _words(text: str, left_out: Counter[str], *, is_vtt: bool) -> str:
    if not is_vtt:
        return _SRT_TAG.sub("", text).strip()
    text, readings = _READING.subn("", text)
    left_out["readings above characters"] += readings
    voiced = _VOICE.sub(lambda voice: f"\n{' '.join(voice[1].split())}: ", text)
    return unescape(re.sub(r"\n\s*\n", "\n", _VTT_TAG.sub("", voiced))).strip()
