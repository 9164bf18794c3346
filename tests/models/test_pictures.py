"""Picture networks and models: sizes, purity, threads, and equality with transformers' ViT."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from models.pictures_transformers import as_pretrained, as_transformers
from models.zoo.pictures import build_pictures
from tests.models.tiny_pictures import NAMES, tiny

PIXELS = np.random.default_rng(0).random((28, 28)).astype(np.float32)


def test_sizes_are_matched_within_ten_per_cent():
    sizes = [sum(p.numel() for p in tiny(name).network.parameters()) for name in NAMES]
    assert max(sizes) / min(sizes) < 1.1
    assert min(sizes) > 160_000 and max(sizes) < 180_000


@pytest.mark.parametrize("name", NAMES)
def test_the_same_picture_gives_the_same_trace_from_any_thread(name: str):
    model = tiny(name)
    first = model.trace(PIXELS)
    with ThreadPoolExecutor(4) as pool:
        others = list(pool.map(lambda _: model.trace(PIXELS), range(8)))
    for other in others:
        assert other.output == first.output
        assert (other.hidden == first.hidden).all()
    assert sum(first.output.values()) == pytest.approx(1, abs=1e-12)
    assert (first.attention is None) == (name in ("mlp", "cnn"))
    assert all(p.grad is None and not p.requires_grad for p in model.network.parameters())


def test_layers_shrink_as_the_page_says():
    layers = tiny("cnn").layers(PIXELS)
    assert [value.shape for value in layers.values()] == [
        (16, 28, 28), (16, 14, 14), (32, 14, 14), (56, 14, 14), (56, 7, 7), (96, 7, 7), (112, 7, 7),
    ]  # fmt: skip
    assert tiny("hybrid").grids == ("convolution 1", "convolution 2", "convolution 3")
    assert tiny("mlp").grids == tiny("vit").grids == ()


def test_the_convolution_forgets_places_and_full_connection_does_not():
    """Global pooling: what lies clear of the edges by the reach of the network may lie anywhere on the pooling grid."""
    ground = np.zeros((28, 28), np.float32)
    one, other = ground.copy(), ground.copy()
    one[12:14, 12:14] = other[16:18, 12:14] = 1  # four pixels lower: a multiple of both poolings
    network = tiny("cnn", double=True)
    logits = [network.run(network.tensor(p)).layers["convolution 3"] for p in (one, other)]
    assert torch.allclose(logits[0][..., 3:9, :], logits[1][..., 5:11, :], atol=1e-9)


@pytest.mark.parametrize("name", ["vit", "hybrid"])
def test_a_bundled_vit_is_one_of_transformers_own_and_a_hybrid_is_one_above_its_stem(name):
    model = tiny(name)
    network = model.network
    for each in network.modules():
        if isinstance(each, torch.nn.BatchNorm2d):  # as after training, so that it must be carried over
            torch.nn.init.uniform_(each.running_mean, -1, 1)
            torch.nn.init.uniform_(each.running_var, 0.5, 2)
    batch = torch.rand(3, 1, 28, 28, generator=torch.Generator().manual_seed(1))
    theirs = as_transformers(network)
    with torch.no_grad():
        wanted = theirs((batch - network.mean) / network.deviation, output_attentions=True)
        found = model.run(batch, look=True)
    assert found.logits.numpy() == pytest.approx(wanted.logits.numpy(), abs=1e-5)
    trace = model.trace(batch[0, 0].numpy())
    for layer in range(len(network.blocks)):
        ours = np.stack([trace.attention.map(layer, head) for head in range(4)])
        assert ours == pytest.approx(wanted.attentions[layer][0].numpy(), abs=1e-6)


@pytest.mark.parametrize("name", ["vit", "hybrid"])
def test_the_attention_page_gets_a_pretrained_model(name):
    model = tiny(name)
    pretrained = as_pretrained(model)
    assert (pretrained.takes, pretrained.route) == ("picture", "recorded")
    grey = np.rint(PIXELS * 255).astype(np.uint8)
    grey[[0, -1]] = grey[:, [0, -1]] = 0
    given = np.repeat(grey[..., None], 3, axis=2)
    found, wanted = pretrained.trace(given), model.trace(grey / np.float32(255))
    assert found.output == pytest.approx(wanted.output, abs=1e-6)
    assert found.tokens == wanted.tokens
    assert pretrained.seen(given)[..., 0] == pytest.approx(grey / 255, abs=1e-6)


def test_a_network_without_attention_is_not_handed_on():
    with pytest.raises(ValueError, match="only a bundled Vision Transformer or hybrid has attention"):
        as_pretrained(tiny("cnn"))


@pytest.mark.parametrize(
    ("pixels", "said"),
    [
        (np.zeros((28, 27), np.float32), r"pixels are \[28, 28\] or \[n, 28, 28\], got \[28, 27\]"),
        (np.full((28, 28), 2, np.float32), r"pixels must lie in 0\.\.1, got 2 to 2"),
        (np.full((28, 28), np.nan, np.float32), r"pixels must lie in 0\.\.1"),
    ],
)
def test_bad_pixels_are_refused(pixels: np.ndarray, said: str):
    with pytest.raises(ValueError, match=said):
        tiny("mlp").trace(pixels)


def test_an_unknown_architecture_says_wanted_and_got():
    with pytest.raises(ValueError, match="architecture must be one of mlp, cnn, vit, hybrid, got 'resnet'"):
        build_pictures({"architecture": "resnet"})
