"""Ways back through attention and layers of any model: sums that must hold, and independent gradients."""

import copy

import numpy as np
import pytest
import torch

from models import load, pretrained
from models.lens import gradient_flow, influence
from models.lens import gradient_flow_attention as attention
from models.lens import gradient_flow_model as layers
from models.pretrained import capture
from tests.models import pretrained_families as families
from tests.models.tiny import FIVE, SEVEN, tiny

MINILM = pytest.mark.skipif(pretrained.MINILM not in pretrained.offline(), reason="MiniLM is not installed")
SENTENCE = "The keys to the old cabinet are here."


@pytest.mark.parametrize("name", ["transformer", "hybrid"])
def test_the_parts_sum_to_the_gradient_that_arrives(name: str) -> None:
    model = tiny(name, double=True)
    found = attention.ways(model, SEVEN, 2)
    flow = gradient_flow.by_depth(model, SEVEN, 2).norms
    assert found.whole == pytest.approx(flow[[depth - 1 for depth in found.layers]], rel=1e-9)
    assert sum(found.shares.values()) == pytest.approx(np.ones(len(found.layers)), abs=1e-9)
    if name == "transformer":
        assert found.around == pytest.approx(_leaving(model), rel=1e-9)
    assert found.heads.shape == (len(found.layers), 4)


def _leaving(model) -> list[float]:
    """|| d loss / d out || of every block, before the last norm."""
    network, x = model.network, model.embed(model.ids(SEVEN)).requires_grad_()
    h, outs = network.positions(x), []
    for block in network.blocks:
        h = block(h, None)
        outs.append(h)
    logits = network.head(network.norm(h)[:, -1])
    loss = torch.nn.functional.cross_entropy(logits, torch.tensor([2]))
    return [float(one.norm()) for one in torch.autograd.grad(loss, outs)]


def test_one_head_alone_by_finite_differences() -> None:
    """|| J_head^T c || of head 1 in the last layer, from the head's output under small steps of its input."""
    model = tiny("transformer", double=True)
    block = model.network.blocks[-1]
    h = model.run(model.embed(model.ids(FIVE))).hidden[-2].detach()

    def head(x: torch.Tensor) -> torch.Tensor:
        query, key, value = block.mix.split(block.before_mix(x))
        weights = (query[:, 1] @ key[:, 1].transpose(-1, -2) * query.shape[-1] ** -0.5).softmax(dim=-1)
        own = block.mix.out.weight[:, 16:32]
        return weights @ value[:, 1] @ own.T

    middle = (h + block.mix(block.before_mix(h), None)).detach().requires_grad_()
    out = middle + block.feed(block.before_feed(middle))
    logits = model.network.head(model.network.norm(out)[:, -1])
    (slope,) = torch.autograd.grad(torch.nn.functional.cross_entropy(logits, torch.tensor([1])), middle)
    total, step = 0.0, 1e-5
    with torch.no_grad():
        for at in range(h.numel()):
            shift = torch.zeros(h.numel(), dtype=h.dtype)
            shift[at] = step
            moved = head(h + shift.view_as(h)) - head(h - shift.view_as(h))
            total += float((moved * slope).sum() / (2 * step)) ** 2
    assert attention.ways(model, FIVE, 1).heads[-1, 1] == pytest.approx(total**0.5, rel=1e-5)


def test_scores_are_gentler_when_divided() -> None:
    """d loss / d q carries the factor 1 / sqrt(d); undivided it is missing."""
    model = tiny("transformer", double=True)
    divided, whole = (attention.ways(model, SEVEN, 0, one) for one in (True, False))
    assert (whole.scores[-1] > 1.5 * divided.scores[-1]).all()


@MINILM
def test_a_loaded_model_gives_the_gradient_of_its_hidden_states() -> None:
    model = load("minilm", "cpu")
    found = attention.ways(model, SENTENCE)
    assert found.heads.shape == (6, 12)
    embedded = model.embed(model.ids(SENTENCE)).detach().requires_grad_()
    run = model.run(embedded)
    slopes = torch.autograd.grad(0.5 * run.hidden[-1].double().mean(dim=1).square().sum(), run.hidden[:-1])
    assert found.whole == pytest.approx([float(one.norm()) for one in slopes], rel=1e-4)
    assert (found.mlp > 0).all()
    assert sum(found.shares.values()) == pytest.approx(np.ones(6), abs=1e-4)


