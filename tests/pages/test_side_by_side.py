"""The first page: what stands on it are the lenses' own numbers for the text, and every control does what it says."""

from typing import Any

import numpy as np
import pytest

import models
from models.lens import cost, gradient_flow, influence, order, receptive_field
from models.lens.distance import decay
from models.presets import models_of, presets
from models.reading import change
from models.tokenizer import WordTokenizer
from pages.rows import board_numbers, sees
from pages.rows.view import shares
from pages.shared import device
from tests.pages.front import (
    board,
    captions,
    cells,
    chosen,
    curves,
    diamonds,
    figure,
    figures,
    maps,
    notes,
    numbers,
    opened,
    settled,
    title,
    typed,
    warnings,
    words,
)
from tests.pages.helper import open_app, problems

pytestmark = pytest.mark.usefixtures("patient")

TEXT = "The plot was thin but charming"
TWO = ["RNN", "Attention"]
FAMILIES = {"RNN": "rnn", "Attention": "transformer"}
ROWS = ["sees_gradient", "sees_substitution", "words_gradient", "words_occlusion", "attends", "reach", "gradient"]


def loaded(title: str, task: str = "sentiment") -> Any:
    return models.load(f"{task}-{FAMILIES[title]}", device="cpu")


def two(text: str = TEXT, **query: Any) -> Any:
    return opened(text, sentiment_models=TWO, **query)


def near(values: Any, wanted: Any) -> None:
    np.testing.assert_allclose(values, wanted, rtol=1e-4, atol=1e-7)


def test_every_row_holds_the_numbers_of_its_lens() -> None:
    app = two()
    assert problems(app) == []
    assert figures(app)[: len(ROWS)] == ROWS
    for name in TWO:
        model, key = loaded(name), FAMILIES[name]
        near(cells(app)[key]["value"], model.trace(TEXT).output["positive"])
        for kind in ("gradient", "substitution"):
            matrix = influence.matrix(model, TEXT, kind).values
            near(maps(app, f"sees_{kind}")[name], shares(matrix))
            (line,) = (y for title, (y,) in curves(app, f"distance_{kind}").items() if title.startswith(name))
            near(line, np.maximum(decay(matrix).influence, 1e-8))
        pairs = dict(cells(app, "board_cost")[key]["pairs"])
        price = cost.of_model(model, TEXT)
        assert (pairs["operations"], pairs["steps in a row"]) == (f"{price.macs / 1e6:.2g} M", str(price.steps))
        assert float(pairs["time"].removesuffix(" ms")) > 0


def test_the_words_that_move_the_answer_are_the_lenses_own() -> None:
    app = two()
    by_gradient, left_out = (
        numbers(figure(app, f"words_{kind}")["data"][0]["z"]) for kind in ("gradient", "occlusion")
    )
    for at, name in enumerate(TWO):
        near(by_gradient[at], shares(influence.of_output(loaded(name), TEXT, 1)))
        near(left_out[at], influence.occlusion(loaded(name), TEXT, 1))


def test_reach_and_gradient_flow_by_depth_are_the_lenses_own() -> None:
    app = two()
    for at, name in enumerate(TWO):
        model = loaded(name)
        last = len(TEXT.split()) - 1
        spans = [
            max(last if side is None else min(side, last) for side in pair)
            for pair in receptive_field.reach_by_depth(model.network)
        ]
        widths = {
            kind: receptive_field.mean_widths(influence.matrix(model, TEXT, kind).values)[1]
            for kind in ("gradient", "substitution")
        }
        drawn = curves(app, "reach")
        near(drawn["wired"][at], spans)
        for kind, width in widths.items():
            near(drawn[f"90 %, {kind}"][at], [width])
        near(curves(app, "gradient")[""][at], gradient_flow.by_depth(model, TEXT, 1).norms)


def test_the_other_class_is_the_rest_of_the_probability() -> None:
    app = chosen(two(), "sentiment_class", "negative")
    for name in TWO:
        near(cells(app)[FAMILIES[name]]["value"], loaded(name).trace(TEXT).output["negative"])
        assert cells(app)[FAMILIES[name]]["text"].startswith("negative ")
    near(numbers(figure(app, "words_occlusion")["data"][0]["z"])[0], influence.occlusion(loaded("RNN"), TEXT, 0))
    near(curves(app, "gradient")[""][0], gradient_flow.by_depth(loaded("RNN"), TEXT, 0).norms)


