"""How a map is shown: what is pooled, hatched, apart from the keys; each said in words."""

from dataclasses import replace

import numpy as np
import pytest

from models.lens import attention
from models.trace import AttentionLayer, AttentionRecord, Axis, Trace
from pages.heads import anatomy, choice, compare, heat, linked, measures, patterns, rolled, tables
from pages.heads.subject import About, Request, Subject


def axis(count: int) -> Axis:
    return Axis(tuple(f"w{at % 13}" for at in range(count)))


def map_of(length: int, sink: float = 0.0) -> choice.Shown:
    """Even weights; a learned sink takes `sink` of every row."""
    weights = np.full((length, length), (1 - sink) / length, np.float32)
    return choice.shown(weights, axis(length), axis(length), "on")


def subject(maps: np.ndarray, keys: Axis) -> Subject:
    """One layer's finished maps [H, T, T]."""
    layer = AttentionLayer("encoder", None, None, exact=maps.astype(np.float32))
    record = AttentionRecord({"encoder": (layer,)})
    trace = Trace(keys.tokens, (), {}, np.zeros((2, len(keys.tokens), 3), np.float32), record, axes={"encoder": keys})
    return Subject(Request("m", "x", "cpu"), About("m", "M"), trace)


FIRST = choice.Choice("encoder", 0, 0)


def test_512_tokens_beside_a_sink_are_exact_and_nothing_is_said_to_be_pooled() -> None:
    show = map_of(512, sink=0.75)
    assert show.columns[-1] == "[sink]"
    assert show.tokens == (512, 512)
    assert heat.pooled(show) == ""
    cells = heat.figure(show, "linear", 700).data[-1].z
    assert np.shape(cells) == (512, 513)


def test_the_sentence_counts_keys_and_no_sink() -> None:
    assert "(600 queries, 600 keys)" in heat.pooled(map_of(600, sink=0.75))


def test_a_window_that_is_still_pooled_says_so() -> None:
    show = map_of(2000)
    assert heat.pooled(show, ((0, 1400), (0, 1400))).startswith("Each cell shows the greatest of 6 × 6 weights (1,400")
    assert heat.pooled(show, ((0, 512), (100, 612))) == ""


def test_compared_maps_say_what_they_pool_and_offer_no_window() -> None:
    assert compare.pooled(map_of(600)) == "Each cell shows the greatest of 3 × 3 weights (600 queries, 600 keys)."


def test_a_map_with_a_sink_is_compared_with_one_without() -> None:
    first, second = map_of(3, sink=0.25), map_of(3)
    left, right = choice.beside(first, second), choice.beside(second, first)
    assert left.columns == right.columns == ("w0", "w1", "w2", "[sink]")
    np.testing.assert_allclose((right.weights - left.weights)[:, 3], -0.25, atol=1e-6)
    np.testing.assert_allclose((right.weights - left.weights).sum(axis=1), 0, atol=1e-6)


