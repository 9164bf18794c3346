"""The page "Attention" without a browser: controls, numbers on screen, faults, on a bundled model and on MiniLM."""

import base64
import io
import json
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import plotly.io
import pytest
from streamlit.testing.v1 import AppTest

from models import cards, load, pretrained
from models.cards import PICTURE_TASKS
from models.lens import attention, attention_flow
from models.pretrained.inputs import Prepared
from models.trace import AttentionLayer, AttentionRecord, Axis, Trace
from pages.heads import (
    choice,
    compare,
    given,
    header,
    heat,
    linked,
    measures,
    overview,
    restore,
    source,
    whole,
    words,
    work,
)
from pages.heads.subject import About, Request, Subject, Upload
from pages.shared import elsewhere, errors, jobs
from tests.models.pretrained_families import model as family
from tests.models.pretrained_families import tensors
from tests.models.pretrained_folders import byte_tokenizer, save, writer
from tests.pages.helper import open_app, problems
from viz.table import to_npz

PAGE = "pages/attention.py"
SECONDS = 90  # a bound for a busy machine, never a measurement


def settled(app: AppTest, ready: Callable[[AppTest], object]) -> AppTest:
    """Run again until the jobs behind the page are done."""
    end = time.monotonic() + SECONDS
    while not ready(app) and time.monotonic() < end:
        time.sleep(0.2)
        app.run()
    assert ready(app), [warning.value for warning in app.warning]
    assert problems(app) == []
    return app


def drawn(app: AppTest) -> Any:
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


def test_patches_are_named_briefly_on_an_axis_and_words_as_they_are() -> None:
    assert heat.brief(("[CLS]", "row 2, column 13", "row")) == ("[CLS]", "r2 c13", "row")


def test_the_answer_counts_what_rounds_to_nothing() -> None:
    trace = replace(load(source.FIRST).trace("good"), output={"a": 0.004, "b": 0.62, "c": 0.376})
    subject = Subject(Request(source.FIRST, "good", "cpu"), source.about(source.FIRST), trace)  # type: ignore[arg-type]
    assert header.answered(subject) == "Answer: “b” 62%, “c” 38%; 1 more below 0.5%"
    faint = replace(subject, trace=replace(trace, output={"a": 0.004, "b": 0.003}))
    assert header.answered(faint) == "Answer: each of the 2 likeliest is below 0.5%"


def test_a_failed_check_names_what_is_drawn() -> None:
    found = {"reason": "maps differ by 1.0e-03", "maps": 1e-3, "hidden": 0.0, "heads": 7, "against": "its own"}
    said = {route: header.verdict(found, route) for route in ("recorded", "eager")}
    assert "rebuilt from queries and keys" in said["recorded"]
    assert "own eager maps" not in said["recorded"]
    assert said["eager"].endswith("drawn are the model's own eager maps.")


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
    assert " over 8 maps" in said
    assert 0 < float(said.split("kernel: ")[1].split(" ")[0]) < 1e-5


def test_an_empty_text_is_answered_and_the_last_run_stays() -> None:
    app = settled(open_app(PAGE), drawn)
    app.text_input(key="heads_text_sentiment").set_value("  ").run()
    assert "The text is empty" in texts(app)
    assert "the last input that was answered" in texts(app)
    assert drawn(app)


@pytest.mark.skipif(pretrained.MINILM not in pretrained.offline(), reason="MiniLM is not installed")
def test_minilm_hides_its_special_tokens_and_says_their_mass() -> None:
    app = settled(open_app(PAGE, model="minilm"), drawn)
    app.selectbox(key="layer").set_value("6").run()
    app.selectbox(key="head").set_value("11").run()
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

    monkeypatch.setattr(elsewhere, "limits", lambda: HOSTED)
    assert not {source.FOLDER, source.HUB} & set(source.names())
    monkeypatch.setattr(elsewhere, "limits", lambda: LOCAL)
    assert {source.FOLDER, source.HUB} <= set(source.names())
    assert source.names()[0] == source.FIRST


