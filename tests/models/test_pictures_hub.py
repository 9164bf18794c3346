"""ViT, DeiT and ResNet in the Hugging Face layout on the page of pictures: each number against another computation."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers as hf
from PIL import Image

from models import pretrained
from models.lens import gradcam, picture_attention, picture_maps, saliency
from models.photo_card import class_names
from models.pictures_hub import HubPictures, labels, untrained
from models.pretrained.limits import HOSTED, Limits
from tests.models import picture_folders as made
from tests.models.pretrained_folders import classifier, save, word_tokenizer

BYTES = np.random.default_rng(3).integers(0, 256, (224, 224, 3), dtype=np.uint8)
PIXELS = np.ascontiguousarray(BYTES.transpose(2, 0, 1) / np.float32(255))
MEAN = {"vit": (0.5,) * 3, "deit": (0.485, 0.456, 0.406), "resnet": (0.485, 0.456, 0.406)}
DEVIATION = {"vit": (0.5,) * 3, "deit": (0.229, 0.224, 0.225), "resnet": (0.229, 0.224, 0.225)}


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> dict[str, HubPictures]:
    place = tmp_path_factory.mktemp("known")
    return {kind: HubPictures(pretrained.load(str(made.folder(place / kind, kind)), "cpu")) for kind in made.NETWORKS}


def logits(kind: str, pixels: np.ndarray, double: bool = False) -> torch.Tensor:
    """The library's own network, in its own words: normalised by hand, resized by PIL."""
    side = made.SIDES[kind]
    if side != 224:
        pixels = np.stack([Image.fromarray(one).resize((side, side), Image.Resampling.BILINEAR) for one in pixels])
    scaled = (pixels - np.reshape(MEAN[kind], (3, 1, 1))) / np.reshape(DEVIATION[kind], (3, 1, 1))
    tensor, network = torch.tensor(scaled[None]), made.network(kind)
    with torch.no_grad():
        return network.double()(tensor).logits[0] if double else network(tensor.float()).logits[0]


@pytest.mark.parametrize("kind", list(made.NETWORKS))
def test_the_answer_is_the_librarys_own(known: dict[str, HubPictures], kind: str) -> None:
    wanted = logits(kind, PIXELS).softmax(dim=0).numpy()
    assert np.ptp(wanted) > 0.05
    np.testing.assert_allclose(known[kind].probabilities(PIXELS[None])[0], wanted, atol=2e-5)
    assert list(known[kind].trace(PIXELS).output.values()) == pytest.approx(wanted, abs=2e-5)
    assert known[kind].labels == ("cat", "dog", "boat")


def test_the_scaling_is_the_folders_own_processor(known: dict[str, HubPictures]) -> None:
    for kind in ("vit", "resnet"):
        processor = known[kind].pretrained.processors.picture
        wanted = processor(images=BYTES, return_tensors="pt", do_resize=False)["pixel_values"]
        torch.testing.assert_close(known[kind].normalised(known[kind].tensor(PIXELS)), wanted, atol=1e-5, rtol=0)


@pytest.mark.parametrize("kind", ["vit", "resnet"])
def test_the_gradient_is_the_slope_of_the_class_in_colour(known: dict[str, HubPictures], kind: str) -> None:
    found, step = saliency.gradient(known[kind], PIXELS, 1), 1e-5
    for row, column in ((17, 200), (111, 113)):
        slopes = []
        for channel in range(3):
            ends = []
            for sign in (1, -1):
                moved = PIXELS.astype(np.float64)
                moved[channel, row, column] += sign * step
                ends.append(float(logits(kind, moved, double=True)[1]))
            slopes.append((ends[0] - ends[1]) / (2 * step))
        assert found[row, column] == pytest.approx(np.linalg.norm(slopes), rel=2e-3)


def test_occlusion_is_the_loss_of_each_square(known: dict[str, HubPictures]) -> None:
    told: list[float] = []
    found = saliency.occlusion(known["deit"], PIXELS, 2, 112, 112, 0.5, told.append)
    whole = logits("deit", PIXELS).softmax(dim=0)[2]
    for top in (0, 112):
        for left in (0, 112):
            covered = PIXELS.copy()
            covered[:, top : top + 112, left : left + 112] = 0.5
            lost = float(whole - logits("deit", covered).softmax(dim=0)[2])
            assert found.drop[top + 5, left + 100] == pytest.approx(lost, abs=2e-5)
    assert told == [0.0]


def test_work_that_is_told_to_stop_stops(known: dict[str, HubPictures]) -> None:
    def stop(share: float) -> None:
        if share > 0:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        saliency.occlusion(known["deit"], PIXELS, 2, 64, 32, tell=stop)


def test_grad_cam_of_a_resnet_behind_global_pooling_is_cam(known: dict[str, HubPictures]) -> None:
    """Zhou et al. 2016: ReLU of the sum of W_ck A_k over the 49 places."""
    every = [gradcam.gradcam(known["resnet"], PIXELS, label) for label in range(3)]
    target = int(np.argmax([one.coarse.max() for one in every]))
    found = every[target]
    network = made.network("resnet")
    with torch.no_grad():
        scaled = torch.tensor(
            (PIXELS - np.reshape(MEAN["resnet"], (3, 1, 1))) / np.reshape(DEVIATION["resnet"], (3, 1, 1))
        )
        grid = network.resnet(scaled[None].float()).last_hidden_state[0].numpy()
    weights = network.classifier[1].weight[target].detach().numpy() / 49
    assert found.layer == "convolution stage 4" and found.coarse.shape == (7, 7) and found.coarse.max() > 0
    np.testing.assert_allclose(found.coarse, np.maximum(np.einsum("k,khw->hw", weights, grid), 0), atol=1e-5)
    sides = {
        layer: gradcam.gradcam(known["resnet"], PIXELS, target, layer).coarse.shape[0]
        for layer in gradcam.layers(known["resnet"])
    }
    assert list(sides.values()) == [56, 56, 28, 14, 7]


