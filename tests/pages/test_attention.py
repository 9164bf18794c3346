"""The page "Attention" without a browser: controls, numbers on screen, faults, on a bundled model and on MiniLM."""

import time
from collections.abc import Callable

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from models import load, pretrained
from models.trace import Axis
from pages.heads import choice, given, source
from pages.heads.subject import Request, Upload
from tests.pages.helper import open_app, problems

PAGE = "pages/attention.py"
SECONDS = 120  # a bound for a busy machine, never a measurement


def settled(app: AppTest, ready: Callable[[AppTest], object]) -> AppTest:
    """Run again until the jobs behind the page are done."""
    end = time.monotonic() + SECONDS
    while not ready(app) and time.monotonic() < end:
        time.sleep(0.2)
        app.run()
    assert ready(app), [warning.value for warning in app.warning]
    assert problems(app) == []
    return app


def drawn(app: AppTest) -> object:
    return app.get("plotly_chart")


def texts(app: AppTest) -> str:
    """Every Markdown text and caption, without the marks that keep it plain."""
    found = [item.value for item in [*app.markdown, *app.caption, *app.warning]]
    return "\n".join(found).replace("\u2060", "").replace("\\", "")


def test_the_first_view_names_model_route_and_the_chosen_head() -> None:
    app = settled(open_app(PAGE, layer="2", head="3"), drawn)
    shown = texts(app)
    tokens = load(source.FIRST).trace(app.text_input(key="heads_text_sentiment").value).tokens
    assert f"2 encoder layers of 4 heads · {len(tokens)} tokens · queries and keys recorded" in shown
    assert "Layer 2, head 3 " in shown
    assert app.selectbox(key="layer").value == "2"
    assert app.selectbox(key="head").value == "3"


def test_another_head_shows_its_own_largest_weight() -> None:
    app = settled(open_app(PAGE), drawn)
    app.selectbox(key="head").set_value("4").run()
    settled(app, drawn)
    trace = load(source.FIRST).trace(app.text_input(key="heads_text_sentiment").value)
    assert trace.attention is not None
    weights = trace.attention.map(0, 3)
    row, column = np.unravel_index(weights.argmax(), weights.shape)
    wanted = f"Largest weight: {weights.max():.2f}, from “{trace.tokens[row]}” to “{trace.tokens[column]}”."
    assert wanted in texts(app)


def test_verify_says_how_far_the_maps_are_from_torchs_own() -> None:
    app = settled(open_app(PAGE), drawn)
    app.button(key="verify").click().run()
    app = settled(app, lambda app: "max |difference|" in texts(app))
    said = next(line for line in texts(app).splitlines() if "max |difference|" in line)
    assert 0 < float(said.rsplit(" ", 1)[1].rstrip(".")) < 1e-5


def test_an_empty_text_is_answered_and_the_last_run_stays() -> None:
    app = settled(open_app(PAGE), drawn)
    app.text_input(key="heads_text_sentiment").set_value("  ").run()
    assert "The text is empty" in texts(app)
    assert "the last input that was answered" in texts(app)
    assert drawn(app)


@pytest.mark.skipif(pretrained.MINILM not in pretrained.offline(), reason="MiniLM is not installed")
def test_minilm_hides_its_special_tokens_and_says_their_mass() -> None:
    app = settled(open_app(PAGE, model="minilm", layer="6", head="11"), drawn)
    app.text_input(key="heads_text_any").set_value("The cat sat.").run()
    settled(app, lambda app: "· 6 tokens ·" in texts(app))
    app.segmented_control(key="special").set_value("off").run()
    trace = load("minilm", "cpu").trace("The cat sat.")
    assert trace.attention is not None
    held = trace.attention.map(5, 10)[1:-1][:, [0, -1]].sum(axis=1).mean()
    assert f"Special tokens are left out; they held {held:.0%} of a row on average." in texts(app)


WEIGHTS = np.array([[0.5, 0.25, 0.125], [0.25, 0.5, 0.25], [0.0, 0.75, 0.25]], np.float32)
AXIS = Axis(("[CLS]", "cat", "sat"), special=(True, False, False))


def test_dropped_tokens_and_sinks_keep_their_mass_on_screen() -> None:
    on = choice.shown(WEIGHTS, AXIS, AXIS, "on")
    assert on.columns == ("[CLS]", "cat", "sat", "[sink]")
    assert on.weights[:, 3].tolist() == [0.125, 0.0, 0.0]
    off = choice.shown(WEIGHTS, AXIS, AXIS, "off")
    assert (off.rows, off.columns) == (("cat", "sat"), ("cat", "sat", "[sink]"))
    stated = choice.shown(WEIGHTS, AXIS, AXIS, "off, mass stated")
    assert stated.columns == ("cat", "sat", "[sink]", "[removed]")
    assert stated.weights.sum(axis=1).tolist() == [1.0, 1.0]
    assert stated.weights[:, 3].tolist() == [0.25, 0.0]


def test_nothing_is_left_when_every_token_is_special() -> None:
    axis = Axis(("[CLS]", "[SEP]", "[REG]"), special=(True, True, True))
    with pytest.raises(ValueError, match="Only special tokens stand on one side"):
        choice.shown(WEIGHTS, axis, AXIS, "off")


def test_the_digest_tells_a_pair_from_its_joined_text() -> None:
    one, pair = Request("m", "a b", "cpu"), Request("m", ("a", "b"), "cpu")
    assert one.digest != pair.digest != Request("m", ("ab", ""), "cpu").digest
    assert Request("m", Upload("picture", b"a b"), "cpu").digest == one.digest
    assert one.digest == "c8687a08aa5d6ed2044328fa6a697ab8e96dc34291e8c2034ae8c38e6fcc6d65"


def test_the_hosted_profile_offers_no_folder_and_no_free_hub_id(monkeypatch: pytest.MonkeyPatch) -> None:
    from pages.shared.limits import HOSTED, LOCAL

    monkeypatch.setattr(source, "limits", lambda: HOSTED)
    assert not {source.FOLDER, source.HUB} & set(source.names())
    monkeypatch.setattr(source, "limits", lambda: LOCAL)
    assert {source.FOLDER, source.HUB} <= set(source.names())
    assert source.names()[0] == source.FIRST


def test_every_model_has_a_text_to_start_with() -> None:
    assert (
        given.example(source.about(source.FIRST))
        == "The plot is thin, but the actors make every scene worth watching twice."
    )
