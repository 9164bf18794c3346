"""The page "Optimizers" without a browser: numbers on screen, faults, the address."""

import json
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from models.lens import optimizers, optimizers_limits
from models.lens.surfaces import surface
from pages.descent import findings, formulas, real
from pages.descent.request import BEYOND, GRID
from tests.pages.helper import open_app, problems
from viz.tracks import OPTIMIZERS, Track

PAGE = "pages/optimizers.py"
SECONDS = 300.0  # a bound for a busy machine, never a measurement


def opened(**query: str) -> AppTest:
    app = open_app(PAGE, timeout=SECONDS, **query)
    assert problems(app) == []
    return app


def texts(app: AppTest) -> str:
    """Every Markdown text, caption and warning, without the marks that keep it plain."""
    found = [item.value for item in [*app.markdown, *app.caption, *app.warning]]
    return "\n".join(found).replace("\u2060", "").replace("\\", "")


def figure(app: AppTest) -> dict[str, Any]:
    (chart,) = app.get("plotly_chart")
    return json.loads(chart.proto.spec)


def numbers(encoded: Any) -> np.ndarray:
    """An array of a figure's JSON, plain or in plotly's base64."""
    if isinstance(encoded, dict):
        import base64

        return np.frombuffer(base64.b64decode(encoded["bdata"]), dtype=encoded["dtype"])
    return np.array(encoded, dtype=np.float64)


def test_the_first_view_draws_the_paths_that_the_lens_computes() -> None:
    app = opened()
    ground = surface("ravine")
    ends = {}
    for trace in figure(app)["data"]:
        title = trace.get("name")
        for name, look in OPTIMIZERS.items():
            if title == look.title:
                wanted = optimizers.path(name, ground.gradient, ground.start, 100, lr=0.02)
                assert numbers(trace["x"]) == pytest.approx(wanted[:, 0])
                ends[title] = float(ground.value(wanted[-1]))
    assert set(ends) == {"SGD", "Momentum", "RMSprop", "Adam"}
    lowest = min(ends, key=lambda name: ends[name])
    assert f"{lowest} ends lowest, {ends[lowest]:.2g} above the lowest point" in texts(app)


def test_a_rate_that_is_too_large_is_named_and_the_run_stops() -> None:
    app = opened(lr="1e6", optimizers="SGD")
    assert "SGD diverges: the rate is too large" in texts(app)
    path = next(trace for trace in figure(app)["data"] if trace.get("name") == "SGD")
    assert len(numbers(path["x"])) == 2


def test_a_rate_of_zero_moves_nothing() -> None:
    assert "Nothing moves: the rate or the slope is zero" in texts(opened(lr="0"))


def test_a_negative_rate_is_refused_and_the_last_figure_stays() -> None:
    app = opened()
    app.number_input(key="lr").set_value(-0.5).run()
    assert "The learning rate must be a finite number of at least 0; got -0.5." in texts(app)
    assert "the last settings that could be run" in texts(app)
    assert figure(app)["data"]
    assert problems(app) == []


def test_no_optimizer_is_a_sentence() -> None:
    app = opened()
    app.pills(key="optimizers").set_value([]).run()
    assert "Choose at least one optimizer." in texts(app)


def test_each_its_best_says_its_rates() -> None:
    app = opened(rates="each its best", surface="Beale", optimizers="Adam", steps="40")
    ground = surface("Beale")
    rate = optimizers.best("adam", ground.value, ground.noisy_gradient, ground.start, 40, GRID, limit=BEYOND)
    assert f"Rates: Adam {rate:.2g}." in texts(app)


def test_the_formula_has_the_numbers_of_its_step() -> None:
    app = opened(descent="Step by step", formula="Adam", t="3", surface="bowl")
    ground = surface("bowl")
    walk = optimizers.walk("adam", ground.gradient, ground.start, 100, lr=0.02)
    shown = "".join(line.value for line in app.latex)
    for name in ("g", "m", "v", "m_hat", "v_hat"):
        assert formulas.pair(walk.terms[2][name]) in shown
    assert formulas.pair(walk.points[3]) in shown
    assert r"m_{3}" in shown


@pytest.mark.parametrize("name", optimizers.NAMES)
def test_the_filled_formula_is_true(name: str) -> None:
    """The last number of every filled line is the next point; the first and last step can be asked for."""
    ground = surface("Rosenbrock")
    walk = optimizers.walk(name, ground.gradient, ground.start, 4, lr=1e-3)
    for step in (1, 4):
        lines = formulas.filled(walk, step)
        assert lines[-1].endswith(formulas.pair(walk.points[step]))
        assert formulas.pair(walk.terms[step - 1]["g"]) in "".join(lines)
    with pytest.raises(ValueError, match=r"step must lie in 1..4, got 5"):
        formulas.filled(walk, 5)


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (0.1, "0.1"),
        (12345.6, r"1.235 \cdot 10^{4}"),
        (1e-9, r"1 \cdot 10^{-9}"),
        (np.inf, r"\infty"),
        (np.nan, r"\text{NaN}"),
    ],
)
def test_numbers_in_formulas(value: float, wanted: str) -> None:
    assert formulas.number(value) == wanted


