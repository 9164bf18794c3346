"""A trace rebuilds attention from queries and keys: closed forms for every field of the record."""

import numpy as np
import pytest

from models.trace import AttentionLayer, AttentionRecord, Axis, Trace

E = np.e


def arrays(*rows: list) -> tuple[np.ndarray, ...]:
    return tuple(np.array(row, dtype=np.float32) for row in rows)


def layer(**given: object) -> AttentionLayer:
    """One query against keys 0 and 1: scores 0 and 1."""
    query, key = arrays([[[1.0]]], [[[0.0], [1.0]]])
    return AttentionLayer("encoder", **{"query": query, "key": key, **given})  # type: ignore[arg-type]


def close(found: np.ndarray, wanted: list) -> None:
    assert found == pytest.approx(np.array(wanted), rel=1e-6)


def test_two_keys_one_apart() -> None:
    close(layer().map(0), [[1 / (1 + E), E / (1 + E)]])


def test_scale() -> None:
    close(layer(scale=3.0).map(0), [[1 / (1 + E**3), E**3 / (1 + E**3)]])


def test_bias_is_added_after_the_scale() -> None:
    bias = np.array([[[2.0, 0.0]]], dtype=np.float32)
    close(layer(scale=3.0, bias=bias).map(0), [[E**2 / (E**2 + E**3), E**3 / (E**2 + E**3)]])


def test_softcap() -> None:
    capped = 0.5 * np.tanh(2.0)
    close(layer(softcap=0.5).scores(0), [[0.0, capped]])


def test_what_is_forbidden_weighs_nothing() -> None:
    close(layer(allowed=np.array([[True, False]])).map(0), [[1.0, 0.0]])
    close(layer(allowed=np.array([[False, False]])).map(0), [[0.0, 0.0]])


def test_a_sink_takes_its_share() -> None:
    sinks = np.array([np.log(3.0)], dtype=np.float32)
    close(layer(sinks=sinks).map(0), [[1 / (1 + E + 3), E / (1 + E + 3)]])
    close(layer(sinks=np.array([200.0], dtype=np.float32)).map(0), [[0.0, np.exp(-199.0)]])


def test_large_scores_do_not_overflow() -> None:
    query, key = arrays([[[1.0]]], [[[1e4], [1e4 - 1]]])
    close(AttentionLayer("encoder", query, key).map(0), [[E / (1 + E), 1 / (1 + E)]])


def test_six_query_heads_read_two_groups_of_keys() -> None:
    query = np.ones((6, 1, 1), dtype=np.float32)
    key = np.array([[[0.0], [1.0]], [[1.0], [0.0]]], dtype=np.float32)
    one = AttentionLayer("encoder", query, key)
    assert [one.group(head) for head in range(6)] == [0, 0, 0, 1, 1, 1]
    close(one.map(2), [[1 / (1 + E), E / (1 + E)]])
    close(one.map(3), [[E / (1 + E), 1 / (1 + E)]])


def test_a_bias_of_each_head() -> None:
    query, key = np.zeros((2, 1, 1), dtype=np.float32), np.zeros((2, 2, 1), dtype=np.float32)
    bias = np.array([[[0.0, 0.0]], [[1.0, 0.0]]], dtype=np.float32)
    one = AttentionLayer("encoder", query, key, bias=bias)
    close(one.map(0), [[0.5, 0.5]])
    close(one.map(1), [[E / (1 + E), 1 / (1 + E)]])


def test_finished_maps_are_given_back() -> None:
    exact = np.array([[[0.25, 0.5]]], dtype=np.float32)
    one = AttentionLayer("encoder", None, None, exact=exact)
    assert (one.map(0) == exact[0]).all()
    with pytest.raises(ValueError, match="scores are not known"):
        one.scores(0)


def record() -> AttentionRecord:
    crossed = AttentionLayer("cross", *arrays([[[1.0]]], [[[1.0], [0.0]]]))
    return AttentionRecord({"cross": (crossed,), "encoder": (layer(), layer(scale=2.0)), "decoder": ()})


def test_kinds_and_the_first_of_them() -> None:
    assert record().kinds == ("encoder", "cross")
    close(record().map(1, 0), [[1 / (1 + E**2), E**2 / (1 + E**2)]])
    close(record().map(0, 0, "cross"), [[E / (1 + E), 1 / (1 + E)]])


def test_wrong_questions_are_refused() -> None:
    refused = {
        r"kind must be one of encoder, cross, got 'decoder'": lambda: record().map(0, 0, "decoder"),
        r"layer must lie in 0..1, got 2": lambda: record().map(2, 0),
        r"layer must lie in 0..1, got -1": lambda: record().map(-1, 0),
        r"head must lie in 0..0, got 1": lambda: record().map(0, 1),
    }
    for message, ask in refused.items():
        with pytest.raises(ValueError, match=message):
            ask()


def test_the_overview_keeps_the_highest_weight_of_each_cell() -> None:
    exact = np.zeros((1, 7, 7), dtype=np.float32)
    exact[0, 1, 5], exact[0, 0, 0], exact[0, 6, 3] = 0.6, 1.0, 0.2
    found = AttentionRecord({"encoder": (AttentionLayer("encoder", None, None, exact=exact),)}).overview(size=3)
    assert found.dtype == np.uint8
    assert found.tolist() == [[[[255, 0, 153], [0, 0, 0], [0, 51, 0]]]]


def test_the_overview_of_a_short_text_repeats_its_cells() -> None:
    exact = np.array([[[1.0, 0.0], [0.4, 0.6]]], dtype=np.float32)
    found = AttentionRecord({"encoder": (AttentionLayer("encoder", None, None, exact=exact),)}).overview(size=5)
    assert found[0, 0, :, 0].tolist() == [255, 255, 255, 102, 102]
    assert found[0, 0, 4].tolist() == [102, 102, 102, 153, 153]


def test_sides_of_a_map() -> None:
    hidden = np.zeros((1, 2, 3), dtype=np.float32)
    plain = Trace(("a", "b"), (True, True), {}, hidden)
    assert plain.sides("encoder") == (Axis(("a", "b")), Axis(("a", "b")))
    pair = Trace(("a",), (True,), {}, hidden, axes={"encoder": Axis(("s",)), "decoder": Axis(("t",))})
    assert pair.sides("cross") == (Axis(("t",)), Axis(("s",)))
    assert pair.sides("decoder") == (Axis(("t",)), Axis(("t",)))
    assert pair.sides("encoder") == (Axis(("s",)), Axis(("s",)))


def test_a_trace_is_frozen() -> None:
    trace = Trace(("a",), (True,), {}, np.zeros((1, 1, 1), dtype=np.float32))
    with pytest.raises(AttributeError):
        trace.tokens = ("b",)  # type: ignore[misc]
