"""The anatomy's figures: every column follows from those before it, and what is masked is not drawn as zero."""

import numpy as np
import pytest

from viz.anatomy import SINK, Step, bars, score_steps, strongest_rows, unused, with_sink
from viz.anatomy_vectors import gathered, mixture, vectors
from viz.scaling import scaling

RAW = np.array([2.0, -1.0, 4.0, 0.5, 1.0])
SCALED = RAW * 0.5
BIAS = np.array([-0.4, -0.3, -0.2, -0.1, 0.0])
MASK = np.array([0.0, 0.0, 0.0, 0.0, -np.inf])
SCORE = np.exp(SCALED + BIAS + MASK)
WEIGHTS = SCORE / SCORE.sum()
WORDS = ["the", "<b>", "the", "cat", ""]


def column(figure, at):
    return [trace for trace in figure.data if trace.type == "bar"][at]


def steps():
    return score_steps(RAW, 0.5, SCALED, BIAS, SCALED + BIAS, MASK, WEIGHTS)


def test_the_columns_drawn_add_up_to_the_score_and_its_softmax():
    figure = bars(WORDS, steps())
    titles = [step.title for step in steps()]
    assert titles == ["q·k", "× 0.5 (content)", "+ position", "+ mask", "= score", "softmax"]
    raw, content, position, mask, score, share = (column(figure, at).x for at in range(6))
    np.testing.assert_allclose(content, raw * 0.5)
    np.testing.assert_allclose((content + position + mask)[:4], score[:4])
    np.testing.assert_allclose(share[:4], np.exp(score[:4]) / np.exp(score[:4]).sum())
    assert share[4] == 0


def test_a_cap_has_its_own_column_and_no_bias_has_none():
    capped = 1.5 * np.tanh(SCALED / 1.5)
    found = score_steps(RAW, 0.5, SCALED, np.zeros(5), capped, np.zeros(5), WEIGHTS)
    assert [step.title for step in found] == ["q·k", "× 0.5 (content)", "capped", "+ mask", "= score", "softmax"]
    np.testing.assert_array_equal(found[4].values, capped)


def test_what_is_masked_is_hatched_and_called_minus_infinity():
    figure = bars(WORDS, steps())
    hatched = [trace for trace in figure.data if trace.type == "scatter"]
    assert [trace.xaxis for trace in hatched] == ["x4", "x5"]
    assert all(list(trace.y)[:1] == [3.5] and max(trace.y) == 4.5 for trace in hatched)
    assert column(figure, 3).text[4] == "−∞" and column(figure, 3).text[0] == "0.000"


def test_addends_share_their_limits_and_the_raw_score_has_its_own():
    layout = bars(WORDS, steps()).layout
    assert layout.xaxis2.range == layout.xaxis3.range == layout.xaxis5.range
    assert layout.xaxis.range != layout.xaxis2.range
    low, high = layout.xaxis2.range
    assert low < min(SCALED.min(), BIAS.min()) and high > SCALED.max()


def test_words_keep_their_rows_and_are_escaped():
    figure = bars(WORDS, steps())
    assert list(figure.layout.yaxis.ticktext) == ["the", "&lt;b&gt;", "the", "cat", "(empty)"]
    assert column(figure, 0).customdata[1] == "&lt;b&gt;"


def test_what_is_not_there_is_said():
    said = unused(SCALED, np.zeros(5), SCALED, np.zeros(5), 0.25)
    assert "no position bias" in said and "no mask" in said and "takes 0.250 of the row" in said
    assert unused(SCALED, BIAS, SCALED, MASK, 0.0) == ""


def test_the_strongest_keys_stay_in_their_order():
    np.testing.assert_array_equal(strongest_rows(np.array([0.1, 0.4, 0.05, 0.3, 0.15]), 3), [1, 3, 4])


def test_the_last_row_of_the_mixture_is_the_sum_of_the_rows_above():
    weighted = np.random.default_rng(5).normal(size=(5, 7))
    figure = mixture(weighted, weighted.sum(axis=0), WORDS)
    drawn = next(trace for trace in figure.data if trace.type == "heatmap").z
    np.testing.assert_allclose(drawn[5], drawn[:5].sum(axis=0), rtol=1e-5)
    frame = figure.layout.shapes[-1]
    assert (frame.y0, frame.y1) == (4.5, 5.5) and figure.layout.yaxis.ticktext[5] == "Σ sum"


