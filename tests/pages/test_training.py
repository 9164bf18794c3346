"""The training page: what is asked is what is run, what is shown is what was recorded, and nothing is lost."""

import time
import weakref
from collections.abc import Iterator
from dataclasses import replace
from threading import Event
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from models.live.lessons import LESSONS, recorded, reference
from models.live.loop import train
from models.live.record import Recording, chances, same
from models.live.setup import Setup
from pages.runs import words, work
from pages.shared import jobs
from tests.pages.front import captions, figure, figures, notes, numbers, seen, title, warnings
from tests.pages.helper import gone, open_app, problems

PATIENCE = 120.0
SMALL = {"tepochs": "2", "texamples": "40", "tbatch": "10", "twidth": "3"}
POINTS = Setup("xor", ("perceptron", "mlp"), width=3, examples=40, batch=10, epochs=2, rate=0.02)


def opened(**query: Any) -> AppTest:
    return open_app("pages/training.py", timeout=PATIENCE, **query)


def pressed(app: AppTest, label: str) -> AppTest:
    (button,) = (button for button in app.button if button.label == label)
    return button.click().run()


def settled(app: AppTest) -> AppTest:
    """Run until no training is under way."""
    end = time.monotonic() + PATIENCE
    while app.get("progress") and time.monotonic() < end:
        time.sleep(0.05)
        app.run()
    assert not app.get("progress")
    return app


def mine(app: AppTest) -> Recording:
    job = app.session_state["_job:training"]
    return job.result or job.partial


@pytest.fixture
def full() -> Iterator[Event]:
    """Every place for training taken, and one job waiting, until the event is set."""
    gate = Event()

    def block(report: Any) -> None:
        gate.wait(PATIENCE)

    pool = jobs.pool("training")
    others = [jobs.Job(block) for _ in range(work.limits().training_at_once + 1)]
    for job in others:
        pool.start(job)
    yield gate
    gate.set()
    assert all(job.finished.wait(PATIENCE) for job in others)


def test_the_page_opens_with_a_finished_run_and_its_own_numbers() -> None:
    app = opened()
    assert problems(app) == []
    assert "Recorded beforehand" in " ".join(captions(app))
    found = recorded(next(iter(LESSONS.values())).setup)
    assert found is not None
    drawn = [trace for trace in figure(app, "curves")["data"] if trace.get("name") == "Fully connected"]
    assert [numbers(trace["y"])[-1] for trace in drawn][1] == pytest.approx(found.tracks[1].accuracy[1, -1])
    assert title(app, "curves").endswith(words.finding(found))


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_opens_from_its_address_with_its_recording(lesson: str) -> None:
    app = opened(lesson=lesson)
    assert problems(app) == []
    assert LESSONS[lesson].question in captions(app)
    assert "Recorded beforehand" in " ".join(captions(app))
    assert figures(app) == ["curves"]


def test_the_lesson_on_scores_says_how_many_places_are_read() -> None:
    name = "Divide by √d"
    found = recorded(LESSONS[name].setup)
    assert found is not None
    divided, whole = found.tracks
    assert divided.read is not None
    assert whole.read is not None
    assert divided.read[0].mean() > 2 * whole.read[0].mean()
    app = opened(lesson=name)
    said = f"Wide head (divided) {divided.read[0].mean():.1f}, then {divided.read[-1].mean():.1f}"
    assert said in " ".join(seen(line.value) for line in app.markdown)


def test_choosing_a_lesson_sets_every_control() -> None:
    app = opened()
    app.button_group(key="lesson").set_value("Far memories").run()
    setup = LESSONS["Far memories"].setup
    assert LESSONS["Far memories"].question in captions(app)
    assert [app.number_input(key=key).value for key in ("twidth", "texamples", "tbatch", "tepochs", "trate")] == [
        setup.width,
        setup.examples,
        setup.batch,
        setup.epochs,
        setup.rate,
    ]
    assert app.selectbox(key="tdata").value == setup.task.title
    assert app.toggle(key="tclip").value is True


def test_start_runs_what_is_asked_and_shows_what_was_recorded() -> None:
    app = settled(pressed(opened(**SMALL), "Start"))
    assert problems(app) == []
    wanted = train(lambda *_: None, POINTS, 1000)
    found = mine(app)
    assert found.setup == POINTS
    assert all(same(a, b) for a, b in zip(found.tracks, wanted.tracks, strict=True))
    assert f"All {POINTS.steps} steps in" in " ".join(captions(app))
    validation = numbers(next(t for t in figure(app, "curves")["data"] if t["name"] == "Perceptron")["y"])
    assert validation == pytest.approx(np.maximum(1e-3, wanted.tracks[0].loss[1]))


