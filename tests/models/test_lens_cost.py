"""Formulas of cost against torch's own counter, and parameters against the published counts."""

import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from models.lens import cost
from models.zoo.recurrent import GRU, LSTM, Elman
from tests.models.tiny import NAMES, tiny, words


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        ("attention", 4 * 7 * 25 + 2 * 49 * 5),
        ("rnn", 2 * 7 * 25),
        ("gru", 6 * 7 * 25),
        ("lstm", 8 * 7 * 25),
        ("convolution", 3 * 7 * 25),
        ("full", 49 * 5),
        ("feed_forward", 8 * 7 * 25),
    ],
)
def test_formulas_of_vaswanis_table_with_projections(kind: str, wanted: int) -> None:
    assert cost.macs(kind, length=7, width=5) == wanted


def test_settings_of_a_layer_count() -> None:
    assert cost.macs("convolution", 7, 5, kernel=11) == 11 * 7 * 25
    assert cost.macs("feed_forward", 7, 5, inner=13) == 2 * 7 * 5 * 13


@pytest.mark.filterwarnings("ignore:TF32")
@pytest.mark.parametrize("length", [7, 17])
@pytest.mark.parametrize("name", NAMES)
def test_the_sum_is_what_torch_counts(name: str, length: int) -> None:
    """With the fused kernels off, which torch's counter does not see into."""
    model, text = tiny(name), words(length)
    with (
        torch.backends.mkldnn.flags(enabled=False),
        sdpa_kernel(SDPBackend.MATH),
        FlopCounterMode(display=False) as seen,
    ):
        model.run(model.embed(model.ids(text)))
    assert cost.of_model(model, text, repeats=1).macs == seen.get_total_flops() / 2


@pytest.mark.parametrize("name", NAMES)
def test_only_recurrences_wait_for_every_word(name: str) -> None:
    found = cost.of_model(tiny(name), words(17), repeats=1)
    recurrent = name in ("rnn", "lstm", "lstm-bias4", "gru")
    assert found.steps == (2 * 17 if recurrent else {"cnn": 5, "cnn-dilated": 5, "hybrid": 4}.get(name, 2))


@pytest.mark.parametrize(("layer", "gates"), [(Elman, 1), (GRU, 3), (LSTM, 4)])
def test_a_recurrence_has_the_published_number_of_parameters(layer: type, gates: int) -> None:
    assert sum(p.numel() for p in layer(13).parameters()) == gates * (13 * 13 + 13 * 13 + 2 * 13)


def test_parameters_of_a_whole_network_add_up() -> None:
    """Embedding, two blocks of LSTM, two norms and a feed-forward part of inner width f, last norm, head."""
    model = tiny("lstm")
    inner = model.network.blocks[0].feed[0].out_features
    lstm, norm, feed = 4 * (2 * 64 * 64 + 2 * 64), 2 * 64, (64 + 1) * inner + (inner + 1) * 64
    wanted = 13 * 64 + 2 * (lstm + 2 * norm + feed) + norm + 65 * 3
    assert cost.of_model(model, "ant", repeats=1).parameters == wanted


def test_time_is_the_median_after_a_first_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter([0, 90, 100, 103, 200, 201, 300, 307])
    monkeypatch.setattr(cost.time, "perf_counter", lambda: next(ticks))
    found = cost.of_model(tiny("mlp"), "ant", repeats=3)
    assert (found.milliseconds, found.repeats, found.device) == (3000.0, 3, "cpu")


def test_wrong_questions_are_refused() -> None:
    with pytest.raises(ValueError, match=r"layer_kind must be one of attention, .* got 'mamba'"):
        cost.macs("mamba", 7, 5)
    with pytest.raises(ValueError, match="at least 1, got 0, 5, 3"):
        cost.macs("rnn", 0, 5)