def test_stability_names_who_stands_above_the_limit() -> None:
    app = opened(descent="Stability", lr="0.05", optimizers="SGD")
    assert optimizers_limits.limit("sgd", 50.0) < 0.05
    assert "SGD stood above the limit somewhere on the way" in texts(app)
    calm = opened(descent="Stability", lr="0.02", optimizers="SGD")
    assert "SGD comes nearest, at 50% of it" in texts(calm)


@pytest.mark.parametrize("view", ["In 3-D", "Value by step"])
@pytest.mark.parametrize("ground", ["Himmelblau", "noisy"])
def test_other_views_and_surfaces(view: str, ground: str) -> None:
    app = opened(descent=view, surface=ground)
    assert surface(ground).about in texts(app)
    assert figure(app)["data"]


def test_what_the_rate_axis_does_not_hold_is_said() -> None:
    low = opened(descent="Stability", lr="0", optimizers="SGD")
    assert "Off the axis, drawn open at its edge: SGD 0, below it." in texts(low)
    high = opened(descent="Stability", lr="1e6", optimizers="SGD")
    assert "Off the axis, drawn open at its edge: SGD 1e+06, above it." in texts(high)
    assert "Off the axis" not in texts(opened(descent="Stability", optimizers="SGD"))


def test_a_run_that_met_no_curve_is_not_told_to_choose_what_is_chosen() -> None:
    said = texts(opened(descent="Stability", surface="bowl", bowl_x="5", bowl_y="5", lr="0", optimizers="SGD"))
    assert "SGD met no upward curve within the drawn surface, so there is no limit to compare" in said
    assert "choose SGD" not in said
    assert "No chosen optimizer has a fixed limit" in texts(opened(descent="Stability", optimizers="Adam"))


def test_divergence_by_step_is_named_and_marked() -> None:
    app = opened(descent="Value by step", lr="1e6", optimizers="SGD")
    walk = optimizers.walk("sgd", surface("ravine").gradient, surface("ravine").start, 100, lr=1e6, limit=BEYOND)
    assert f"Diverged: SGD at step {walk.diverged}." in texts(app)
    drawn = {trace.get("name"): trace for trace in figure(app)["data"]}
    (mark,) = [trace for name, trace in drawn.items() if name == "SGD, diverged, beyond the axis"]
    assert numbers(mark["x"]).tolist() == [walk.diverged]
    assert "above the axis" in mark["customdata"][0]
    assert any("SGD, diverged" in note["text"] for note in figure(app)["layout"]["annotations"])


def test_points_outside_the_drawn_ground_are_counted() -> None:
    ground = surface("bowl")
    walk = optimizers.walk("sgd", ground.gradient, (5.0, 5.0), 100, lr=0.02, limit=BEYOND)
    beyond = int((np.abs(walk.points) > ground.box[1]).any(axis=1).sum())
    assert beyond > 0
    for view in ("From above", "In 3-D"):
        app = opened(descent=view, surface="bowl", bowl_x="5", bowl_y="5", optimizers="SGD")
        assert f"Outside what is drawn: SGD {beyond} of 101 points." in texts(app)
    assert "Outside" not in texts(opened(surface="bowl", optimizers="SGD"))


@pytest.mark.parametrize("view", ["From above", "In 3-D"])
def test_the_marks_go_one_step_on_and_back(view: str) -> None:
    app = opened(descent=view, surface="bowl", optimizers="Adam", at="7")
    walk = optimizers.walk("adam", surface("bowl").gradient, surface("bowl").start, 100, lr=0.02)

    def mark() -> float:
        (now,) = [trace for trace in figure(app)["data"] if trace.get("name") == "now"]
        return float(numbers(now["x"])[0])

    assert mark() == pytest.approx(walk.points[7, 0])
    app.number_input(key="at").increment().run()
    assert mark() == pytest.approx(walk.points[8, 0])
    assert f"At step 8: Adam {surface('bowl').value(walk.points[8]):.3g}." in texts(app)
    app.number_input(key="at").decrement().run().number_input(key="at").decrement().run()
    assert mark() == pytest.approx(walk.points[6, 0])
    app.number_input(key="steps").set_value(5).run()
    assert problems(app) == []
    assert app.number_input(key="at").value is None
    assert mark() == pytest.approx(walk.points[5, 0])


def test_the_real_loss(monkeypatch: pytest.MonkeyPatch, patient: None) -> None:
    monkeypatch.setattr(real, "POINTS", 3)
    monkeypatch.setattr(real, "STEPS", 2)
    app = opened(descent="A real loss", network="LSTM", optimizers="Adam")
    shown = texts(app)
    assert "LSTM: loss from " in shown
    assert "at the trained weights (cross); guessing costs 0.69" in shown


def track(values: list[float], key: str = "sgd", diverged: int | None = None) -> Track:
    heights = np.array(values)
    return Track(key, np.stack([heights, heights], axis=1), heights, diverged)


def test_findings() -> None:
    assert findings.arrival(track([10.0, 5.0, 0.05, 0.2, 0.09, 0.01]), 0.0) == 4
    assert findings.arrival(track([10.0, 5.0]), 0.0) is None
    both = [track([4.0, 1.0]), track([4.0, 99.0], "adam", diverged=1)]
    assert findings.finding(both, 0.0) == "Adam diverges; SGD ends lowest, 1 above the lowest point"
