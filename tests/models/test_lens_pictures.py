"""Maps over pictures against closed forms, differences, and other implementations."""

import numpy as np
import pytest
import torch
from scipy.stats import spearmanr

from models.lens import gradcam, picture_attention, picture_maps, saliency
from models.pictures_ranks import centre, ink, partial, rank_correlation
from tests.models.tiny_pictures import NAMES, linear, tiny

PIXELS = np.random.default_rng(0).random((28, 28)).astype(np.float32)


def test_the_gradient_of_a_linear_network_is_its_weights():
    model = linear()
    wanted = model.network.weights[4].abs().reshape(28, 28) / 0.5
    assert saliency.gradient(model, PIXELS, 4) == pytest.approx(wanted.numpy(), rel=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_the_gradient_is_the_slope_of_the_class(name: str):
    model, step = tiny(name, double=True), 1e-4
    found = saliency.gradient(model, PIXELS, 7)
    for row, column in ((3, 5), (14, 13), (27, 0)):
        up, down = PIXELS.astype(np.float64), PIXELS.astype(np.float64)
        up[row, column] += step
        down[row, column] -= step
        with torch.no_grad():
            ends = model.run(torch.from_numpy(np.stack([up, down]))[:, None]).logits[:, 7]
        slope = float(ends[0] - ends[1]) / (2 * step)
        assert found[row, column] == pytest.approx(abs(slope), rel=1e-3, abs=1e-7)


def test_occlusion_by_single_pixels_is_the_loss_of_each():
    model = tiny("cnn")
    found = saliency.occlusion(model, PIXELS, 2, square=1, stride=1, fill=0.3)
    for row, column in ((0, 0), (9, 17)):
        without = PIXELS.copy()
        without[row, column] = 0.3
        pair = model.probabilities(np.stack([PIXELS, without]))[:, 2]
        assert found.drop[row, column] == pytest.approx(pair[0] - pair[1], abs=1e-9)
    assert found.before == pytest.approx(model.probabilities(PIXELS[None])[0, 2])


def test_occlusion_averages_the_squares_over_each_pixel():
    """Square 14, stride 14: four squares that do not overlap; with stride 7 the middle lies under nine."""
    model = linear()
    found = saliency.occlusion(model, PIXELS, 1, square=14, stride=14).drop
    assert len(np.unique(found.round(12))) == 4
    covered, windows = saliency.squares(PIXELS, 14, 7, 0.0)
    assert len(windows) == 9
    drops = model.probabilities(PIXELS[None])[0, 1] - model.probabilities(covered)[:, 1]
    assert saliency.occlusion(model, PIXELS, 1, square=14, stride=7).drop[13, 13] == pytest.approx(
        drops[[0, 1, 3, 4]].mean()
    )


def test_the_last_square_reaches_the_edge():
    assert {top for top, _ in saliency.squares(PIXELS, 8, 3, 0.0)[1]} == {0, 3, 6, 9, 12, 15, 18, 20}


def test_grad_cam_behind_global_pooling_is_cam():
    """Zhou et al. 2016: ReLU of the sum of W_ck A_k, here over the 49 places of the mean."""
    model = tiny("cnn", double=True)
    found = gradcam.gradcam(model, PIXELS, 3)
    grid = model.layers(PIXELS)[found.layer].astype(np.float64)
    weights = model.network.head.weight[3].numpy() / 49
    wanted = np.maximum(np.einsum("k,khw->hw", weights, grid), 0)
    assert found.coarse == pytest.approx(wanted, rel=1e-4, abs=1e-7)


@pytest.mark.parametrize(
    ("name", "layer"), [("cnn", "convolution 2"), ("hybrid", "convolution 3"), ("hybrid", "convolution 1")]
)
def test_the_weights_of_grad_cam_are_slopes_of_whole_channels(name: str, layer: str):
    """a_k by differences: add a little to every place of channel k and watch the class."""
    model, step = tiny(name, double=True), 1e-5
    found = gradcam.gradcam(model, PIXELS, 6, layer)
    grid = model.layers(PIXELS)[layer].astype(np.float64)
    module = model.network.steps[layer] if name == "cnn" else model.network.stem[int(layer[-1]) - 1]
    weights = []
    for channel in range(len(grid)):
        ends = []
        for sign in (1, -1):
            more = torch.zeros(1, len(grid), 1, 1, dtype=torch.float64)
            more[0, channel] = sign * step
            handle = module.register_forward_hook(lambda *given, more=more: given[2] + more)
            with torch.no_grad():
                ends.append(float(model.run(model.tensor(PIXELS)).logits[0, 6]))
            handle.remove()
        weights.append((ends[0] - ends[1]) / (2 * step) / grid[0].size)
    wanted = np.maximum(np.einsum("k,khw->hw", weights, grid), 0)
    assert found.coarse == pytest.approx(wanted, rel=1e-3, abs=1e-6)


def test_grad_cam_is_enlarged_bilinearly():
    """Against PIL's bilinear enlargement, another implementation of half-pixel centres."""
    from PIL import Image

    found = gradcam.gradcam(tiny("cnn"), PIXELS, 3)
    wanted = np.asarray(Image.fromarray(found.coarse).resize((28, 28), Image.Resampling.BILINEAR))
    assert found.coarse.max() > 0
    assert found.fine == pytest.approx(wanted, abs=1e-4 * float(found.coarse.max()))


def test_grad_cam_needs_a_convolution():
    with pytest.raises(ValueError, match="has no convolution"):
        gradcam.gradcam(tiny("vit"), PIXELS, 0)
    with pytest.raises(ValueError, match=r"layer must be one of convolution 1.*got 'pooling 1'"):
        gradcam.gradcam(tiny("cnn"), PIXELS, 0, "pooling 1")


@pytest.mark.parametrize("name", ["vit", "hybrid"])
@pytest.mark.parametrize("position", [0, 17])
def test_what_a_position_looks_at_sums_to_one(name: str, position: int):
    trace = tiny(name).trace(PIXELS)
    found = picture_attention.looks(trace, position)
    assert found.maps.shape[1:] == (4, 7, 7)
    assert found.maps.sum(axis=(2, 3)) + found.own == pytest.approx(1.0, abs=1e-5)
    assert found.rolled.sum() + found.rolled_own == pytest.approx(1.0, abs=1e-5)
    row = trace.attention.map(1, 2)[position]
    assert found.maps[1, 2].ravel() == pytest.approx(row[1:])
    assert found.uniform == 1 / 50


def test_rollout_of_one_layer_by_hand():
    trace = tiny("hybrid").trace(PIXELS)
    whole = np.eye(50)
    for layer in trace.attention.of():
        mean = np.mean([layer.map(head) for head in range(4)], axis=0)
        whole = (np.eye(50) + mean) / 2 @ whole
    assert picture_attention.looks(trace, 5).rolled.ravel() == pytest.approx(whole[5, 1:], abs=1e-6)


def test_no_attention_no_map():
    with pytest.raises(ValueError, match="no attention over a grid"):
        picture_attention.looks(tiny("cnn").trace(PIXELS))
    with pytest.raises(ValueError, match=r"position must lie in 0\.\.49, got 50"):
        picture_attention.looks(tiny("vit").trace(PIXELS), 50)


def test_effective_patches_of_known_maps():
    assert picture_attention.effective_patches(np.full((7, 7), 0.02)) == pytest.approx(49)
    assert picture_attention.effective_patches(np.eye(7)) == pytest.approx(7)
    with pytest.raises(ValueError, match="zero everywhere"):
        picture_attention.effective_patches(np.zeros((7, 7)))


def test_an_enlarged_map_keeps_its_cells():
    grid = np.arange(49.0).reshape(7, 7)
    large = picture_attention.enlarged(grid, 28)
    assert (large[::4, ::4] == grid).all() and (large[3::4, 3::4] == grid).all()


def test_rank_correlation_is_spearmans():
    draw = np.random.default_rng(1)
    first, second = draw.integers(0, 9, (28, 28)), draw.random((28, 28)) + PIXELS
    assert rank_correlation(first, second) == pytest.approx(spearmanr(first.ravel(), second.ravel()).statistic)
    assert rank_correlation(second, second**3) == pytest.approx(1)
    assert np.isnan(rank_correlation(first, np.ones((28, 28))))


def test_partial_correlation_with_one_control_has_its_closed_form():
    draw = np.random.default_rng(2)
    third = draw.random((28, 28))
    first, second = third + draw.random((28, 28)), third + draw.random((28, 28))
    xy, xz, yz = (rank_correlation(*pair) for pair in ((first, second), (first, third), (second, third)))
    wanted = (xy - xz * yz) / np.sqrt((1 - xz**2) * (1 - yz**2))
    assert partial(first, second, third) == pytest.approx(wanted, abs=1e-9)
    assert abs(wanted) < 0.1 < xy


def test_baselines_know_no_network():
    assert (ink(PIXELS) == PIXELS).all()
    assert centre()[13, 14] == centre().max() == pytest.approx(-np.hypot(0.5, 0.5))
    assert centre()[0, 0] == centre().min() == pytest.approx(-np.hypot(13.5, 13.5))


def test_deletion_follows_its_order_to_the_last_pixel():
    model = linear()
    slope = model.network.weights[4].numpy().reshape(28, 28) * PIXELS  # what each pixel adds to the logit
    found = picture_maps.deletion(model, PIXELS, 4, {"gives": slope, "takes": -slope}, steps=7)
    assert found.share.tolist() == pytest.approx([cut / 7 for cut in range(8)])
    ends = model.probabilities(np.stack([PIXELS, np.zeros_like(PIXELS)]))[:, 4]
    for curve in (*found.probability.values(), found.random):
        assert curve[[0, -1]] == pytest.approx(ends, rel=1e-3)
    half = PIXELS.copy()
    half.ravel()[np.argsort(-slope.ravel())[: round(784 * 3 / 7)]] = 0
    assert found.probability["gives"][3] == pytest.approx(model.probabilities(half[None])[0, 4], rel=1e-3)
    area = found.area
    assert area["gives"] < area["random"] < area["takes"]


def test_every_map_of_every_network():
    baselines = {"ink", "centre"}
    wanted = {"mlp": set(), "cnn": {"Grad-CAM"}, "vit": {"rollout"}, "hybrid": {"Grad-CAM", "rollout"}}
    for name, more in wanted.items():
        found = picture_maps.every(tiny(name), PIXELS, 0)
        assert set(found) == {"gradient", "occlusion"} | more | baselines
        assert {np.shape(values) for values in found.values()} == {(28, 28)}


@pytest.mark.parametrize("target", [-1, 10])
def test_an_unknown_class_is_refused(target: int):
    for ask in (saliency.gradient, saliency.occlusion, gradcam.gradcam):
        with pytest.raises(ValueError, match=r"target must lie in 0\.\.9"):
            ask(tiny("cnn"), PIXELS, target)