def test_every_model_has_a_text_to_start_with() -> None:
    assert (
        given.example(source.about(source.FIRST))
        == "The plot is thin, but the actors make every scene worth watching twice."
    )


def view(app: AppTest, name: str, ready: Callable[[AppTest], object]) -> AppTest:
    app.segmented_control(key="view").set_value(name).run()
    return settled(app, ready)


def test_each_view_draws_numbers_of_the_same_run() -> None:
    app = settled(open_app(PAGE, layer="1", head="2"), drawn)
    text = app.text_input(key="heads_text_sentiment").value
    trace = load(source.FIRST).trace(text)
    assert trace.attention is not None
    layer = trace.attention.of()[0]
    row = attention.anatomy(layer, 1, len(trace.tokens) - 1)
    view(app, "Anatomy", lambda app: "q·k = " in texts(app))
    best = int(row.weights.argmax())
    assert f"“{trace.tokens[best]}” gets {row.weights[best]:.2f}: q·k = {row.raw[best]:.2f}" in texts(app)
    assert row.output is not None
    assert f"the sum is {np.linalg.norm(row.output):.2f} long" in texts(app)
    app.toggle(key="divided").set_value(False).run()
    bare = attention.anatomy(layer, 1, len(trace.tokens) - 1, 1.0)
    assert f"Scale 1 · entropy {bare.entropy:.2f} bits" in texts(app)
    view(app, "Patterns", lambda app: "Heads by pattern" in texts(app) and len(drawn(app)) == 3)
    even = np.log2(len(trace.tokens))
    assert np.allclose(curve(app, "Entropy of a row in bits", "uniform"), even, atol=1e-6)
    app.toggle(key="rollout").set_value(True).run()
    settled(app, lambda app: "gets the largest share" in texts(app))
    total = attention.rollout(np.stack([[one.map(head) for head in range(4)] for one in trace.attention.of()]))
    share = total.mean(axis=0)
    assert f"“{trace.tokens[int(share.argmax())]}” gets the largest share, {share.max():.0%} on average" in texts(app)
    weights, slopes, read = attention_flow.gradients(load(source.FIRST), text)
    relevance = attention_flow.relevance(weights, slopes)
    answered = relevance.mean(axis=0) if read is None else relevance[read]
    assert f"“{trace.tokens[int(answered.argmax())]}”, {answered.max():.0%} (Chefer et al. 2021)" in texts(app)
    valued = attention.rollout(np.stack([attention_flow.by_value(one) for one in trace.attention.of()])).mean(axis=0)
    assert f"By values: “{trace.tokens[int(valued.argmax())]}”, {valued.max():.0%}" in texts(app)
    view(app, "Compare", lambda app: "of the weight moves" in texts(app))
    other = load(source.FIRST).trace(app.text_input(key="heads_other_sentiment").value)
    assert other.attention is not None
    moved = np.abs(other.attention.map(0, 1) - layer.map(1)).sum(axis=1) / 2
    assert f"{moved.mean():.0%} of the weight moves" in texts(app)
    view(app, "Generate", lambda app: "reads and does not write" in texts(app))


def unpacked(values: dict[str, str]) -> np.ndarray:
    """Numbers as plotly packs them."""
    return np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"])


def curve(app: AppTest, title: str, name: str) -> np.ndarray:
    """The values of one named curve of the chart whose alternative text starts with `title`."""
    for chart in drawn(app):
        spec = plotly.io.from_json(chart.proto.spec, skip_invalid=True)
        for trace in spec.data:
            if trace.name == name and str(spec.layout.yaxis.title.text) in title.lower():
                return trace.y if isinstance(trace.y, np.ndarray) else unpacked(trace.y)
    raise AssertionError(f"no curve {name} under {title}")


