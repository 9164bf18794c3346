"""The page "Gradient flow" without a browser: each view's numbers against the lens behind it, and its faults."""

import json
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from models import load, pretrained
from models.lens import gradient_flow, gradient_flow_chain, gradient_flow_stack, gradient_flow_time
from models.lens.gradient_flow_attention import ways
from models.lens.gradient_flow_model import by_model
from models.lens.gradient_flow_time import Times
from models.zoo import stack
from pages.flow import choice, depth, say, sentence
from pages.flow import ways as ways_page
from pages.shared.limits import HOSTED
from tests.pages.helper import open_app, problems
from tests.pages.test_optimizers import SECONDS, numbers, texts

PAGE = "pages/gradients.py"
pytestmark = pytest.mark.usefixtures("patient")


def opened(**query: str) -> AppTest:
    app = open_app(PAGE, timeout=SECONDS, **query)
    assert problems(app) == []
    return app


def figure(app: AppTest) -> dict[str, Any]:
    (chart,) = app.get("plotly_chart")
    return json.loads(chart.proto.spec)


def curve(app: AppTest, name: str) -> np.ndarray:
    (found,) = [trace for trace in figure(app)["data"] if trace.get("name") == name]
    return numbers(found["y"])


def test_the_page_offers_what_the_stack_offers() -> None:
    assert depth.KINDS == stack.KINDS
    assert set(depth.ACTIVATIONS) == set(stack.ACTIVATIONS)
    assert depth.STARTS == stack.INITIALISATIONS
    assert {norm.partition(" ")[0] for norm in depth.NORMS} == set(stack.NORMALISATIONS)


def test_a_stack_as_it_stands_on_the_page() -> None:
    app = opened()
    found = gradient_flow_stack.through(stack.Shape(depth=30, width=64, activation="sigmoid"))
    assert curve(app, "∂ loss / ∂ hidden") == pytest.approx(found.gradient)
    assert curve(app, "update / weights") == pytest.approx(1e-3 * found.parameters / found.weights)
    assert f"Each layer multiplies the gradient by {found.factor:.3f} on the way back" in texts(app)
    assert "theory for infinite width" in texts(app)


def test_underflow_is_said_and_not_drawn_as_nothing() -> None:
    settings = {"depth": "100", "width": "2", "activation": "sigmoid"}
    app = opened(**settings, precision="float32")
    single = texts(app)
    exact = gradient_flow_stack.through(stack.Shape(depth=100, width=2, activation="sigmoid"))
    wanted = say.power_of_ten(np.log10(exact.gradient[0]))
    assert float(wanted) == pytest.approx(exact.gradient[0], rel=0.05)
    assert f"underflows in float32 over 100 layers: at the input it is {wanted}, held as 0" in single
    assert "by underflow or rounding: it holds nothing below 1.4e-45" in single
    assert "exactly zero" not in single
    (mark,) = [trace for trace in figure(app)["data"] if trace.get("name") == "∂ loss / ∂ hidden, at the floor"]
    assert len(mark["x"]) > 0
    double = texts(opened(**settings))
    assert "below the axis (open triangles)" in double
    assert "exactly zero" not in double


@pytest.mark.parametrize(
    "settings",
    [
        {"depth": "10", "width": "1", "activation": "relu"},
        {"depth": "10", "width": "1", "norm": "layer before"},
        {"depth": "10", "init": "scaled", "gain": "0"},
    ],
)
@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_a_layer_that_passes_nothing_is_no_underflow(settings: dict[str, str], precision: str) -> None:
    said = texts(opened(**settings, precision=precision))
    assert "of 10, which passes nothing back" in said
    assert "exactly zero: nothing comes back through the layer above" in said
    assert "underflows in" not in said


def test_underflow_is_said_of_double_precision_too() -> None:
    said = texts(opened(depth="100", width="1", activation="linear", init="scaled", gain="1e-5"))
    assert "underflows in float64 over 100 layers" in said


def test_one_layer_has_no_factor_and_no_nan() -> None:
    said = texts(opened(depth="1"))
    assert "Too few layers get a gradient to fit a factor." in said
    assert "over 1 layer" in said
    assert "1 layers" not in said
    assert "nan" not in said.lower()
    helped = texts(opened(depth="1", stack_show="with help"))
    assert "Factor a layer: none to fit." in helped
    assert "nan" not in helped.lower()


@pytest.mark.parametrize(
    "settings",
    [
        {"flow": "Through time", "clock": "A bare cell", "cell": "linear", "cell_scale": "100", "cell_steps": "200"},
        {
            "flow": "Depth beside time",
            "links": "100",
            "link_phi": "linear",
            "link_scale": "100",
            "link_attention": "true",
        },
    ],
)
def test_what_leaves_the_range_of_numbers_is_marked_and_counted(settings: dict[str, str]) -> None:
    app = opened(**settings)
    said = texts(app)
    assert "is not a number" in said
    assert "(NaN; crosses)" in said
    marks = [trace for trace in figure(app)["data"] if trace.get("name", "").endswith(", beyond the axis")]
    assert any("not a number" in mark["customdata"] for mark in marks)


