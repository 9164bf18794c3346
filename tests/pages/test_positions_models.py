"""The views "Trained" and "On a model" of the page "Positions" without a browser: controls, numbers, faults."""

import numpy as np
import plotly.io
import pytest
from streamlit.testing.v1 import AppTest

from models import load
from models.cards import card
from models.lens import asked, disturbance
from models.train.positions_data import TASKS as TRAINING
from models.train.positions_measures import any_value
from pages.codes import carried_scores, carried_work, controls, disturbed, disturbed_work
from tests.pages.helper import open_app, problems
from tests.pages.test_positions import texts, unpacked

TASKS = tuple(carried_work.TASKS.values())
PAGE = "pages/positions.py"
pytestmark = pytest.mark.usefixtures("patient")


def opened(**query: str) -> AppTest:
    app = open_app(PAGE, **query)
    assert problems(app) == []
    return app


def box(app: AppTest) -> str:
    """The key of the view's text box."""
    return next(each.key for each in app.text_input if each.key.startswith(("carried_", "psentence")))


def cells(app: AppTest, heat: int) -> np.ndarray:
    """The values of the first chart's n-th heat map."""
    spec = plotly.io.from_json(app.get("plotly_chart")[0].proto.spec, skip_invalid=True)
    return unpacked([trace for trace in spec.data if trace.type == "heatmap"][heat].z)


def answered(task: str, text: str) -> carried_work.Answered:
    return carried_work.answered(lambda *_: None, task, text, "cpu")


def test_the_accuracies_are_those_of_the_cards_and_need_no_model() -> None:
    app = opened(pview="Trained")
    every = {task: {key: carried_work.card_of(task, key) for key in carried_work.SHORT} for task in TASKS}
    found = carried_scores.table(every)
    rows = card("positions-back-rope").metrics["lengths"]
    at = [
        i
        for i, (task, scheme, length, places) in enumerate(
            zip(found["task"], found["scheme"], found["length"], found["places"], strict=True)
        )
        if (task, scheme, length, places) == ("Four back", "RoPE", 128, "33 to 128")
    ]
    assert [found["accuracy"][i] for i in at] == [rows[2]["beyond"]["accuracy"]]
    share, farther = (100 * rows[at]["beyond"]["accuracy"] for at in (2, 3))
    assert f"RoPE leads on “Four back” ({share:.0f} %, in rows of 256 {farther:.0f} %)" in texts(app)
    assert len(found["task"]) == 3 * (6 * 7 + 4)


def test_only_a_scheme_apart_from_all_others_leads() -> None:
    """On "a before b" the best bundled run is the learned table's, and another scheme has a seed above its worst."""
    every = {task: {key: carried_work.card_of(task, key) for key in carried_work.SHORT} for task in TASKS}
    assert {task: carried_scores.leader(every[task]) for task in TASKS} == {
        "order": None,
        "back": "rope",
        "latest": "alibi",
    }
    runs = {key: carried_scores.seeds(card)[:, 2] for key, card in every["order"].items()}
    assert max(runs["rope"]) > min(runs["learned"])
    assert "no scheme stands out on “a before b”" in carried_scores.finding(every)


def test_a_guess_is_judged_by_what_guessing_is_worth_at_each_length() -> None:
    every = {key: carried_work.card_of("latest", key) for key in carried_work.SHORT}
    worth = dict(carried_scores.guess(every))
    for length in ("32", "64", "128", "256"):
        assert worth[length] == pytest.approx(any_value(int(length), TRAINING["latest"]))
    panel = carried_scores.panel("Latest value", every)
    assert [mark.value for mark in panel.marks[-1]] == [pytest.approx(100 * each) for each in worth.values()]
    assert dict(carried_scores.guess({"rope": carried_work.card_of("back", "rope")}))["128"] == 1 / 16


def test_who_cannot_learn_the_order_of_two_letters_is_said_with_its_reason() -> None:
    app = opened(pview="Trained")
    assert "no positions 52%, ALiBi 52%, by construction" in texts(app)
    assert "Two cannot learn “a before b” in this network" in texts(app)
    assert "no scheme is proved unable" not in texts(app)
    captions = [line for line in texts(app).splitlines() if line.startswith(("Marks:", "“a before b” at 32"))]
    assert len(captions) == 2 and all(len(line.split()) <= 25 for line in captions)


@pytest.mark.parametrize(
    ("task", "row"),
    [("a before b", "c d b e f a p n"), ("Four back", "c d b e f a p n"), ("Latest value", "a1 b7 a2 d0 b a a5 A")],
)
def test_the_readers_row_is_answered_by_every_scheme(task: str, row: str) -> None:
    app = opened(pview="Trained", cshow="Answers", ctask=task, crow="12")
    app.text_input(key=box(app)).set_value(row).run()
    assert problems(app) == []
    found = answered(carried_work.TASKS[task], row)
    place = [at for at, right in enumerate(found.truth) if right][-1]
    tiles = {each.label: (each.value, each.delta) for each in app.metric}
    for key, name in carried_work.SHORT.items():
        model = load(f"positions-{carried_work.TASKS[task]}-{key}", "cpu")
        p = asked.answers(model, row)[place if task != "a before b" else 0]
        said = model.labels[int(p.argmax())]
        verdict = "right" if said == found.truth[place] else "wrong"
        assert tiles[name] == (said, f"{verdict}, p {p.max():.2f}")
    assert f"the right answer is **{found.truth[place]}**" in texts(app)