def test_what_has_no_attention_says_so() -> None:
    with pytest.raises(ValueError, match="has no attention layer"):
        attention.ways(tiny("lstm"), SEVEN)
    with pytest.raises(ValueError, match=r"class must lie in 0..2, got 3"):
        attention.ways(tiny("transformer"), SEVEN, 3)


@pytest.mark.parametrize("name", ["mlp", "cnn", "lstm", "transformer"])
def test_layers_agree_with_by_depth_and_with_torchs_own_backward(name: str) -> None:
    model = tiny(name, double=True)
    found = layers.by_model(model, SEVEN, target=1)
    assert found.gradient == pytest.approx(gradient_flow.by_depth(model, SEVEN, 1).norms, rel=1e-9)
    fresh = tiny(name, double=True).network.requires_grad_(True)
    logits = fresh(fresh.embedding(model.ids(SEVEN)).detach()).logits
    torch.nn.functional.cross_entropy(logits, torch.tensor([1])).backward()
    for depth, block in enumerate(fresh.blocks):
        squares = [float(one.grad.square().sum()) for one in block.parameters() if one.grad is not None]
        assert found.parameters[depth] == pytest.approx(sum(squares) ** 0.5, rel=1e-9)
        sizes = [float(one.detach().square().sum()) for one in block.parameters()]
        assert found.weights[depth] == pytest.approx(sum(sizes) ** 0.5, rel=1e-9)


def test_the_norm_of_the_output() -> None:
    model = tiny("transformer", double=True)
    found = layers.by_model(model, SEVEN, "norm")
    logits = model.run(model.embed(model.ids(SEVEN))).logits
    assert found.loss == pytest.approx(0.5 * float(logits.square().sum()), rel=1e-12)
    with pytest.raises(ValueError, match="loss must be one of task, norm"):
        layers.by_model(model, SEVEN, "margin")


def test_nothing_shared_is_changed() -> None:
    model = tiny("gru")
    before = {name: one.clone() for name, one in model.network.state_dict().items()}
    layers.by_model(model, SEVEN)
    assert all((one == before[name]).all() for name, one in model.network.state_dict().items())
    assert all(one.grad is None and not one.requires_grad for one in model.network.parameters())
    assert influence.row(model, SEVEN, 6).shape == (7,)


def test_no_copy_is_made_where_memory_has_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    model = tiny("gru")
    count = sum(one.numel() for one in model.network.parameters())
    needed = 2 * count * 4 * 1.3  # the copy and its gradients, 4 bytes each, and room to work
    wanted = layers.by_model(model, SEVEN).gradient
    monkeypatch.setattr(layers, "free_memory", lambda: int(needed) + 1)
    assert layers.by_model(model, SEVEN).parameters is not None
    monkeypatch.setattr(layers, "free_memory", lambda: int(needed) - 1)
    found = layers.by_model(model, SEVEN)
    assert found.parameters is None
    assert found.gradient == pytest.approx(wanted)
    assert "a copy with its gradients takes about" in found.why


@MINILM
def test_a_loaded_model_by_layers() -> None:
    model = load("minilm", "cpu")
    found = layers.by_model(model, SENTENCE)
    assert found.names[-1] == "layer 6"
    assert found.parameters is not None
    assert (found.gradient > 0).all()
    assert (found.parameters > 0).all()
    assert all(one.grad is None for one in model.own.parameters())


def reading(name: str, monkeypatch: pytest.MonkeyPatch):
    """A tiny random model of a family, given these eleven tokens whatever the text."""
    model = families.model(name)
    monkeypatch.setattr(model, "ids", lambda text: families.tensors(model.own)["input_ids"])
    return model