def test_a_negative_rate_is_refused() -> None:
    assert "The learning rate must be a finite number of at least 0; got -1." in texts(opened(flow_lr="-1"))


def test_a_huge_rate_is_marked_at_the_ceiling() -> None:
    app = opened(flow_lr="1e6", depth="5")
    (mark,) = [trace for trace in figure(app)["data"] if trace.get("name") == "update / weights, beyond the axis"]
    assert "above the axis" in mark["customdata"][0]


def test_help_is_the_same_stack_four_ways() -> None:
    app = opened(stack_show="with help", depth="12", activation="sigmoid")
    shape = stack.Shape(depth=12, activation="sigmoid", residual=True)
    assert curve(app, "residual") == pytest.approx(gradient_flow_stack.through(shape).gradient)
    assert "with a residual path it" in texts(app)


def test_networks_on_a_sentence() -> None:
    app = opened(flow="Through time", text="the keys near the old cabinet")
    model = load("agreement-lstm", "cpu")
    found = gradient_flow.by_time(model, "the keys near the old cabinet")
    trained = [numbers(trace["y"]) for trace in figure(app)["data"] if trace.get("name") == "trained"]
    assert len(trained) == 8
    assert any(np.allclose(one, found.gradient) for one in trained)
    assert any(np.allclose(one, found.substitution) for one in trained)
    assert "6 words." in texts(app)


def test_a_far_word_without_gradient_still_counts() -> None:
    slopes, changes = np.array([0.0, 0.0, 1e-9, 1.0]), np.array([0.5, 0.1, 0.1, 1.0])
    times = Times(("a",) * 4, slopes, changes, None)
    said = sentence.finding({"trained": {"rnn": times}, "untrained": {"rnn": times}})
    assert said == (
        "RNN: the far words have no gradient at all, yet replacing one still moves the state 0.50 times as much as "
        "the last word"
    )


def test_the_readers_text_is_never_taken_for_a_command() -> None:
    app = opened(flow="Through time", text="random words:5000")
    assert "4 words." in texts(app)
    assert "at random" not in texts(app)


def test_random_words_are_as_many_as_the_text_has() -> None:
    app = opened(flow="Through time", text="one two, three!", noise="true")
    assert "5 words at random." in texts(app)


@pytest.mark.parametrize(("flow", "most"), [("Through time", sentence.MOST), ("On your model", choice.MOST)])
def test_signs_without_blanks_count_too(flow: str, most: int) -> None:
    app = opened(flow=flow, text="a short text")
    app.text_input(key="flow_text" if flow == "Through time" else "flow_words_agreement").set_value("!" * 512).run()
    assert f"This view reads at most {most} words and signs; the text has 512." in texts(app)


def test_a_stack_too_large_for_the_server_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gradient_flow_stack, "through", None)
    large = {"kind_of_layer": "attention", "depth": "100"}
    said = "of width 512 has 104,857,600 weights; at most 50,000,000 are computed here"
    assert said in texts(opened(**large, width="512"))
    monkeypatch.setattr(depth, "limits", lambda: HOSTED)
    for show in (depth.THIS, depth.HELP):
        assert "has 4,080,400 weights; at most 4,000,000" in texts(opened(**large, width="101", stack_show=show))


def test_a_bare_linear_cell_is_theory() -> None:
    app = opened(flow="Through time", clock="A bare cell", cell="linear", cell_scale="0.9", cell_steps="20", clip="0.5")
    assert curve(app, "‖∂ end / ∂ state‖₂") == pytest.approx(0.9 ** np.arange(21))
    total = gradient_flow_time.recurrence("linear", steps=20, scale=0.9).total
    assert total > 0.5
    assert curve(app, "∂ loss / ∂ state") == pytest.approx(0.9 ** np.arange(21))
    assert curve(app, "the same, clipped") == pytest.approx(0.5 / total * 0.9 ** np.arange(21))
    assert f"clipping multiplies what every step adds by {0.5 / total:.2g}." in texts(app)


def test_a_cell_of_one_step_and_without_clipping() -> None:
    app = opened(flow="Through time", clock="A bare cell", cell_steps="1")
    assert "Over 1 step the tanh" in texts(app)
    assert "clipped" not in {trace.get("name") for trace in figure(app)["data"]}
    assert "clipping leaves it." in texts(opened(flow="Through time", clock="A bare cell", clip="1e9"))


def test_the_counterexample() -> None:
    app = opened(flow="Through time", clock="The bound")
    assert curve(app, "measured")[:4] == pytest.approx([14.1421, 28.2843, 56.5685, 113.1371], rel=1e-5)
    assert "yet the gradient doubles at each step" in texts(app)


