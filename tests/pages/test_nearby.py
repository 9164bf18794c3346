"""What lies below the first screen is drawn when the reader comes near it, and no sooner."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from pages.shared import nearby
from tests.pages.front import cells, figures, opened, settled

NEAR = nearby.near  # the real one: the fixture of all page tests stands in for it
ROWS = ("sees", "others", "words", "left_out", "attends", "reach", "gradient", "cost", "more")


@pytest.fixture(autouse=True)
def really_near(everything_near: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearby, "near", NEAR)


def places(app: AppTest) -> dict[str, dict]:
    """Name of a place -> what its component was given."""
    found = [item.proto for item in app.get("bidi_component") if item.proto.component_name == "sightlines_near"]
    return {proto.id.rsplit("-near_", 1)[1]: json.loads(proto.json) for proto in found}


def came_near(app: AppTest, *names: str) -> AppTest:
    for name in names:
        app.session_state[f"near_{name}"] = {"near": True}
    return settled(app.run())


def test_the_first_run_draws_the_answers_and_keeps_room_for_the_rest() -> None:
    app = opened(sentiment_models=["RNN", "GRU"])
    assert set(cells(app)) == {"rnn", "gru"}
    assert figures(app) == []
    assert tuple(places(app)) == ROWS[:2]
    assert all(place["height"] > 100 and not place["near"] for place in places(app).values())


def test_coming_near_the_others_gives_each_its_own_place() -> None:
    app = came_near(opened(sentiment_models=["RNN", "GRU"]), "others")
    assert figures(app) == []
    assert tuple(places(app)) == ROWS


def test_coming_near_draws_that_row_alone_and_gives_up_its_room() -> None:
    app = came_near(opened(sentiment_models=["RNN", "GRU"]), "others", "words", "reach")
    assert figures(app) == ["words_gradient", "reach"]
    assert [name for name, place in places(app).items() if place["near"]] == ["others", "words", "reach"]
    came_near(app, "others", "words", "reach", "sees")
    assert figures(app) == ["sees_gradient", "words_gradient", "reach"]
    assert "substitution" in places(app), "the second kind waits below the first"
    came_near(app, "others", "words", "reach", "sees", "substitution")
    assert figures(app)[:2] == ["sees_gradient", "sees_substitution"]