def test_the_other_views_show_the_same_run() -> None:
    app = settled(pressed(opened(**SMALL, tview="Replay"), "Start"))
    found = mine(app)
    drawn = figure(app, "replay")
    last = numbers([t for t in drawn["data"] if t["type"] == "heatmap"][1]["z"])
    assert last == pytest.approx(chances(found.tracks[1].map[-1]) - 0.5, abs=1e-6)
    assert len(drawn["frames"]) == found.tracks[1].moments
    assert len(drawn["layout"]["sliders"][0]["steps"]) == found.tracks[1].moments
    app.button_group(key="tview").set_value("Gradients").run()
    strips = [t for t in figure(app, "gradients")["data"] if t["type"] == "heatmap"]
    assert numbers(strips[1]["customdata"]) == pytest.approx(found.tracks[1].states.T, rel=1e-5)
    app.button_group(key="tgradient").set_value("weights").run()
    strips = [t for t in figure(app, "gradients")["data"] if t["type"] == "heatmap"]
    assert numbers(strips[0]["customdata"]) == pytest.approx(found.tracks[0].weights.T, rel=1e-5)
    app.button_group(key="tview").set_value("Weights").run()
    shares = numbers([t for t in figure(app, "weights")["data"] if t["type"] == "heatmap"][1]["customdata"])
    assert shares.sum(axis=0) == pytest.approx(1, abs=0.002)
    assert problems(app) == []


def test_sequences_have_positions_to_look_at() -> None:
    app = opened(tdata="Recall, near and far", tview="Gradients", **SMALL)
    app = settled(pressed(app, "Start"))
    app.button_group(key="tgradient").set_value("positions").run()
    found = mine(app)
    strips = [t for t in figure(app, "gradients")["data"] if t["type"] == "heatmap"]
    assert numbers(strips[0]["customdata"]) == pytest.approx(found.tracks[0].places[:, ::-1].T, rel=1e-5)
    app.button_group(key="tview").set_value("Replay").run()
    assert len(figure(app, "replay")["frames"]) == found.tracks[0].moments
    assert problems(app) == []


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("trate", -0.1, "The learning rate must be 0 or more"),
        ("trate", 1e39, "at most 1e+30; got 1e+39."),
        ("tbatch", 500, "The batch must hold 1 to 200 examples"),
        ("twidth", 0, "Width must be between 1"),
        ("texamples", 100_000, "Training examples must be between"),
    ],
)
def test_bad_settings_get_a_sentence_and_the_figure_stays(key: str, value: float, said: str) -> None:
    app = opened()
    app.number_input(key=key).set_value(value).run()
    assert said in " ".join(warnings(app))
    assert figures(app) == ["curves"]
    pressed(app, "Start")
    assert not app.get("progress")
    assert said in " ".join(warnings(app))
    assert problems(app) == []


def test_no_network_is_answered_with_a_sentence() -> None:
    app = opened()
    app.button_group(key="tplane").set_value([]).run()
    assert "Choose one to 5 networks" in " ".join(warnings(app))


def test_divergence_is_named_and_ends_the_run() -> None:
    app = settled(pressed(opened(trate="1000000.0", **SMALL), "Start"))
    assert problems(app) == []
    assert "every network diverged" in " ".join(captions(app))
    assert "diverge" in title(app, "curves")
    text = " ".join(seen(line.value) for line in app.markdown)
    assert "diverged at step 1: the loss rose" in text


def test_a_network_without_numbers_is_hatched_and_marked_in_the_replay() -> None:
    app = opened(trate="1e30", tview="Replay", **SMALL)
    app.button_group(key="tplane").set_value(["Fully connected", "MLP + norm"]).run()
    app = settled(pressed(app, "Start"))
    assert problems(app) == []
    assert np.isnan(chances(mine(app).tracks[1].map[-1])).all()
    drawn = figure(app, "replay")
    (shades,) = (numbers(t["z"]) for t in drawn["data"] if t["type"] == "heatmap" and np.isnan(numbers(t["z"])).all())
    assert shades.size
    assert any(t.get("fillpattern") for t in drawn["data"])
    text = " ".join(seen(line.value) for line in app.markdown)
    assert "Hatched, not a number: " in text
    assert "MLP + norm in 100% of the square" in text
    assert "MLP + norm diverged at step 1" in notes(drawn)


def test_the_replay_of_a_diverged_memory_marks_what_is_no_number() -> None:
    app = opened(tdata="Recall, near and far", trate="1e30", topt="sgd", tview="Replay", **SMALL)
    app = settled(pressed(app, "Start"))
    assert problems(app) == []
    track = mine(app).tracks[-1]
    assert np.isnan(track.places[-1]).any()
    assert f"at the start, {words.factor(float(track.places[0][::-1][31:51].mean()))} at most, diverged" in title(
        app, "replay"
    )
    drawn = figure(app, "replay")["data"]
    assert any(t["name"] == "Attention, diverged at step 1" for t in drawn)
    (crosses,) = (t for t in drawn if t["name"] == "Attention, beyond the axis")
    assert set(crosses["customdata"]) <= {"not a number", "infinite"}
    assert len(crosses["customdata"]) == int((~np.isfinite(track.places[-1])).sum())


def test_rate_zero_is_said() -> None:
    app = settled(pressed(opened(trate="0.0", **SMALL), "Start"))
    assert "Nothing moves: the learning rate is 0" in title(app, "curves")