@pytest.mark.parametrize(("kind", "marks", "side"), [("vit", 1, 7), ("deit", 2, 3)])
def test_the_class_token_looks_where_the_librarys_own_weights_say(
    known: dict[str, HubPictures], kind: str, marks: int, side: int
) -> None:
    model = known[kind]
    own = made.network(kind, attn_implementation="eager")
    with torch.no_grad():
        outputs = own(model.normalised(model.tensor(PIXELS)), output_attentions=True)
    weights = torch.stack(outputs.attentions)[:, 0].numpy()
    found = picture_attention.looks(model.trace(PIXELS))
    np.testing.assert_allclose(found.maps.reshape(3, 2, -1), weights[:, :, 0, marks:], atol=1e-5)
    np.testing.assert_allclose(found.own, weights[:, :, 0, :marks].sum(axis=-1), atol=1e-5)
    rolled = np.eye(marks + side * side)
    for layer in weights.mean(axis=1):
        rolled = (np.eye(len(layer)) + layer) / 2 @ rolled
    np.testing.assert_allclose(found.rolled.ravel(), rolled[0, marks:], atol=1e-5)
    assert found.maps.shape == (3, 2, side, side) and found.uniform == 1 / (marks + side * side)


def test_a_resnet_has_no_attention_and_a_transformer_no_grad_cam(known: dict[str, HubPictures]) -> None:
    with pytest.raises(ValueError, match="no attention over a grid"):
        picture_attention.looks(known["resnet"].trace(PIXELS))
    with pytest.raises(ValueError, match="has no convolution"):
        gradcam.gradcam(known["vit"], PIXELS, 0)


def test_every_map_and_its_deletion_curve(known: dict[str, HubPictures]) -> None:
    wanted = {"deit": "rollout", "resnet": "Grad-CAM"}
    for kind, own in wanted.items():
        model = known[kind]
        maps = {own: picture_maps.every(model, PIXELS, 1)[own]}
        assert maps[own].shape == (224, 224)
        found = picture_maps.deletion(model, PIXELS, 1, maps, steps=2, draws=1)
        ends = [float(logits(kind, one).softmax(dim=0)[1]) for one in (PIXELS, np.zeros_like(PIXELS))]
        assert found.probability[own][[0, -1]] == pytest.approx(ends, abs=2e-5)


def test_untrained_is_the_same_each_time_and_another_network(known: dict[str, HubPictures]) -> None:
    model = known["vit"]
    first, second = (untrained(model).probabilities(PIXELS[None]) for _ in range(2))
    assert (first == second).all()
    assert np.abs(first - model.probabilities(PIXELS[None])).max() > 0.01


def test_imagenets_thousand_are_called_alike_everywhere() -> None:
    own = [f"{name}, in Latin" for name in class_names()]
    own[7] = "a rooster by another name"
    config = hf.ViTConfig(id2label=dict(enumerate(own)), label2id={})
    assert labels(config) == class_names()
    turned = hf.ViTConfig(id2label=dict(enumerate(own[::-1])), label2id={})
    assert labels(turned)[:2] == (class_names()[999], class_names()[998])


def test_what_this_page_cannot_take(tmp_path: Path) -> None:
    def loaded(name: str, network: Any, processor: Any = None) -> Any:
        network.save_pretrained(tmp_path / name)
        if processor is not None:
            processor.save_pretrained(tmp_path / name)
        return pretrained.load(str(tmp_path / name), "cpu")

    with pytest.raises(ValueError, match="words reads text; this page shows pictures"):
        HubPictures(pretrained.load(str(save(tmp_path / "words", classifier(), word_tokenizer())), "cpu"))
    sizes = {"image_size": 28, "patch_size": 7, "embed_dim": 6, "depths": [2], "num_heads": [2], "window_size": 2}
    with pytest.raises(ValueError, match="swin is of the kind 'swin'; this page takes vit, deit, resnet"):
        HubPictures(loaded("swin", hf.SwinForImageClassification(hf.SwinConfig(**sizes)), hf.ViTImageProcessor()))
    plain = hf.ViTConfig(**made.SIZES, image_size=21, patch_size=7)
    with pytest.raises(ValueError, match="bare has no classes to answer with"):
        HubPictures(loaded("bare", hf.ViTModel(plain), hf.ViTImageProcessor()))
    with pytest.raises(ValueError, match="no picture processor"):
        HubPictures(loaded("lost", hf.ViTForImageClassification(plain)))
    with pytest.raises(ValueError, match="loads no local folders"):
        pretrained.load(str(tmp_path / "bare"), "cpu", HOSTED)
    with pytest.raises(ValueError, match="this page permits"):
        pretrained.load("hub:microsoft/resnet-50", "cpu", Limits(hub=("google/vit-base-patch16-224@3f49326",)))
