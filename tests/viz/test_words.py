"""How many labels an axis takes, and how they lie."""

from viz.words import cells, label_size, word_axis


def test_short_words_lie_flat_where_they_fit():
    settings, room = word_axis(["a", "bb", "ccc"], 120, turn=True)
    assert settings["tickangle"] == 0 and settings["tickvals"] == [0, 1, 2] and room == 19


def test_words_turn_where_they_do_not_fit_and_ask_for_their_length():
    settings, room = word_axis(["abcdefghij"] * 7, 70, turn=True)
    assert settings["tickangle"] == -90 and settings["tickfont"]["size"] == 10
    assert room == 71  # ten characters of 6.1 pixels, and ten beside


def test_rows_never_turn():
    assert word_axis(["abcdefghij"] * 7, 70, turn=False)[0]["tickangle"] == 0


def test_all_words_show_down_to_the_least_pitch_and_are_thinned_beyond():
    assert len(word_axis(["w"] * 13, 13 * 7.6, turn=False)[0]["tickvals"]) == 13
    assert len(word_axis(["w"] * 13, 13 * 7.5, turn=False)[0]["tickvals"]) == 7
    assert (label_size(7.6), label_size(9.4), label_size(40), label_size(3)) == (8, 9, 11, 10)


def test_wide_and_combining_characters_are_counted_as_drawn():
    assert (cells("中文"), cells("e\u0301"), cells("abc")) == (4, 1, 3)
