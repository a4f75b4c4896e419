"""Counts, sizes and tables as reports tell them."""

from __future__ import annotations

import pytest

from fusion.core.words import Table, as_size, counted


@pytest.mark.parametrize(("n", "told"), [(0, "0 links"), (1, "1 link"), (2, "2 links"), (12345, "12,345 links")])
def test_counts_agree_with_their_noun(n, told):
    assert counted(n, "link") == told


@pytest.mark.parametrize(
    ("n", "told"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1 kB"),
        (3456, "3.46 kB"),
        (10**6, "1 MB"),
        (25 * 10**9, "25 GB"),
        (10**15, "1e+03 TB"),
    ],
)
def test_sizes_have_a_prefix(n, told):
    assert as_size(n) == told


def test_words_stand_left_and_numbers_right_without_blanks_at_the_end():
    table = Table(("name", "n", "note"), [("a", "1", ""), ("long", "100", "x")], numbers=("n",))
    assert table.lines() == ["name    n  note", "a       1", "long  100  x"]


def test_columns_in_which_nothing_stands_are_left_out():
    assert Table(("a", "b"), [("1", ""), ("2", "")]).lines() == ["a", "1", "2"]


def test_a_table_without_rows_is_nothing():
    assert not Table(("a", "b"), [])
    assert Table(("a",), [("1",)])


def test_cells_of_html_are_escaped():
    html = Table(("<a>",), [("b & c",)]).html()
    assert html == (
        '<table cellpadding="4"><tr><th style="text-align:left">&lt;a&gt;</th></tr>'
        '<tr><td style="text-align:left">b &amp; c</td></tr></table>'
    )