@pytest.mark.parametrize(("task", "group"), [("Agreement", "agreement"), ("Agreement, far only", "agreement-far")])
def test_a_task_brings_its_own_models_text_and_answers(task: str, group: str) -> None:
    app = two()
    chosen(app, "task", task)
    offered = models_of(group)
    first = next(iter(presets("agreement").values()))
    assert app.text_input(key="agreement_text").value == first
    assert [column["key"] for column in board(app)["columns"]] == [f for f in offered if f in SEVEN]
    probability = models.load(offered["cnn"].name, device="cpu").trace(first).output["are"]
    near(cells(app)["cnn"]["value"], probability)
    chosen(app, "task", "Sentiment")
    assert app.text_input(key="sentiment_text").value == TEXT
    assert problems(app) == []


SEVEN = ("mlp", "cnn", "rnn", "lstm", "gru", "transformer", "hybrid")


def test_two_to_seven_models_and_a_sentence_for_one_or_eight() -> None:
    app = two()
    chosen(app, "sentiment_models", ["RNN"])
    assert warnings(app) == ["Choose two to seven models; 1 is chosen."]
    assert list(cells(app)) == ["rnn", "transformer"], "the last view went away"
    assert "Below: the last text that was answered." in captions(app)
    chosen(app, "sentiment_models", [])
    assert warnings(app) == ["Choose two to seven models; 0 are chosen."]
    chosen(app, "sentiment_models", ["GRU", "RNN", "Convolution"])
    assert warnings(app) == []
    assert list(cells(app)) == ["cnn", "rnn", "gru"], "columns keep their order"
    assert list(maps(app, "sees_gradient")) == ["Convolution", "RNN", "GRU"]


def test_eight_models_are_refused_in_words() -> None:
    app = opened("the keys", task="Agreement", agreement_models=["RNN", "GRU"])
    group = app.button_group(key="agreement_models")
    chosen(app, "agreement_models", list(group.options)[:8])
    assert warnings(app) == ["Choose two to seven models; 8 are chosen."]
    assert list(cells(app)) == ["rnn", "gru"]


def test_an_example_writes_its_text_and_typing_lets_go_of_it() -> None:
    app = two()
    offered = presets("sentiment")
    chosen(app, "sentiment_example", "repeated")
    assert app.text_input(key="sentiment_text").value == offered["repeated"]
    assert words(figure(app, "sees_gradient"))[:3] == ["Good", ",", "good"]
    typed(app, "A fine film")
    assert app.button_group(key="sentiment_example").value is None
    assert words(figure(app, "sees_gradient")) == ["A", "fine", "film"]
    typed(app, offered["negation"])
    assert app.button_group(key="sentiment_example").value == "negation"


def test_logarithmic_colours_keep_the_numbers_in_the_hover() -> None:
    app = chosen(two(), "colours", "log")
    (rnn, _) = (trace for trace in figure(app, "sees_gradient")["data"] if trace["type"] == "heatmap")
    values = shares(influence.matrix(loaded("RNN"), TEXT).values)
    near(numbers(rnn["customdata"]), values)
    level = np.round(255 * (np.log10(np.clip(values, 1e-4, 1)) + 4) / 4)
    assert (np.abs(numbers(rnn["z"]) - level) <= 1).all()


def test_layer_and_head_choose_the_map() -> None:
    app = two()
    record = loaded("Attention").trace(TEXT).attention
    depth, heads = len(record.of()), record.of()[0].heads
    assert list(app.button_group(key="layer").options) == [str(i + 1) for i in range(depth)]
    assert list(app.button_group(key="head").options) == [str(i + 1) for i in range(heads)]
    near(maps(app, "attends")["Attention"], record.map(0, 0))
    chosen(app, "layer", "2")
    chosen(app, "head", "3")
    near(maps(app, "attends")["Attention"], record.map(1, 2))
    assert np.abs(record.map(1, 2) - record.map(0, 0)).max() > 1e-3
    assert "This network has no attention." in notes(figure(app, "attends"))


def test_the_layer_of_attention_is_named_by_its_place_in_its_own_network() -> None:
    app = opened(TEXT, sentiment_models=["Attention", "Hybrid"], layer="2")
    assert "Attention layer 2" in notes(figure(app, "attends"))
    assert "Hybrid layer 4" in notes(figure(app, "attends"))


def test_each_substitution_stands_beside_its_rank_correlation_with_the_gradient() -> None:
    app = two()
    for name in TWO:
        both = [influence.matrix(loaded(name), TEXT, kind).values for kind in ("gradient", "substitution")]
        rho = f"{influence.rank_correlation(*both):.2f}".replace("0.", ".")
        assert f"{name} ρ {rho}" in notes(figure(app, "sees_substitution"))
        assert "ρ" not in notes(figure(app, "sees_gradient"))
    found = sees.table(("a", "b"), {"rnn": np.ones((2, 2)), "gru": np.ones((2, 2))}, {"rnn": 0.5, "gru": -0.25})
    assert found["rank correlation"] == [0.5] * 4 + [-0.25] * 4
    assert "rank correlation" not in sees.table(("a",), {"rnn": np.ones((1, 1))}, {})


