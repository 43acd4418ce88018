"""Headers that an export adds to those of its form: the server's own columns, and the mark of synthetic records."""

import re
import unicodedata
from functools import lru_cache

OWN = re.compile(
    r"(?:.*[/.:-])?(?:_id|__id|_uuid|_index|_parent_index|_parent_table_name|__version__|_version_+\d*|_status|_notes|_tags"
    r"|_validation_status|_xform_id_string|_bamboo_dataset_id|_attachments|_submission__id|_submission__uuid"
    r"|_submission__validation_status|_submission__notes|_submission__status|_submission__tags|_submission___version__"
    r"|rootUuid|deprecatedID|instanceID|formhub/uuid|KEY|PARENT_KEY|SET-OF-.+|Status|ReviewState|Edits|FormVersion"
    r"|AttachmentsPresent|AttachmentsExpected|isValidated|_geolocation|_version|_duration|_total_media|_media_count|_media_all_received"
    r"|_xform_id|_date_modified|formdef_version)|\*meta-[a-z-]+\*"
)
_MARK = re.compile(
    r"(?:data|date|donnees|dati|record|records)?(?:is|est|e|je)?(?:synthetic|synthetiques?|sintetic[oaie]|sintetiche|syntetick[yaei]|合成)"
    r"(?:record|records|data|的|数据|數據)?"
)
_BETWEEN_GROUPS = re.compile(r"[/\\.:|\-\u2010-\u2015\u2212]")
_NEGATED = (["non"], ["not"])
_MOST_KEPT = 1 << 15
_NO_LETTERS = ("Mn", "Cf")
_SYNTHETIC = re.compile(r"s[iy]nth?eti[ckq]|合成")


@lru_cache(_MOST_KEPT)
def is_own(header: str) -> bool:
    """Whether a column is the export's own: what a server added, or the mark that its records are synthetic."""
    return bool(OWN.fullmatch(header)) or is_mark(header)


def is_mark(header: str) -> bool:
    """Whether a column says of records that they are synthetic: SYNTHETIC, or so in another language of the forms.

    Groups before the header, case, accents, width, blanks, signs, digits and characters that nobody sees do not count.
    """
    parts = [letters for part in _BETWEEN_GROUPS.split(bare(header)) if (letters := _letters(part))]
    return bool(parts) and bool(_MARK.fullmatch(parts[-1])) and parts[-2:-1] not in _NEGATED


def bare(text: str) -> str:
    """Give a text in small letters of one width, without accents and characters that nobody sees."""
    parted = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text)).casefold()
    return "".join(sign for sign in parted if unicodedata.category(sign) not in _NO_LETTERS)


def _letters(text: str) -> str:
    return "".join(sign for sign in text if sign.isalpha())


@lru_cache(_MOST_KEPT)
def is_nearly_a_mark(header: str) -> bool:
    """Whether a column has the word synthetic in its header, and is neither a mark nor the export's own."""
    return bool(_SYNTHETIC.search(_letters(bare(header)))) and not is_own(header)