def test_depth_beside_time() -> None:
    app = opened(flow="Depth beside time", links="9", link_width="5", link_gates="true")
    links = gradient_flow_chain.Links(9, 5, gates=True)
    found = gradient_flow_chain.norms(links, True)
    assert curve(app, "time: one W") == pytest.approx(found[::-1])
    assert "With gates." in texts(app)
    step = (found[0] / found[-1]) ** (1 / 9)
    assert f"a step multiplies the gradient by {step:.3f}" in texts(app)


def test_ways_back_through_a_bundled_transformer() -> None:
    app = opened(flow="Through attention")
    model = load("agreement-transformer", "cpu")
    text = app.text_input(key="flow_words_agreement").value
    assert ways_page.finding(ways(model, text)) in texts(app)


def test_the_scale_belongs_to_bundled_networks() -> None:
    app = opened(flow="Through attention", ways_show="The scale 1/√d")
    model = load("agreement-transformer", "cpu")
    text = app.text_input(key="flow_words_agreement").value
    ratios = (ways(model, text, divided=False).scores / ways(model, text).scores).ravel()
    said = f"Without the division {(ratios < 1).sum()} of {len(ratios)} heads get less gradient at their scores"
    assert said in texts(app)


def test_shares_are_never_minus_zero() -> None:
    assert ways_page.percent(np.array([-0.004, 0.001])) == "0%"
    assert ways_page.percent(np.array([0.41, 0.43, np.nan])) == "42%"


@pytest.mark.skipif(pretrained.MINILM not in pretrained.offline(), reason="MiniLM is not installed")
def test_minilm_has_an_mlp_and_can_leave_its_scale_out() -> None:
    app = opened(flow="Through attention", ways_model="minilm")
    model = load("minilm", "cpu")
    text = app.text_input(key="flow_words_any").value
    found = ways(model, text)
    assert f"MLP {ways_page.percent(found.shares['mlp'])}" in texts(app)
    assert f"Mean over layers: {ways_page.percent(found.shares['around'])} of the gradient takes" in texts(app)
    scaled = opened(flow="Through attention", ways_model="minilm", ways_show="The scale 1/√d")
    whole = ways(model, text, divided=False).scores.ravel()
    assert curve(scaled, "not divided") == pytest.approx(whole, rel=1e-3)
    assert "before training" not in texts(scaled).partition("Grey")[2]


@pytest.mark.skipif(pretrained.MINILM not in pretrained.offline(), reason="MiniLM is not installed")
def test_minilm_by_layers() -> None:
    app = opened(flow="On your model", flow_model="minilm")
    found = by_model(load("minilm", "cpu"), app.text_input(key="flow_words_any").value)
    assert curve(app, "∂ loss / ∂ hidden") == pytest.approx(found.gradient, rel=1e-3)
    slope = np.polyfit(np.arange(6), np.log(found.gradient[1:]), 1)[0]
    factor = f"From layer 6 back to layer 1 each layer multiplies the gradient by {np.exp(-slope):.3f} (fitted)."
    assert factor in texts(app)


def test_a_model_has_the_bands_and_the_fitted_factor_of_a_stack() -> None:
    app = opened(flow="On your model")
    found = by_model(load("agreement-transformer", "cpu"), app.text_input(key="flow_words_agreement").value)
    between = found.gradient[1] / found.gradient[2]  # the input is no layer
    assert f"From layer 2 back to layer 1 the gradient is multiplied by {between:.3f}." in texts(app)
    shapes = [(shape["y0"], shape["y1"]) for shape in figure(app)["layout"]["shapes"] if shape["type"] == "rect"]
    assert shapes[0] == pytest.approx((found.gradient[-1] / 10, found.gradient[-1] * 10), rel=1e-3)
    assert (1e-4, 1e-2) in shapes


def test_a_text_that_is_empty_or_too_long_is_a_sentence() -> None:
    app = opened(flow="On your model")
    app.text_input(key="flow_words_agreement").set_value(" ").run()
    assert "The text is empty" in texts(app)
    app.text_input(key="flow_words_agreement").set_value("key " * (choice.MOST + 1)).run()
    assert f"This view reads at most {choice.MOST} words" in texts(app)


@pytest.mark.parametrize(
    ("ratio", "wanted"),
    [
        (1.0, "keeps its size"),
        (0.0, "falls to exactly zero"),
        (3.0, "grows 3.0-fold"),
        (0.25, "shrinks to 0.25 of its size"),
        (1e-19, "shrinks by 19.0 powers of ten"),
        (np.inf, "grows beyond every number"),
        (np.nan, "is not a number"),
    ],
)
def test_ratios_in_words(ratio: float, wanted: str) -> None:
    assert say.times(ratio) == wanted


def test_zeros_and_what_is_no_number_are_counted() -> None:
    said = say.numbers(np.array([0.0, 1.0, np.nan, np.inf, 0.0]), "Gradients")
    assert said.startswith(" Gradients: 2 of 5 are exactly zero, 1 is not defined (NaN; crosses)")
    assert "1 is infinite" in said
    assert say.counted(1, "layer") == "1 layer"
    assert say.power_of_ten(-612.4) == "4.0e-613"
    assert say.power_of_ten(-0.0001) == "1.0e0"