def test_networks_without_attention_say_so() -> None:
    app = opened(TEXT, sentiment_models=["RNN", "GRU"])
    assert "attends" not in figures(app)
    assert [box.value for box in app.info] == [
        "None of the chosen networks has attention. Choose Attention or Hybrid under Models."
    ]


def test_shuffling_and_the_test_set_show_what_was_measured() -> None:
    app = chosen(two(), "more", "Shuffle the words")
    assert figures(app)[len(ROWS) :] == ["shuffle"]
    marks = [trace for trace in figure(app, "shuffle")["data"] if trace.get("mode") == "markers"]
    near(numbers(marks[0]["x"]), order.shuffled(loaded("RNN"), TEXT))
    chosen(app, "more", "Test set")
    card = models.load("sentiment-rnn", device="cpu").card
    for part in ("film-test", "sentences-test"):
        near(diamonds(app, f"tested_{part}")[0], 100 * card.metrics[part]["accuracy"])


def test_the_test_set_of_agreement_draws_its_three_figures() -> None:
    app = opened("the keys", task="Agreement", agreement_models=TWO, more="Test set")
    assert problems(app) == []
    assert figures(app)[len(ROWS) :][:3] == ["tested_distance", "tested_flips", "tested_gradient"]
    rows = models.load("agreement-rnn", device="cpu").card.metrics["by_distance"][1:6]
    pooled = 100 * sum(row["right"] for row in rows) / sum(row["fits"] for row in rows)
    near(curves(app, "tested_distance")["RNN"][0][1], pooled)


def test_the_gradient_of_the_head_is_drawn_trained_and_untrained() -> None:
    app = opened("the keys", task="Agreement", agreement_models=TWO, more="Test set")
    assert list(app.button_group(key="weights").options) == ["trained", "untrained"]
    titles = []
    for which, key in (("trained", "gradient_share"), ("untrained", "gradient_share_untrained")):
        chosen(app, "weights", which)
        titles.append(title(app, "tested_gradient"))
        for name in TWO:
            rows = models_of("agreement")[FAMILIES[name]].metrics["buckets"]
            near(curves(app, "tested_gradient")[name][0], np.maximum([row[key] for row in rows], 1e-20))
    assert "Before training attention gives the far head" in titles[1]
    assert titles[0] != titles[1]


def test_the_test_set_calls_the_networks_as_the_columns_do() -> None:
    app = opened(TEXT, sentiment_models=["Attention", "RNN"], more="Test set")
    names = figure(app, "tested_film-test")["layout"]["yaxis"]["ticktext"]
    assert names[:2] == ["RNN", "Attention"]


def test_the_time_of_a_stored_example_is_measured_when_asked_for() -> None:
    app = settled(open_app(sentiment_models=TWO))
    assert {dict(cell["pairs"])["time"] for cell in cells(app, "board_cost").values()} == {"—"}
    (button,) = (one for one in app.button if one.label == "Measure the time on this machine")
    settled(button.click().run())
    times = [dict(cell["pairs"])["time"] for cell in cells(app, "board_cost").values()]
    assert all(float(time.removesuffix(" ms").replace(",", "")) > 0 for time in times)
    assert "Measure the time on this machine" not in [one.label for one in app.button]


def test_answers_and_costs_are_a_table() -> None:
    app = two()
    view = app.session_state["_last_view"]
    found = board_numbers.table(view, {"rnn": 1.5})
    assert found["model"] == TWO
    for at, name in enumerate(TWO):
        model = loaded(name)
        near(found["p(positive)"][at], model.trace(TEXT).output["positive"])
        assert found["parameters"][at] == model.card.parameters
        assert found["multiply-accumulates"][at] == cost.of_model(model, TEXT).macs
    assert found["milliseconds"][0] == 1.5
    assert np.isnan(found["milliseconds"][1])
    assert {"board_csv"} <= {item.proto.id.rsplit("-", 1)[1] for item in app.get("download_button")}


