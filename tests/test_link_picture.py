"""The picture that other sites show beside a link to a page, and what a page says of itself to them."""

import io
import re
import urllib.error
import urllib.request

import pytest
from PIL import Image

from research_lib.show.pages.link_picture import link_picture
from research_lib.show.site.rendering import export_page


def read(address):
    with urllib.request.urlopen(address, timeout=60) as answer:
        return answer.read(), answer.headers["Content-Type"]


def ink(picture):
    """The share of pixels that are nearly black."""
    counts = Image.open(io.BytesIO(picture)).convert("L").histogram()
    return sum(counts[:60]) / sum(counts)


def test_the_picture_has_its_size_and_more_ink_with_more_words():
    short, long = (link_picture(words, "", "a study") for words in ("One", "One question of many words to read"))
    assert Image.open(io.BytesIO(short)).size == (1200, 630)
    assert ink(short) < ink(long)


def test_a_text_without_end_and_letters_that_no_font_has_give_a_picture():
    assert link_picture("long " * 500, "word" * 900, "名字 <&>\"'")[:4] == b"\x89PNG"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_page_names_its_picture_with_the_address_of_the_server(served, language):
    document = read(f"{served}/voila/render/home.ipynb?lang={language}")[0].decode()
    address = re.search(r'property="og:image" content="([^"]+)"', document)[1]
    assert address == f"{served}/voila/static/pictures/home.{language}.png"
    picture, kind = read(address)
    assert kind == "image/png" and picture[:4] == b"\x89PNG"


@pytest.mark.parametrize("name", ["nothing.en", "home.xx", "home.", "..%2fhome.en"])
def test_a_picture_of_no_page_is_not_found(served, name):
    with pytest.raises(urllib.error.HTTPError) as error:
        read(f"{served}/voila/static/pictures/{name}.png")
    assert error.value.code in (403, 404)


def test_a_page_that_is_mailed_names_no_picture(tmp_path):
    written = export_page("home", tmp_path / "home.html").read_text(encoding="utf-8")
    assert "og:image" not in written
