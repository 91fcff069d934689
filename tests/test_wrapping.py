"""Tests of text that was broken into lines of one width."""

import textwrap

import pytest

from aggregator.clean.wrapping import unwrapped

PARAGRAPHS = (
    "The old signal box at Corrie junction, which has stood empty since the last points were automated in 1996, will "
    "become a reading room for the village, the parish council said on Monday night.",
    "The levers will stay where they are. “Children may pull them, since nothing happens any more,” said the council's "
    "chairwoman, who also drives the school bus and has the only key.",
)
LIST = "Share this\nTweet\nMost read"


@pytest.mark.parametrize("width", [55, 65, 72, 80])
def test_broken_paragraphs_become_one_line_each(width):
    broken = "\n\n".join(textwrap.fill(paragraph, width, break_on_hyphens=False) for paragraph in PARAGRAPHS)
    assert unwrapped(f"A reading room\n\n{broken}\n\n{LIST}") == "\n\n".join(["A reading room", *PARAGRAPHS, LIST])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n \n",
        "\n".join(PARAGRAPHS),
        LIST,
        "Śpij, rzeko, śpij,\nnoc okryła brzeg,\nksiężyc liczy fale,\na na łąkach śnieg.",
        "Brexit Live: how the night went, hour by hour [LIVE]\nEx-security chief orders a change of the pipeline [REPORT]",
        "two large leeks, washed and cut into rings of a finger's width\none litre of stock\nhalf a cup of barley",
    ],
)
def test_other_lines_stay_apart(text):
    assert unwrapped(text) == text
