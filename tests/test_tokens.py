"""The tokeniser: what counts as the same word, in which script."""

import unicodedata

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st
from strategies import text_in_any_script, unspaced_run

from aggregator import tokens as module
from aggregator.tokens import TOKEN_CHARS, fold, tokens, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        ("… — 🔥 & !", ()),
        ("The quick, brown fox's tail.", ("the", "quick", "brown", "fox", "s", "tail")),
        ("covid-19 U.S. 3.5", ("covid", "19", "u", "s", "3", "5")),
        ("snake_case _emphasis_ a‿b", ("snake", "case", "emphasis", "a", "b")),
        ("Ｆｕｌｌ　ｗｉｄｔｈ ｶﾞ", ("full", "width", "ガ")),
        ("ﬁne m² Ⅳ ①", ("fine", "m2", "iv", "1")),
        ("Café CAFÉ cafe\u0301 naïve", ("cafe", "cafe", "cafe", "naive")),
        ("Straße STRASSE Łódź Ærø Đà Nẵng", ("strasse", "strasse", "lodz", "aero", "da", "nang")),
        ("İstanbul IRAK ırak", ("istanbul", "irak", "irak")),
        ("Αθήνα ΑΘΗΝΑ Ἀθῆναι λόγος ΛΟΓΟΣ", ("αθηνα", "αθηνα", "αθηναι", "λογοσ", "λογοσ")),
        ("Йод Ёлка війна", ("йод", "ёлка", "війна")),
        ("и\u0306 й", ("й", "й")),
        ("مُحَمَّد أحمد آب مـــدرسة", ("محمد", "احمد", "اب", "مدرسة")),
        ("می\u200cخواهم کتاب", ("مي", "خواهم", "كتاب")),
        ("שָׁלוֹם שלום", ("שָׁלוֹם", "שלום")),
        ("프라하의 봄", ("프라하의", "봄")),
        ("हिन्दी में", ("हिन्दी", "में")),
        ("日本語", ("日", "日本", "本", "本語", "語")),
        ("カナー", ("カ", "カナ", "ナ", "ナー", "ー")),
        ("AI技術2026年", ("ai", "技", "技術", "術", "2026", "年")),
        ("กิน", ("กิ", "กิน", "น")),
        ("日本。中国", ("日", "日本", "本", "中", "中国", "国")),
        ("soft\u00adhyphen zero\u200bwidth \ufefftext wo\u2060rd", ("softhyphen", "zerowidth", "text", "word")),
        ("null\0byte \ud800surrogate", ("null", "byte", "surrogate")),
        ("\u0301stray mark", ("stray", "mark")),
    ],
)
def test_tokens(text, expected):
    assert tokens(text) == expected


def test_words_give_pairs_alone_where_there_are_no_spaces():
    assert words("日本語 and 山") == ("日本", "本語", "and", "山")
    assert words("Plain Words") == ("plain", "words")


def test_long_words_count_by_their_beginning():
    assert tokens("x" * 1000 + " y") == ("x" * TOKEN_CHARS, "y")
    assert tokens("й" * 1000 + " y") == ("й" * TOKEN_CHARS, "y")
    assert all(len(word) <= TOKEN_CHARS for word in tokens("ก" + "\u0e31" * 1000 + "น" * 3 + "\u05d0" + "\u05b8" * 500))


@pytest.mark.parametrize("heap", ["\u0300\u0316", "\uff9e\u0316", "\u0316\u034f\u0300", "\u200b\u0316\u0300"])
def test_heaps_of_marks_are_cut_before_they_are_sorted(heap):
    """Sorting a million of them would take hours."""
    assert tokens("й" + heap * 500_000 + " y")[-1] == "y"
    assert tokens("a" + heap * 500_000 + "b") == tokens("a" + heap * 20 + "b")


def test_common_letters_take_the_fast_way_and_it_splits_alike():
    fast = [chr(code) for code in range(0x20000) if not module._NOT_SIMPLE.search(fold(f"a{chr(code)}b"))]
    assert len(fast) > 1000
    for char in fast:
        text = fold(f"a{char}b")
        assert module.runs(text) == module._WORDS.findall(text), hex(ord(char))


ALONE = [chr(code) for code in range(0x80, 0x20000) if not module._BY_CONTEXT.search(chr(code))]


def test_what_is_folded_by_itself_is_no_mark_and_becomes_none():
    assert "’" in ALONE
    assert "é" in ALONE
    for char in ALONE:
        folded = module._folded(char)
        assert folded == folded.lower(), hex(ord(char))
        assert not any(unicodedata.category(part).startswith("M") for part in folded), hex(ord(char))


@given(st.text(st.one_of(st.sampled_from(ALONE), st.characters(max_codepoint=127)), max_size=30))
def test_what_is_folded_by_itself_folds_alike_in_a_text(text):
    assert fold(text) == module._folded(text)


@given(st.text())
def test_tokens_suit_an_index(text):
    for word in tokens(text):
        assert word
        assert len(word) <= TOKEN_CHARS
        assert regex.fullmatch(r"[\w--_]+", word, regex.VERSION1)
        assert word.casefold() == word or not word.isascii()


@given(text_in_any_script())
def test_case_width_and_normal_form_do_not_count(text):
    assert tokens(unicodedata.normalize("NFD", text)) == tokens(unicodedata.normalize("NFC", text))
    assert tokens(unicodedata.normalize("NFKC", text)) == tokens(text)


@given(st.text(alphabet=st.characters(categories=["L", "N"])))
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


@given(unspaced_run(min_size=1), st.data())
def test_any_piece_of_an_unspaced_run_is_a_phrase_of_its_tokens(run, data):
    start = data.draw(st.integers(0, len(run) - 1))
    end = data.draw(st.integers(start + 1, len(run)))
    whole, piece = tokens("".join(run)), tokens("".join(run[start:end]))
    assert any(whole[at : at + len(piece)] == piece for at in range(len(whole)))


@given(text_in_any_script(), text_in_any_script())
def test_texts_side_by_side_keep_their_tokens(first, second):
    assert tokens(f"{first} {second}") == tokens(first) + tokens(second)
