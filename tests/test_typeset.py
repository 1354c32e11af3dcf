"""Documents as PDF: every letter is drawn or the test fails, and the same data gives the same bytes."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from reports import typeset as here
from reports.typeset import UNKNOWN, Unwritable, families, typeset, writable

WHEN = datetime(2026, 2, 3, 4, 5, tzinfo=UTC)
SAID = {
    "title": "Letter", "author": "Example", "footer": "INV-1", "page": "{page} of {pages}", "mark": "", "words": [],
}  # fmt: skip
TEMPLATE = """
#import "letter.typ": data, letter
#show: letter
#for word in data.words [#word #linebreak()]
"""
#: Of each language and country something that only its own font draws right.
WRITTEN = (
    "인보이스 합계",
    "請求書 消費税",
    "发票 税额",
    "Tagihan Ñuñoa őű",
    "ใบแจ้งหนี้",
    "कंपनी",
    "₩ ¥ ₱ ₹ ฿ € № – — … “”",
)


@pytest.fixture(autouse=True)
def _template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "words.typ").write_text(TEMPLATE, encoding="utf-8")
    (tmp_path / "letter.typ").write_text((here.TEMPLATES / "letter.typ").read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr(here, "TEMPLATES", tmp_path)


def made(*words: str, language: str = "en", country: str = "", **more: Any) -> bytes:
    return typeset("words", SAID | {"words": words} | more, language=language, country=country, made_at=WHEN)


class TestLetters:
    @pytest.mark.parametrize("language", ["en", "ko", "ja", "zh_Hans", "id"])
    def test_every_language_is_written_in_every_document(self, language: str) -> None:
        assert made(*WRITTEN, language=language).startswith(b"%PDF-1.7")

    @pytest.mark.parametrize("letter", ["😀", "ﷺ", "\N{LINEAR B SYLLABLE B008 A}"])
    def test_a_letter_that_no_font_has_is_an_error_and_no_empty_box(self, letter: str) -> None:
        with pytest.raises(Unwritable):
            made(f"Acme {letter}")

    def test_what_people_wrote_is_written_as_far_as_it_can_be(self) -> None:
        said = writable({"words": ["Acme 😀 Ltd\u200b", "서울\u00a0\u3000ő\n2"], "mark": "", "strong": True})
        assert said == {"words": [f"Acme {UNKNOWN} Ltd", "서울\u00a0\u3000ő\n2"], "mark": "", "strong": True}
        assert made(*said["words"])

    def test_whatever_is_called_writable_can_be_written(self) -> None:
        # every plane that has letters, every third of them: more than any name will ever hold
        everything = (chr(point) for point in (*range(0x20, 0xD800, 3), *range(0xE000, 0x30000, 3)))
        words = ["".join(letter) for letter in zip(*[iter(everything)] * 500, strict=False)]
        assert made(*writable(words))

    def test_each_country_has_its_own_way_of_writing_the_same_character(self) -> None:
        assert families("ja")[1] == families("en", "JP")[1] == "Noto Sans CJK JP"
        assert families("zh_Hans")[1] == families("id", "CN")[1] == "Noto Sans CJK SC"
        assert families("zh-Hans")[1] == families("zh-CN", "JP")[1] == families("zh_CN")[1] == "Noto Sans CJK SC"
        assert families("zh-TW")[1] == "Noto Sans CJK TC"
        assert families("ko", "JP")[1] == "Noto Sans CJK KR", "the language of the words goes before the country"
        assert len({made("直骨", language=language) for language in ("ja", "ko", "zh_Hans")}) == 3

    def test_only_fonts_that_come_along_are_used(self) -> None:
        """Whatever is installed here (`.ci/run` installs Noto Sans CJK for the browser) is not there elsewhere."""
        known = {
            "Noto Sans",
            "Noto Sans Thai",
            *(f"Noto Sans CJK {script}" for script in ("JP", "KR", "SC", "TC", "HK")),
        }
        assert set(here._fonts().families()) == known

    def test_a_font_that_is_not_there_is_an_error(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(here, "families", lambda _language, _country: ["Noto Sans", "Comic Sans MS"])
        with pytest.raises(RuntimeError, match="comic sans"):
            made("Acme")


class TestBytes:
    def test_the_same_data_gives_the_same_bytes_in_another_process(self) -> None:
        code = (
            "from tests.test_typeset import *; import sys; here.TEMPLATES = Path(sys.argv[1]); "
            "print(sha256(made(*WRITTEN, language='ko')).hexdigest())"
        )
        command = [sys.executable, "-W", "ignore", "-c", code, str(here.TEMPLATES)]
        other = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1])
        assert other.stdout.strip() == sha256(made(*WRITTEN, language="ko")).hexdigest()
        assert made("Acme") != made("Acme."), "another word, other bytes"

    def test_it_is_made_for_an_archive_and_says_when_from_its_data(self) -> None:
        file = made("Acme")
        assert b"<pdfaid:part>2</pdfaid:part>" in file and b"<pdfaid:conformance>B</pdfaid:conformance>" in file
        assert b"2026-02-03T04:05:00" in file

    def test_what_people_wrote_is_never_markup(self) -> None:
        assert made('#panic("no")', "*a*", "$x$", '#read("/etc/passwd")', "= Heading", "\\u{41}")

    def test_a_float_has_no_place_in_a_document(self) -> None:
        with pytest.raises(TypeError, match="no float"):
            made("Acme", lines=[{"amount": 0.1}])

    def test_many_at_once_are_each_their_own(self) -> None:
        names = [f"Company {n}" for n in range(40)]
        alone = [made(name) for name in names]
        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(made, names)) == alone
