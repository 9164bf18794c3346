"""The first figure is a sketch until the browser has plotly, then plotly's own figure, for the rest of the session."""

import pytest
from streamlit.testing.v1 import AppTest

from pages.shared import first
from tests.pages.front import opened

SKETCHED = first.sketched  # the real one: the fixture of all page tests stands in for it


@pytest.fixture(autouse=True)
def really_sketched(everything_near: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first, "sketched", SKETCHED)


def sketches(app: AppTest) -> list[str]:
    found = [item.proto for item in app.get("bidi_component") if item.proto.component_name == "sightlines_sketch"]
    return [proto.json for proto in found]


def charts(app: AppTest) -> list[str]:
    return [item.proto.id.rsplit("-", 1)[1] for item in app.get("plotly_chart")]


def test_only_the_first_figure_is_sketched_and_says_what_it_shows() -> None:
    app = opened(sentiment_models=["RNN", "GRU"])
    (drawn,) = sketches(app)
    assert "<svg" in drawn
    assert "Frobenius norm" in drawn
    assert "sees_gradient_chart" not in charts(app)
    assert "sees_substitution_chart" in charts(app)


def test_any_second_run_draws_the_figure_itself() -> None:
    app = opened(sentiment_models=["RNN", "GRU"])
    assert sketches(app)
    app.run()
    assert sketches(app) == []
    assert "sees_gradient_chart" in charts(app)