def test_rollout_of_1024_tokens_is_pooled_and_keeps_its_peak(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rolled.room, "whole", lambda: 1000)
    share = np.zeros((1024, 1024), np.float32)
    share[1001, 17] = 0.5
    found = rolled.Rolled({"weights": share, "values": None}, {"values": "none"}, None)
    seen = {"weights": rolled.view(share, axis(1024).tokens, axis(1024).tokens)}
    figure = rolled._figure(found, seen, 0.5)
    assert len(figure.to_json()) < 1_000_000
    cells = next(trace for trace in figure.data if trace.type == "heatmap").z
    assert np.argwhere(cells == 0.5).tolist() == [[1001 // 4, 17 // 4]]
    assert figure.layout.coloraxis.colorbar.title.text == "greatest share"


def test_hatching_is_explained_where_it_is_drawn() -> None:
    show = map_of(3)
    assert heat.hatched(show) == ""
    masked = replace(show, allowed=np.tri(3, dtype=bool))
    assert heat.hatched(masked).startswith("Hatched: ")


def test_raw_pieces_follow_the_tokens_that_stay_and_patches_have_none() -> None:
    words = Axis(("[CLS]", "go", "ing"), ("[CLS]", "go", "##ing"), (True, False, False))
    weights = np.full((3, 3), 1 / 3, np.float32)
    assert choice.shown(weights, words, words, "on").pieces == (words.pieces, words.pieces)
    assert choice.shown(weights, words, words, "off").pieces == (("go", "##ing"), ("go", "##ing"))
    names = ("[CLS]", "row 1, column 1", "row 1, column 2")
    patches = Axis(names, names, (True, False, False), grid=(1, 2))
    assert choice.shown(weights, patches, patches, "on").pieces == ((), ())
    hover = heat.figure(choice.shown(weights, words, words, "on"), "linear", 700).layout.yaxis.labelalias
    assert hover["2"] == "3 ing · piece ##ing"


def test_a_head_that_rests_on_a_learned_sink_is_not_said_to_rest_on_the_first_token() -> None:
    maps = np.zeros((1, 5, 5))
    maps[0, :, 3], maps[0, :, 0] = 0.25, 0.125  # the other 0.625 went to the sink
    seen = subject(maps, axis(5))
    assert heat.title(seen, FIRST).startswith(
        "Layer 1, head 1 rests on the first token or the sink: 75% of its weight (12% on the first token, 62% on the "
        "sink); an even head would give "
    )
    found = (measures.measure(seen, "encoder", seen.attention.of()[0]),)
    assert tables.rows(seen, "encoder", found, ["1"])[tables.SINK] == [0.625]
    assert tables.summary(found) == "1 first or sink"
    maps[0, :, 0] = 0.75
    assert "sink" not in heat.title(subject(maps, axis(5)), FIRST)


def test_patches_and_frames_are_called_what_they_are() -> None:
    names = ("[CLS]", *(f"row {i}, column {j}" for i in (1, 2) for j in (1, 2)))
    patches = Axis(names, names, (True, *[False] * 4), grid=(2, 2))
    before = np.eye(5)[[0, 0, 1, 2, 3]][None]
    assert heat.title(subject(before, patches), FIRST).startswith("Layer 1, head 1 looks at the patch before: ")
    resting = np.eye(5)[[0] * 5][None]
    assert heat.title(subject(resting, patches), FIRST).startswith("Layer 1, head 1 rests on [CLS]: ")
    frames = Axis(tuple(f"{i * 0.02:.2f} s" for i in range(5)), seconds=0.02)
    assert heat.title(subject(resting, frames), FIRST).startswith("Layer 1, head 1 rests on the first frame: ")
    seen = subject(before, patches)
    found = (measures.measure(seen, "encoder", seen.attention.of()[0]),)
    assert "distance, patches" in tables.rows(seen, "encoder", found, ["1"])
    assert measures.unit(frames) == ("frame", "frames")
    assert measures.unit(axis(3)) == ("token", "tokens")


def test_the_table_of_a_row_holds_the_sinks_score_from_which_the_softmax_follows() -> None:
    random = np.random.default_rng(3)
    query, key = (random.standard_normal((2, 5, 7)).astype(np.float32) for _ in range(2))
    sinks = np.array([0.5, -1.0], np.float32)
    layer = AttentionLayer("decoder", query, key, scale=0.3, allowed=np.tri(5, dtype=bool), sinks=sinks)
    table = anatomy.score_table(attention.anatomy(layer, 1, 3), axis(5).tokens)
    assert table["key"][-1] == "[sink]"
    assert table["raw"][-1] is None
    assert table["score"][-1] == -1.0
    shares = np.exp(table["score"])
    np.testing.assert_allclose(table["weights"], shares / shares.sum(), atol=1e-12)


def test_every_head_stands_beside_both_baselines_in_table_and_files() -> None:
    maps = np.random.default_rng(3).dirichlet(np.ones(5), (3, 5))
    seen = subject(maps, axis(5))
    found = (measures.measure(seen, "encoder", seen.attention.of()[0]),)
    other = subject(maps[:, ::-1], axis(5))
    mixed = (measures.measure(other, "encoder", other.attention.of()[0]),)
    table = tables.rows(seen, "encoder", found, ["1"], mixed, baselines=True)
    at = list(attention.PATTERNS).index("self")
    np.testing.assert_allclose(table["self, uniform"], 1 / 5)
    np.testing.assert_allclose(table["self, shuffled"], mixed[0].patterns.scores[at])
    assert list(table).index("self, shuffled") == list(table).index("self") + 2
    np.testing.assert_array_equal(tables.arrays(found, mixed)["shuffled_scores"][at], mixed[0].patterns.scores[at])
    curve = patterns.curve_table(*patterns.by_layer(found, mixed, "self"), ["1"], "share")
    assert curve["shuffled"] == table["self, shuffled"]
    assert curve["share"] == table["self"]


def test_a_head_without_a_sinks_column_is_drawn_beside_one_with_it() -> None:
    columns, maps = linked.aligned({"head 1": map_of(3), "head 2": map_of(3, sink=0.25), "head 3": map_of(3)})
    assert columns == ("w0", "w1", "w2", "[sink]")
    assert list(maps) == ["head 1", "head 2", "head 3"]
    np.testing.assert_allclose([weights[0, 3] for weights in maps.values()], [0, 0.25, 0])
    np.testing.assert_allclose([weights[0].sum() for weights in maps.values()], 1, atol=1e-6)