def test_a_decoder_from_a_folder_writes_and_steps_back_and_forth(tmp_path: Path) -> None:
    folder = str(save(tmp_path / "author", writer(), byte_tokenizer()))
    app = open_app(PAGE, model=source.FOLDER, view="Generate")
    app.text_input(key="folder").set_value(folder).run()
    settled(app, lambda app: "takes at most 31 tokens, got " in texts(app))
    app.text_input(key="heads_text_any").set_value("the cat").run()
    settled(app, lambda app: "Press Write" in texts(app))
    app.button(key="write").click().run()
    settled(app, lambda app: "Step 1: " in texts(app))
    made = load(folder, "cpu").generate("the cat")
    assert app.text[0].value == made.text.strip()
    assert f"rank {made.steps[0].rank + 1} of the model's order, from {made.steps[0].entropy:.1f} bits" in texts(app)
    app.button(key="step_forth").click().run()
    assert f"Step 2: “{made.steps[1].texts[made.steps[1].ids.index(made.steps[1].chosen)]}”" in texts(app)
    assert made.trace.attention is not None
    row = made.trace.attention.map(0, 0)[made.prompt]
    assert f"({row.max():.2f})" in texts(app)
    app.button(key="step_back").click().run()
    assert "Step 1: " in texts(app)
    app.toggle(key="stitched").set_value(True).run()
    assert f"The first {made.prompt} rows were computed at once" in texts(app)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [("/no/such/folder", "No model and no folder is called"), ("", "Name a model in the Hugging Face layout")],
)
def test_a_wrong_folder_is_answered_in_words(typed: str, sentence: str) -> None:
    app = open_app(PAGE, model=source.FOLDER)
    app.text_input(key="folder").set_value(typed).run()
    settled(app, lambda app: sentence in texts(app))