@pytest.mark.parametrize("name", ["gpt2", "llama", "qwen3"])
def test_a_loaded_models_residual_path_carries_the_gradient_of_the_next_layer(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Norms inside: what goes around a layer is d loss / d out, the whole that arrives at the next layer."""
    found = attention.ways(reading(name, monkeypatch), SEVEN)
    assert found.around[:-1] == pytest.approx(found.whole[1:], rel=1e-4)
    assert sum(found.shares.values()) == pytest.approx(np.ones(3), abs=1e-4)


def test_a_loaded_berts_ways_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Norms outside: the last layer from its own weights, s -> norm -> m -> m + mlp(m) -> norm."""
    model = reading("bert", monkeypatch)
    found = attention.ways(model, SEVEN)
    layer = model.own.encoder.layer[-1]
    h = model.run(model.embed(model.ids(SEVEN))).hidden[-2].detach()
    kept = {}
    handle = families.build("bert").encoder.layer[-1]  # a network of its own: the shared one gets no hook
    handle.attention.output.LayerNorm.register_forward_pre_hook(lambda _, given: kept.update(s=given[0]))
    handle(h)
    s = kept["s"].detach().requires_grad_()
    middle = layer.attention.output.LayerNorm(s)
    inner = layer.output.dense(layer.intermediate(middle))
    out = layer.output.LayerNorm(middle + inner)
    loss = 0.5 * out.double().mean(dim=1).square().sum()
    g, whole = torch.autograd.grad(loss, [inner, s], retain_graph=True)
    (around,) = torch.autograd.grad(middle, s, g)
    assert found.around[-1] == pytest.approx(float(around.norm()), rel=1e-4)
    assert found.mlp[-1] == pytest.approx(float((whole - around).norm()), rel=1e-4)
    assert sum(found.shares.values()) == pytest.approx(np.ones(3), abs=1e-4)


@pytest.mark.parametrize("name", ["gpt-neox", "modernbert", "gemma3", "distilbert"])
def test_other_layouts_keep_residual_path_and_mlp_together(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = attention.ways(reading(name, monkeypatch), SEVEN)
    assert np.isnan(found.mlp).all()
    assert found.shares["around"] + found.shares["attention"] == pytest.approx(np.ones(3), abs=1e-4)


def test_a_layer_with_another_wiring_is_not_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The parts of Llama, but the MLP's output is halved before it is added."""
    model = reading("llama", monkeypatch)
    other = copy.deepcopy(model.capturing)
    for layer in other.model.layers:
        layer.register_forward_hook(lambda own, given, out: given[0] + 0.5 * (out - given[0]))
    monkeypatch.setattr(model, "capturing", other)
    assert np.isnan(attention.ways(model, SEVEN).mlp).all()


@pytest.mark.parametrize("name", ["bert", "gpt2", "llama"])
def test_a_loaded_models_scores_without_their_factor(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the queries had been sqrt(d) times as long: the same gradient at the input, sqrt(d) at queries and keys."""
    model = reading(name, monkeypatch)
    whole = attention.ways(model, SEVEN, divided=False)
    assert not np.allclose(whole.scores, attention.ways(model, SEVEN).scores, rtol=0.05)
    own = capture.sdpa_attention_forward

    def longer(module, query, key, value, mask, scaling=None, **more):
        return own(module, query * query.shape[-1] ** 0.5, key, value, mask, scaling=query.shape[-1] ** -0.5, **more)

    monkeypatch.setattr(capture, "sdpa_attention_forward", longer)
    assert whole.whole == pytest.approx(attention.ways(model, SEVEN).whole, rel=1e-3)


def test_the_shared_network_gets_no_hook(monkeypatch: pytest.MonkeyPatch) -> None:
    model = reading("gpt2", monkeypatch)

    def hooks() -> list[int]:
        networks = (model.own, model.capturing)
        return [len(one._forward_hooks) + len(one._forward_pre_hooks) for net in networks for one in net.modules()]

    before = hooks()
    attention.ways(model, SEVEN)
    assert hooks() == before


def test_layers_that_share_their_weights_are_the_reason_and_not_their_size(monkeypatch: pytest.MonkeyPatch) -> None:
    found = layers.by_model(reading("albert", monkeypatch), SEVEN)
    assert found.parameters is None
    assert found.why.startswith("its weights cannot be told apart by layer")
    assert "parameters" not in found.why
    monkeypatch.setattr(layers, "MOST_PARAMETERS", 10)
    found = layers.by_model(reading("bert", monkeypatch), SEVEN)
    assert "gradients of parameters are computed up to 10" in found.why


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU on this machine")
@pytest.mark.parametrize("name", ["rnn", "lstm", "gru", "transformer"])
def test_a_gpu_agrees_and_cudnn_lets_gradients_back(name: str) -> None:
    text = "the keys to the old cabinet near the door"
    here, there = (load(f"agreement-{name}", device) for device in ("cpu", "cuda"))
    first, second = (layers.by_model(model, text, target=1) for model in (here, there))
    assert second.gradient == pytest.approx(first.gradient, rel=2e-3)
    assert second.parameters == pytest.approx(first.parameters, rel=2e-3)
    assert gradient_flow.by_time(there, text).gradient == pytest.approx(
        gradient_flow.by_time(here, text).gradient, rel=2e-3
    )