def test_a_run_can_be_paused_and_cancelled_twice_and_keeps_what_it_has() -> None:
    app = pressed(opened(tepochs="4000", tbatch="200", texamples="200"), "Start")
    end = time.monotonic() + PATIENCE
    while work.KEY and app.session_state["_job:training"].partial is None and time.monotonic() < end:
        time.sleep(0.05)
    pressed(app, "Pause")
    assert app.session_state["_job:training"].paused.is_set()
    assert "Paused" in seen(app.get("progress")[0].proto.text)
    pressed(app, "Go on")
    assert not app.session_state["_job:training"].paused.is_set()
    pressed(app, "Cancel")
    job = app.session_state["_job:training"]
    assert job.state == "cancelled"
    jobs.cancel(work.KEY, app.session_state)
    app.run()
    assert f"Cancelled after {mine(app).done:,} of 4,000 steps" in " ".join(captions(app))
    assert figures(app) == ["curves"]
    assert job.finished.wait(PATIENCE)


def test_a_run_survives_a_page_change() -> None:
    app = pressed(opened(**SMALL), "Start")
    job = app.session_state["_job:training"]
    app.switch_page("pages/positions.py").run()
    assert job.finished.wait(PATIENCE)
    app.switch_page("pages/training.py").run()
    assert app.session_state["_job:training"] is job
    assert app.number_input(key="twidth").value == 3
    assert f"All {POINTS.steps} steps in" in " ".join(captions(app))


def test_a_full_house_says_the_place_in_the_queue(full: Event) -> None:
    app = pressed(opened(**SMALL), "Start")
    assert "place 2 in the queue" in seen(app.get("progress")[0].proto.text)
    assert "The figure comes with the first step." in captions(app)
    pressed(app, "Cancel")
    assert not app.get("progress")
    pressed(app, "Start")
    full.set()
    assert mine(settled(app)).setup == POINTS


def test_a_tab_that_is_gone_ends_its_run_and_the_page_says_so() -> None:
    app = pressed(opened(tepochs="4000", tbatch="200", texamples="200"), "Start")
    job = app.session_state["_job:training"]
    assert job.started.wait(PATIENCE)
    job.seen -= jobs.ABANDONED + 1
    assert job.finished.wait(PATIENCE)
    assert (job.state, job.abandoned) == ("cancelled", True)


def test_what_a_closed_tab_has_trained_leaves_the_memory() -> None:
    app = pressed(opened(tepochs="4000", tbatch="200", texamples="200"), "Start")
    job = app.session_state["_job:training"]
    while job.partial is None and not job.finished.wait(0.05):
        pass
    left = weakref.ref(job.partial.tracks[0].histogram.base)
    job.seen -= jobs.ABANDONED + 1
    assert job.finished.wait(PATIENCE)
    assert left() is not None
    del job, app  # what the server does with the session of a closed tab
    assert gone(left)


def test_three_readers_train_at_once_and_each_gets_the_run_that_was_asked_for() -> None:
    apps = [pressed(opened(tseed=str(seed), **SMALL), "Start") for seed in range(3)]
    for seed, app in enumerate(apps):
        found = mine(settled(app))
        wanted = train(lambda *_: None, replace(POINTS, seed=seed), 1000)
        assert found.setup == wanted.setup
        assert all(same(a, b) for a, b in zip(found.tracks, wanted.tracks, strict=True))
        assert f"All {POINTS.steps} steps in" in " ".join(captions(app))


def test_the_reference_run_is_what_the_file_says() -> None:
    app = opened(tview="Reference run")
    assert problems(app) == []
    runs = reference()["runs"]
    drawn = [trace for trace in figure(app, "reference")["data"] if trace.get("name") == "LSTM"]
    for data, trace in zip(("recall-far", "recall"), drawn, strict=True):
        curves = [seed["validation"] for seed in runs[data]["lstm"]["seeds"]]
        assert numbers(trace["y"]) == pytest.approx(np.median(curves, axis=0))
    assert {trace["xaxis"] for trace in drawn} == {"x", "x2"}
    said = "Far examples only: LSTM (forget bias 4) and Attention learn with every seed"
    assert said in title(app, "reference")


def test_far_examples_alone_teach_few_and_near_ones_teach_the_gated() -> None:
    """Three seeds each: what the page says of far and near examples is what the stored runs measured."""
    ends = {
        data: {name: [seed["validation"][-1] for seed in found["seeds"]] for name, found in networks.items()}
        for data, networks in reference()["runs"].items()
    }
    far, near = ends["recall-far"], ends["recall"]
    assert all(len(found) == 3 for group in ends.values() for found in group.values())
    assert min(far["lstm-bias4"] + far["transformer"]) > 0.9
    assert max(far["rnn"]) < 0.4
    assert max(np.median(far[name]) for name in ("rnn", "lstm", "gru")) < 0.32
    assert min(near["lstm"] + near["gru"] + near["lstm-bias4"] + near["transformer"]) > 0.9
    assert min(near["rnn"]) > max(far["rnn"])