def test_a_saved_view_sets_every_control_again() -> None:
    app = settled(open_app(PAGE, layer="2", head="4", scale="log"), drawn)
    given_text = app.text_input(key="heads_text_sentiment").value
    facts = {
        "format": restore.MARK,
        "input sha256": Request(source.FIRST, given_text, "cpu").digest,
        "settings": {"model": source.FIRST, "layer": "2", "head": "4", "scale": "log", "share": "x"},
    }
    kept = restore.read(json.dumps(facts).encode())
    assert kept["settings"] == {"model": source.FIRST, "layer": "2", "head": "4", "scale": "log"}
    fresh = open_app(PAGE)
    fresh.get("file_uploader")[0].upload("view.json", json.dumps(facts).encode(), "application/json").run()
    settled(fresh, drawn)
    assert [fresh.selectbox(key=key).value for key in ("layer", "head")] == ["2", "4"]
    assert fresh.segmented_control(key="scale").value == "log"
    assert "made from another input" not in texts(fresh)
    fresh.text_input(key="heads_text_sentiment").set_value("A good film.").run()
    settled(fresh, lambda app: "made from another input" in texts(app))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"\x80\x04", "no view that the attention page saved"),
        (b"[]", "no view that the attention page saved"),
        (b"[" * 90_000, "no view that the attention page saved"),
        (
            json.dumps({"format": restore.MARK, "settings": {"model": "x" * 90_000}}).encode(),
            f"with the model '{'x' * 80}', which",
        ),
        (
            json.dumps({"format": restore.MARK, "settings": {"model": "gpt-9"}}).encode(),
            "'gpt-9', which is not at hand",
        ),
    ],
)
def test_a_file_that_is_no_view_is_refused(content: bytes, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        restore.read(content)


def test_what_a_view_file_says_is_shown_and_never_acts() -> None:
    model, digest = "[a link](https://example.org) $x$ :red[b]", "![](http://e)"
    app = open_app(PAGE)
    for settings in ({"model": model}, {"model": source.FIRST}):
        facts = {"format": restore.MARK, "input sha256": digest, "settings": settings}
        app.get("file_uploader")[0].upload("view.json", json.dumps(facts).encode(), "application/json").run()
        if settings["model"] == model:
            assert errors.plain(f"The view was saved with the model {model!r}, which is not at hand here.") in [
                item.value for item in app.warning
            ]
    shown = settled(app, lambda app: "made from another input" in texts(app))
    (said,) = [item.value for item in shown.caption if "made from another input" in item.value]
    assert errors.plain(digest[:12]) in said


def test_a_slow_run_is_cancelled_on_the_page_and_can_be_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    ended, real = threading.Event(), work.traced

    def slow(report: Callable[..., None], *arguments: Any) -> Any:
        try:
            while True:
                report(0.5, "Running the model")
                time.sleep(0.01)
        finally:
            ended.set()

    monkeypatch.setattr(work, "traced", slow)
    monkeypatch.setattr(jobs, "ABANDONED", 1e6)  # a busy machine is no reader who has gone
    app = open_app(PAGE)
    assert app.session_state["_job:attention"].started.wait(SECONDS)  # jobs of the front page may stand before it
    assert not ended.is_set()
    app.button(key="cancel-attention").click().run()
    assert ended.wait(SECONDS)
    assert [item.value for item in app.info] == ["Cancelled."]
    monkeypatch.setattr(work, "traced", real)
    app.button(key="again-attention").click().run()
    settled(app, drawn)


def test_a_newer_text_replaces_the_run_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    real, ended = work.traced, threading.Event()

    def slow_at_first(report: Callable[..., None], request: Request, *more: Any) -> Any:
        try:
            while request.given == "slow ones":
                report(0.5, "Running the model")
                time.sleep(0.01)
        except BaseException:
            ended.set()
            raise
        return real(report, request, *more)

    monkeypatch.setattr(work, "traced", slow_at_first)
    monkeypatch.setattr(jobs, "ABANDONED", 1e6)
    app = settled(open_app(PAGE), drawn)
    app.text_input(key="heads_text_sentiment").set_value("slow ones").run()
    app.text_input(key="heads_text_sentiment").set_value("three short words").run()
    settled(app, lambda app: "· 3 tokens ·" in texts(app))
    assert ended.wait(SECONDS)
    assert app.text_input(key="heads_text_sentiment").proto.default == "three short words"  # if the browser forgets it


def test_patterns_of_a_long_input_are_sampled_and_said_so() -> None:
    layer = AttentionLayer("decoder", np.zeros((2, 1500, 3), np.float32), np.zeros((1, 1500, 3), np.float32))
    assert measures.size(layer) == (1500, 1500)
    assert measures.sampled(layer) == "Scored on 256 of 1,500 queries, drawn at random."
    short = AttentionLayer("decoder", layer.query[:, :1024], layer.key[:, :1024])
    assert measures.sampled(short) == ""


@pytest.mark.parametrize("name", ["gpt-oss", "gemma2", "t5", "modernbert"])
def test_maps_too_many_for_a_file_are_rebuilt_from_it_exactly(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    one = family(name)
    record = one.trace_tensors(Prepared(tensors(one.own))).attention
    layers, numbers = record.of(), choice.depths(record.of())
    assert list(whole.arrays(layers, numbers)) == ["layer_1", "layer_2", "layer_3"]
    monkeypatch.setattr(whole, "CELLS", whole.count(layers) - 1)
    assert whole.count(layers) == sum(layer.map(0).size * layer.heads for layer in layers)
    assert "rebuilt exactly" in whole.hint(layers)
    with np.load(io.BytesIO(to_npz(whole.arrays(layers, numbers)))) as stored:
        assert "softmax" in str(stored["formula"])
        for number, layer in zip(numbers, layers, strict=True):
            for head in range(layer.heads):
                np.testing.assert_array_equal(rebuilt(stored, number, head), layer.map(head))


def rebuilt(stored: Any, number: str, head: int) -> np.ndarray:
    """A map by the formula that lies beside the arrays."""

    def part(title: str) -> Any:
        if f"layer_{number}_{title}_as_layer" in stored:
            return stored[f"layer_{stored[f'layer_{number}_{title}_as_layer']}_{title}"]
        return stored.get(f"layer_{number}_{title}")

    query, key = part("query").astype(np.float64), part("key").astype(np.float64)
    score = query[head] @ key[head // (len(query) // len(key))].T * part("scale")
    if part("bias") is not None:
        score = score + part("bias")[head % len(part("bias"))]
    if part("softcap") is not None:
        score = part("softcap") * np.tanh(score / part("softcap"))
    if part("allowed") is not None:
        score = np.where(part("allowed"), score, -np.inf)
    sink = part("sinks")[head] if part("sinks") is not None else -np.inf
    top = np.maximum(score.max(axis=1, keepdims=True), sink)
    weights = np.exp(score - top)
    return (weights / (weights.sum(axis=1, keepdims=True) + np.exp(sink - top))).astype(np.float32)


@pytest.mark.parametrize(
    ("kinds", "bands"),
    [
        (
            ("linear", "full", "linear", "linear"),
            [(0, "layer 1: linear attention, no attention map"), (1, "layers 3–4: linear attention, no attention map")],
        ),
        (("full", "conv", "full"), [(1, "layer 2: conv attention, no attention map")]),
        (("full", "full"), []),
    ],
)
def test_layers_without_a_map_stand_in_the_mosaic_with_their_kind(
    kinds: tuple[str, ...], bands: list[tuple[int, str]]
) -> None:
    layers = tuple(
        AttentionLayer("decoder", None, None, exact=np.ones((1, 2, 2), np.float32), index=at)
        for at, kind in enumerate(kinds)
        if kind == "full"
    )
    bare = {at: f"{kind} attention" for at, kind in enumerate(kinds) if kind != "full"}
    record = AttentionRecord({"decoder": layers}, bare=bare)
    trace = Trace(("a", "b"), (True, True), {}, np.zeros((len(kinds) + 1, 2, 3), np.float32), record)
    assert overview.gaps(Subject(Request("one", "a b", "cpu"), About("one", "one"), trace), "decoder") == bands


def test_same_tokens_are_those_with_one_piece_of_the_vocabulary(tmp_path: Path) -> None:
    folder = save(tmp_path / "gpt", writer(), byte_tokenizer())
    trace = load(str(folder), "cpu").trace("cat cat the cat")
    assert trace.tokens == ("cat", "cat", "the", "cat")
    assert trace.axes["decoder"].pieces == ("cat", "Ġcat", "Ġthe", "Ġcat")
    subject = Subject(Request(str(folder), "cat", "cpu"), About("gpt", "gpt"), trace)
    found = measures.measure(subject, "decoder", trace.attention.of()[0])
    assert found.patterns.queries[found.patterns.names.index("same token")] == 1  # the last sees the second


@pytest.mark.parametrize(
    ("name", "place", "head", "told"),
    [
        ("gemma2", 0, 4, "window of 5, key group 2 of 2"),
        ("gemma2", 1, 0, "full, key group 1 of 2"),
        ("gpt-neo", 1, 3, "window of 5"),
        ("llama4", 2, 1, "chunks of 5, key group 1 of 2"),
        ("bert", 1, 1, ""),
    ],
)
def test_a_head_says_how_far_it_sees_and_whose_keys_it_shares(name: str, place: int, head: int, told: str) -> None:
    one = family(name)
    layers = one.trace_tensors(Prepared(tensors(one.own))).attention.of()
    assert choice.traits(layers, place, head) == told
    label = words.short("1", head, None, head, choice.traits(layers, place, head))
    assert label == f"layer 1 head {head + 1}" + (f" ({told})" if told else "")


def test_a_difference_has_no_number_where_neither_text_may_look() -> None:
    one = family("gpt-neo")
    maps = [one.trace_tensors(Prepared(tensors(one.own, seed))).attention.of()[1] for seed in (5, 6)]
    axis = Axis(tuple("abcdefghijk"))
    shows = [choice.shown(layer.map(0), axis, axis, "on", layer.allowed) for layer in maps]
    change = compare.changed(*shows)
    places = np.arange(11)
    behind = places[:, None] - places
    np.testing.assert_array_equal(np.isnan(change), (behind < 0) | (behind >= 5))
    assert np.nansum(np.abs(change)) == pytest.approx(np.abs(maps[1].map(0) - maps[0].map(0)).sum(), abs=1e-4)


def test_a_view_keeps_windows_and_switches_and_drops_what_is_no_setting() -> None:
    sent = {"model": source.FIRST, "rows": [5, 90], "columns": [1, True], "divided": False, "split": "yes", "x": 1}
    kept = restore.read(json.dumps({"format": restore.MARK, "settings": sent}).encode())["settings"]
    assert kept == {"model": source.FIRST, "rows": (5, 90), "divided": False}


def test_listed_lines_are_those_that_the_view_draws() -> None:
    show = choice.shown(WEIGHTS, AXIS, AXIS, "on")
    table = linked.listed(show, {"head 1": show.weights}, 2)
    assert table["query place"] == [1, 1, 2, 2, 3, 3]
    assert table["key place"] == [1, 2, 2, 1, 2, 3]
    assert table["weight"] == [0.5, 0.25, 0.5, 0.25, 0.75, 0.25]


def test_bundled_vits_and_hybrids_read_pictures_and_come_last() -> None:
    seeing = [card.name for task in PICTURE_TASKS for card in cards(task) if card.family in ("vit", "hybrid")]
    assert len(seeing) == 5
    offered = source.names()
    for name in seeing:
        assert source.about(name).takes == "picture"
        assert offered.index(name) > offered.index(source.FIRST)


def test_one_text_through_two_models() -> None:
    other = "sentiment-hybrid"
    app = settled(open_app(PAGE, view="Compare", against="another model", other=other, head="2"), drawn)
    settled(app, lambda app: "of the weight moves" in texts(app) or "No difference map" in texts(app))
    text = app.text_input(key="heads_text_sentiment").value
    first, second = (load(name).trace(text).attention.map(0, 1) for name in (source.FIRST, other))  # type: ignore[union-attr]
    moved = np.abs(second - first).sum(axis=1) / 2
    assert f"{moved.mean():.0%} of the weight moves" in texts(app)
    offered = app.selectbox(key="other").options
    assert other in offered
    assert not {source.FIRST, "digits-vit"} & set(offered)


def test_one_picture_through_two_models_and_no_text_beside_it() -> None:
    app = settled(open_app(PAGE, model="digits-vit", view="Compare", other="digits-hybrid"), drawn)
    settled(app, lambda app: "of the weight moves" in texts(app))
    assert app.segmented_control(key="against").options == ["another model"]
    assert "digits-hybrid" in app.selectbox(key="other").options
    assert source.FIRST not in app.selectbox(key="other").options


def test_shuffled_is_said_of_the_models_own_tokens(tmp_path: Path) -> None:
    folder = str(save(tmp_path / "author", writer(), byte_tokenizer()))
    request = Request(folder, "catcatdog", "cpu")
    subject = work.traced(lambda *_: None, request)
    mixed = measures.shuffled(lambda *_: None, subject, "decoder")
    model = load(folder, "cpu")
    trace = model.trace_tensors(model.shuffled(model.prepare(request.given), 0))
    layer = trace.attention.of()[0]
    assert sorted(trace.tokens) == sorted(subject.trace.tokens)
    maps = np.stack([layer.map(head) for head in range(layer.heads)])
    wanted = attention.patterns(maps, trace.tokens, (False,) * len(trace.tokens), layer.allowed)
    np.testing.assert_allclose(mixed[0].patterns.scores, wanted.scores, atol=1e-12)


def test_a_view_keeps_the_folder_the_example_and_how_to_write() -> None:
    sent = {
        "model": source.FOLDER,
        "folder": "/models/author",
        "digits_example": "7",
        "wish_tokens": 12,
        "wish_temperature": 0.5,
        "wish_top_p": 9.0,
        "stitched": True,
    }
    kept = restore.read(json.dumps({"format": restore.MARK, "settings": sent}).encode())["settings"]
    assert kept == {key: value for key, value in sent.items() if key != "wish_top_p"}