def test_another_place_is_asked_by_the_slider() -> None:
    app = opened(pview="Trained", cshow="Answers", ctask="Latest value", crow="12")
    app.text_input(key=box(app)).set_value("a1 b7 a a2 d0 b").run()
    assert "Asked at place 6 (“b”), the right answer is **7**" in texts(app)
    app.slider(key="cat").set_value(4).run()
    assert "Asked at place 3 (“a”), the right answer is **1**" in texts(app)


def test_the_maps_are_the_models_own() -> None:
    app = opened(pview="Trained", cshow="Attention", ctask="Four back", crow="12", cl="2", ch="3")
    text = app.text_input(key=box(app)).value
    record = load("positions-back-alibi", "cpu").trace(text).attention
    drawn = cells(app, heat=4)
    wanted = record.map(1, 2)
    seen = ~np.isnan(drawn)
    assert (seen == np.tril(np.ones_like(wanted, dtype=bool))).all()
    assert drawn[seen] == pytest.approx(wanted[seen], abs=1e-6)


@pytest.mark.parametrize(
    ("task", "row", "said"),
    [
        ("a before b", "c d e", "exactly one a and one b in the row; got 0 and 0"),
        ("Four back", "a b c d", "at least 5 symbols; got 4"),
        ("Four back", "a b <b>x</b> d e", "knows the symbols a to p; got “<b>x</b>”"),
        ("Latest value", "a1 b c9 a", "knows the symbols a0 to d7 and a to d; got “c9”"),
        ("Latest value", "a b c d", "asked after it was given a value"),
        ("Four back", "a " * 257, "257 symbols, at most 256 are read"),
        ("Four back", "  ", "The row is empty"),
    ],
)
def test_a_bad_row_gets_one_sentence(task: str, row: str, said: str) -> None:
    app = opened(pview="Trained", cshow="Answers", ctask=task, crow="12")
    app.text_input(key=box(app)).set_value(row).run()
    assert problems(app) == []
    assert said in texts(app)


def test_examples_of_each_length_ask_something_and_are_as_long() -> None:
    for task in TASKS:
        for length in (12, 32, 64, 128):
            words = carried_work.checked(task, asked.example(task, length))
            assert len(words) == length
            assert asked.truth(task, words)[-1] is not None or task == "order"


def test_moved_codes_are_drawn_as_the_lens_gives_them() -> None:
    app = opened(pview="On a model", dmodel="agreement-transformer", dshift="7", dlayer="2", dhead="3", dshuffle="4")
    model = load("agreement-transformer", "cpu")
    text = app.text_input(key=box(app)).value
    normal = disturbance.trace(model, text, "normal")
    for at, kind in enumerate(disturbance.KINDS):
        run = disturbance.trace(model, text, kind, seed=3, by=7)
        assert cells(app, heat=at) == pytest.approx(run.attention.map(1, 2), abs=1e-6)
    moved = disturbance.maps_moved(normal, disturbance.trace(model, text, "shifted", by=7))[1, 2]
    assert f"a shift of 7 by {moved:.2f}" in texts(app)


def test_one_sentence_goes_through_all_views_and_examples_give_way_to_it() -> None:
    app = opened()
    for view, example in (("On a model", controls.FILM), ("Similarity", controls.SENTENCE)):
        app.segmented_control(key="pview").set_value(view).run()
        assert app.text_input(key="psentence").value == example
    app.text_input(key="psentence").set_value("my own words stay here").run()
    for view in ("On a model", "Nearness", "Code"):
        app.segmented_control(key="pview").set_value(view).run()
        assert app.text_input(key="psentence").value == "my own words stay here"
        if view == "On a model":
            app.selectbox(key="dmodel").set_value("agreement-transformer").run()
            assert app.text_input(key="psentence").value == "my own words stay here"
    assert problems(app) == [] and "own words" not in str(dict(app.query_params))


def test_all_heads_and_the_answer_stand_beside_a_yardstick() -> None:
    app = opened(pview="On a model", dshow="All heads")
    model = load("sentiment-transformer", "cpu")
    text = app.text_input(key=box(app)).value
    normal = model.trace(text)
    assert cells(app, heat=3) == pytest.approx(disturbance.from_uniform(normal), abs=1e-6)
    app.segmented_control(key="dshow").set_value("Answer").run()
    assert problems(app) == []
    gone = disturbance.answer_moved(normal, disturbance.trace(model, text, "removed"))[0]
    assert f"The answer: removing the codes moves it by {gone:.2f}" in texts(app)
    assert f"as it is {normal.output['positive']:.2f}" in texts(app)


def test_every_offered_model_has_a_sentence_and_bad_text_gets_one() -> None:
    assert set(disturbed.offered()) <= set(disturbed_work.SENTENCES)
    app = opened(pview="On a model")
    app.text_input(key=box(app)).set_value("word " * 129).run()
    assert "at most 128 tokens; got 129" in texts(app)
    app.text_input(key=box(app)).set_value(" ").run()
    assert "The text is empty" in texts(app)
    assert problems(app) == []


def test_the_permutation_test_finds_who_cannot_see_order() -> None:
    app = opened(pview="On a model", dshow="Permutation test")
    assert "Bag of words and Encoder, no positions cannot see the order of these words; all others can" in texts(app)
    app.text_input(key=box(app)).set_value("good").run()
    assert "The permutation test needs at least 2 words to exchange; this text has 1." in texts(app)
    assert not app.get("plotly_chart") and problems(app) == []
    app.text_input(key=box(app)).set_value("good " * 65).run()
    assert problems(app) == []
    assert "Fully connected: this network takes at most 64 tokens, the text has 65" in texts(app)
