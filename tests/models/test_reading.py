"""A reading holds the lenses' own numbers; a change compares two texts word by word."""

import numpy as np
import pytest

from models.lens import gradient_flow, influence, mixing, order
from models.reading import change, read
from tests.models.tiny import NAMES, SEVEN, tiny, words


def test_a_reading_is_what_the_lenses_say() -> None:
    model = tiny("hybrid", causal=True)
    found = read(model, SEVEN)
    assert found.gradient is not None
    assert found.substitution is not None
    assert (found.gradient.values == influence.matrix(model, SEVEN, "gradient").values).all()
    assert (found.substitution.values == influence.matrix(model, SEVEN, "substitution").values).all()
    assert found.reach == ((0, 0), (2, 0), (4, 0), (None, None), (None, None))
    assert (found.moved == order.shuffled(model, SEVEN)).all()
    assert (found.trace.hidden == model.trace(SEVEN).hidden).all()
    for target in range(3):
        assert (found.of_output[target] == influence.of_output(model, SEVEN, target)).all()
        assert (found.occlusion[target] == influence.occlusion(model, SEVEN, target)).all()
        assert (found.flows[target].norms == gradient_flow.by_depth(model, SEVEN, target).norms).all()
    assert found.name == "tiny-hybrid"


def test_a_long_text_has_no_matrix_and_leaves_no_word_out() -> None:
    found = read(tiny("rnn"), words(131))
    assert found.gradient is None
    assert found.substitution is None
    assert (found.of_output.shape, found.occlusion.shape) == ((3, 131), (3, 131))
    assert np.isnan(found.occlusion).all()
    assert np.isfinite(found.of_output).all()
    assert read(tiny("rnn"), words(3)).gradient is not None


def test_a_text_that_the_model_cannot_take_is_refused() -> None:
    for text, reason in (("", "no words"), (" \n ", "no words"), (words(67), "at most 64 tokens")):
        with pytest.raises(ValueError, match=reason):
            read(tiny("mlp"), text)


@pytest.mark.parametrize("name", NAMES)
def test_a_change_of_one_word(name: str) -> None:
    model, other = tiny(name), SEVEN.replace("cat", "lynx")
    found = change(model, SEVEN, other)
    assert found.output_before == model.trace(SEVEN).output
    assert found.output_after == model.trace(other).output
    assert (found.mixing_before == mixing.weights(model, SEVEN)).all()
    assert (found.mixing_after == mixing.weights(model, other)).all()
    for kind in ("gradient", "substitution"):
        old, new = (influence.matrix(model, text, kind).values for text in (SEVEN, other))
        assert (getattr(found, f"{kind}_before") == old).all()
        assert (getattr(found, f"{kind}_after") == new).all()
        assert (getattr(found, f"{kind}_moved") == mixing.total_variation(old, new)).all()
        assert getattr(found, f"{kind}_moved").max() > 1e-4
    moved = [
        mixing.total_variation(found.mixing_before[i], found.mixing_after[i]) for i in range(len(found.mixing_after))
    ]
    assert found.mixing_moved == pytest.approx(np.mean(moved, axis=0), abs=1e-12)
    assert found.fixed == (name in ("mlp", "cnn", "cnn-dilated", "rnn"))
    assert found.fixed == bool((found.mixing_moved == 0).all())


def test_a_change_to_the_same_text_moves_nothing() -> None:
    found = change(tiny("transformer"), SEVEN, SEVEN)
    assert (found.mixing_moved == 0).all()
    assert (found.gradient_moved == 0).all()
    assert (found.substitution_moved == 0).all()


def test_a_change_must_keep_the_number_of_words() -> None:
    with pytest.raises(ValueError, match="the text has 7 tokens, changed 8"):
        change(tiny("gru"), SEVEN, SEVEN + " ant")
    with pytest.raises(ValueError, match="at most 128 tokens, the text has 131"):
        change(tiny("gru"), words(131), words(131, seed=1))