def test_changing_one_word_compares_the_two_texts() -> None:
    app = chosen(two(), "more", "Change one word")
    settled(app.selectbox(key="change_place").set_value(3).run())
    settled(app.text_input(key="sentiment_change_word").set_value("strong").run())
    assert figures(app)[len(ROWS) :] == ["changed", "changed_before", "changed_after", "changed_difference"]
    after = TEXT.replace("thin", "strong")
    offered = {"Mixing weights": "mixing", "Gradient influence": "gradient", "Substitution influence": "substitution"}
    assert list(app.button_group(key="change_part").options) == list(offered)
    for choice, part in offered.items():
        chosen(app, "change_part", choice)
        for name in TWO:
            found = change(loaded(name), TEXT, after)
            near(diamonds(app, "changed")[TWO.index(name)], getattr(found, f"{part}_moved").mean())
            before, now = (getattr(found, f"{part}_{when}") for when in ("before", "after"))
            if part == "mixing":
                before, now = before.mean(axis=0), now.mean(axis=0)
            near(maps(app, "changed_before")[name], shares(before))
            np.testing.assert_allclose(maps(app, "changed_difference")[name], shares(now) - shares(before), atol=1e-6)
        assert words(figure(app, "changed_after"))[3] == "strong"
        assert words(figure(app, "changed_before"))[3] == "thin"
        top = max(float(np.abs(maps(app, "changed_difference")[name]).max()) for name in TWO)
        assert f"{top:.2f} of the row" in title(app, "changed_difference")
    assert title(app, "changed").startswith("#### :gray[How far does changing one word move each network?]")


def test_the_word_to_change_stands_in_the_address_as_a_number_and_both_survive_a_page_change() -> None:
    app = chosen(two(), "more", "Change one word")
    assert "change_place" not in app.query_params
    settled(app.selectbox(key="change_place").set_value(3).run())
    settled(app.text_input(key="sentiment_change_word").set_value("strong").run())
    assert app.query_params["change_place"] == "4"
    app.switch_page("pages/positions.py").run()
    app.switch_page("pages/side_by_side.py").run()
    settled(app)
    chosen(app, "more", "Change one word")
    assert app.selectbox(key="change_place").value == 3
    assert app.text_input(key="sentiment_change_word").value == "strong"
    again = two(more="Change one word", change_place="4")
    assert again.selectbox(key="change_place").value == 3
    assert words(figure(again, "changed_after"))[3] == "great"


def test_the_word_offered_for_a_change_is_no_punctuation_mark() -> None:
    for text in ("good .", ". . .", "so , so . fine !"):
        app = two(text, more="Change one word")
        place = app.selectbox(key="change_place").value
        assert text.split()[place].isalpha() or not any(map(str.isalpha, text))


@pytest.mark.parametrize(("word", "count"), [("two words", 2), ("", 0), ("a-b", 3)])
def test_a_replacement_must_be_one_word(word: str, count: int) -> None:
    app = chosen(two(), "more", "Change one word")
    settled(app.text_input(key="sentiment_change_word").set_value(word).run())
    assert len(WordTokenizer(["<unk>"])(word)) == count
    assert warnings(app) == [f"Type exactly one word; {count} were found."]
    assert figures(app)[: len(ROWS)] == ROWS


def test_the_text_enters_the_address_only_when_it_is_shared() -> None:
    app = opened(sentiment_models=TWO)
    typed(app, TEXT)
    assert "text" not in app.query_params
    settled(app.toggle(key="share").set_value(True).run())
    assert app.query_params["text"] == TEXT
    typed(app, "A fine film")
    assert app.query_params["text"] == "A fine film"
    typed(app, "word " * 401)
    assert "text" not in app.query_params
    assert "Too long for an address: at most 2,000 characters." in warnings(app)
    settled(app.toggle(key="share").set_value(False).run())
    typed(app, TEXT)
    assert "text" not in app.query_params


def test_in_a_lecture_buttons_step_through_the_examples_and_round_the_end() -> None:
    names = list(presets("agreement"))
    app = opened(task="Agreement", agreement_models=TWO, lecture="true")
    assert app.button_group(key="agreement_example").value == names[0]
    settled(app.button(key="next").click().run())
    assert app.button_group(key="agreement_example").value == names[1]
    assert app.text_input(key="agreement_text").value == presets("agreement")[names[1]]
    for _ in range(2):
        settled(app.button(key="previous").click().run())
    assert app.button_group(key="agreement_example").value == names[-1]
    assert app.text_input(key="agreement_text").value == presets("agreement")[names[-1]]


def test_the_device_is_named_beside_the_cost() -> None:
    app = two(device="cpu")
    assert board(app, "board_cost")["rows"][0]["hint"].startswith("one pass over this text · CPU, 1 thread")
    assert app.session_state["device"] == "cpu"
    settled(app.button_group(key="device").set_value("auto").run())
    assert app.session_state["device"] == "auto"
    assert app.session_state["_last_view"].request.device == device.resolve("auto")


def test_a_job_shows_its_progress_and_ends_in_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    from pages.shared import progress

    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    app = open_app(text=TEXT, sentiment_models=TWO)
    assert len(app.get("progress")) == 1
    assert app.button(key="cancel-readings").label == "Cancel"
    settled(app)
    near(cells(app)["rnn"]["value"], loaded("RNN").trace(TEXT).output["positive"])