def test_keys_without_a_row_of_their_own_share_one_and_the_rows_still_add_up():
    weighted = np.random.default_rng(5).normal(size=(31, 7))
    weights = np.random.default_rng(6).dirichlet(np.ones(31))
    words = [f"w{at}" for at in range(31)]
    rows, labels = gathered(weighted, strongest_rows(weights), words)
    assert (len(labels), labels[-1]) == (25, "Σ 7 others")
    np.testing.assert_allclose(rows.sum(axis=0), weighted.sum(axis=0))
    figure = mixture(rows, weighted.sum(axis=0), labels)
    drawn = next(trace for trace in figure.data if trace.type == "heatmap").z
    np.testing.assert_allclose(drawn[:-1].sum(axis=0), drawn[-1], atol=1e-5)
    few, names = gathered(weighted[:5], np.arange(5), WORDS)
    assert names == WORDS
    np.testing.assert_array_equal(few, weighted[:5])


def test_the_softmax_can_be_computed_again_from_the_scores_that_are_drawn_the_sinks_too():
    score = (SCALED + BIAS + MASK)[:4]
    total = np.exp(score).sum() + np.exp(1.5)
    weights = np.append(np.exp(score) / total, 0)
    found = score_steps(RAW, 0.5, SCALED, BIAS, SCALED + BIAS, MASK, weights)
    found = with_sink(found, 1.5, np.exp(1.5) / total)
    figure = bars([*WORDS, SINK], found)
    score, share = (column(figure, at) for at in (4, 5))
    finite = np.exp(np.where(np.isneginf(found[4].values), -np.inf, found[4].values))
    np.testing.assert_allclose(share.x, finite / finite.sum())
    assert share.x.sum() == pytest.approx(1)
    assert score.text[5] == "1.500"
    assert [column(figure, at).text[5] for at in range(4)] == [""] * 4  # no key: nothing to add up


def test_the_vectors_third_line_is_the_product_of_the_first_two():
    query, key = np.random.default_rng(7).normal(size=(2, 11))
    figure = vectors(query, key, query * key, ("cat", "<s>"))
    first, second, third = (np.asarray(trace.y) for trace in figure.data)
    np.testing.assert_allclose(third, first * second)
    texts = [note.text for note in figure.layout.annotations]
    assert texts[1] == "k of &lt;s&gt;" and texts[2].endswith(f"{third.sum():.3f}".replace("-", "−"))


def test_scaling_draws_both_rows_against_the_logarithm_of_the_width():
    entropy, gradient = np.array([[4.4, 4.4, 4.3], [3.0, 1.5, 0.5]]), np.array([[0.2, 0.2, 0.2], [0.3, 0.2, 0.1]])
    figure = scaling([4, 16, 64], entropy, gradient, marked=32)
    lines = [trace for trace in figure.data if trace.name in ("divided by √d", "not divided")]
    np.testing.assert_allclose([trace.x for trace in lines], [[2, 4, 6]] * 4)
    np.testing.assert_allclose([trace.y for trace in lines], [*entropy, *gradient])
    assert [shape.x0 for shape in figure.layout.shapes] == [5, 5]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: bars(WORDS, [Step("q·k", RAW[:3])]), r"q·k: wanted 5 values; got shape \(3,\)"),
        (lambda: bars(["w"] * 25, [Step("a", np.zeros(25))]), "1 to 24 keys; got 1 steps and 25 keys"),
        (lambda: bars(WORDS, steps(), marked=5), "from 0 to 4; got 5"),
        (lambda: mixture(np.zeros((5, 7)), np.zeros(5), WORDS), r"output of shape \(7,\); got \(5,\)"),
        (lambda: vectors(RAW, RAW[:3], RAW, ("a", "b")), r"one shape \[d\]"),
        (lambda: scaling([1, 2], np.zeros((2, 3)), np.zeros((2, 2))), r"entropy of shape \(2, 2\); got \(2, 3\)"),
    ],
)
def test_bad_input_is_refused_with_wanted_and_got(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_on_a_narrow_page_the_numbers_stand_in_line_clear_of_the_bars():
    figure = bars(list("abcde"), steps(), width=520)
    drawn = [trace for trace in figure.data if trace.type == "bar"]
    words = [trace for trace in figure.data if trace.type == "scatter" and trace.mode == "text"]
    assert len(drawn) == len(words) == 6
    for at, (bar, text) in enumerate(zip(drawn, words, strict=True)):
        axis = figure.layout[f"xaxis{at + 1}" if at else "xaxis"]
        low, high = axis.range
        across = (axis.domain[1] - axis.domain[0]) * (520 - 112 - 8)
        assert (high - np.max(bar.x)) / (high - low) * across >= 0.64 * across
        assert set(text.x) == {high}
        assert list(text.text) == list(bar.text)
        assert bar.textposition == "none"
    wide = bars(list("abcde"), steps(), width=1200)
    assert all(trace.textposition == "outside" for trace in wide.data if trace.type == "bar")
