"""The look of an architecture is one and the same everywhere, and can be told apart without colour."""

import numpy as np
import pytest

from viz.enlarge import enlarge
from viz.matrices import Panel, matrices
from viz.theme import ARCHITECTURES, OUTLINE, look

GROUNDS = ("#FCFCFB", "#14181E")  # the app's light and dark


def luminance(colour):
    """Relative luminance of WCAG 2.1 for "#RRGGBB"."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast_of_black_on_white_is_21():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)


@pytest.mark.parametrize("key", ARCHITECTURES)
def test_every_line_reaches_3_to_1_by_itself_or_by_its_outline(key):
    one = ARCHITECTURES[key]
    for ground in GROUNDS:
        drawn = OUTLINE if one.outlined else one.colour
        assert contrast(drawn, ground) >= 3


def test_variants_share_the_colour_and_differ_in_dash():
    for plain, variant in (("cnn", "cnn-dilated"), ("lstm", "lstm-bias4")):
        assert look(plain).colour == look(variant).colour and look(plain).dash != look(variant).dash


def test_no_two_architectures_share_colour_dash_and_symbol_and_seven_colours_are_distinct():
    assert len({(one.colour, one.dash) for one in ARCHITECTURES.values()}) == len(ARCHITECTURES)
    assert len({one.colour for one in ARCHITECTURES.values()}) == 7


def test_an_unknown_architecture_says_wanted_and_got():
    with pytest.raises(ValueError, match=r"one of mlp, cnn, .*; got 'lstm2'"):
        look("lstm2")


def test_ink_colours_every_text_of_the_axes_and_the_colour_bar():
    panels = [Panel(key, key, np.eye(3)) for key in ("cnn", "gru")]
    figure = matrices(panels, list("abc"), list("abc"), limits=(0, 1), per_line=7, colour_title="share")
    figure = enlarge(figure, 1, "#123456")
    texts = (figure.layout, figure.layout.coloraxis.colorbar.title)
    ticks = (figure.layout.xaxis2, figure.layout.yaxis, figure.layout.coloraxis.colorbar)
    assert {one.font.color for one in texts} | {one.tickfont.color for one in ticks} == {"#123456"}
    assert {note.font.color for note in figure.layout.annotations} == {None}  # these follow the layout
