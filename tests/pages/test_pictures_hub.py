"""Networks from elsewhere on the page "Pictures": tiny random ones from folders; no network, and the hosted profile."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from models import load, photo_card
from models.photo_card import NAME, TASK, class_names
from models.pictures_change import Change
from models.trace import Axis
from pages.seen import attended, others, says, work
from pages.seen.asked import Asked, title
from pages.seen.change import OWN
from pages.shared import elsewhere, limits, loading
from tests.models import picture_folders as made
from tests.pages.helper import figures, problems, seen
from tests.pages.test_pictures import opened, read_photograph, texts

pytestmark = pytest.mark.usefixtures("patient")
KEY = "photographs_nets"


def asked(folder: Path, **query: str) -> AppTest:
    """The page with EfficientNet and one folder, on a view that needs no long work."""
    app = opened(set="Photographs", **query)
    app.multiselect(key=KEY).set_value(["EfficientNet-Lite0", others.FOLDER]).run()
    app.text_input(key="photo_folder").set_value(str(folder)).run()
    assert not problems(app)
    return app


def test_a_vit_from_a_folder_stands_beside_the_packaged_network(tmp_path: Path) -> None:
    folder = made.folder(tmp_path / "eye", "vit")
    app = asked(folder, seen="Attention")
    given = read_photograph()
    model = work.elsewhere(str(folder), "cpu")
    trace = model.trace(given.pixels)
    assert figures(app) == ["pictures_attention", "pictures_rollout"]
    own = [np.mean([layer.map(head)[0, 0] for head in range(2)]) for layer in trace.attention.of()]
    assert f"eye {', '.join(f'{value:.0%}' for value in own)} (spread evenly 2.0%)" in texts(app)
    assert not any(str(folder) in str(value) for value in app.query_params.values())


def test_a_resnet_from_a_folder_has_grad_cam_and_feature_maps(tmp_path: Path) -> None:
    app = asked(made.folder(tmp_path / "stages", "resnet"), seen="Features", of="stages")
    app.segmented_control(key="of").set_value("stages").run()
    assert "From 56 × 56 places to 7 × 7, from 7 channels to 19" in texts(app)
    assert problems(app) == [] and not app.warning


def test_without_a_network_a_sentence_and_nothing_lost() -> None:
    app = opened(set="Photographs", seen="Features")
    before = figures(app)
    app.multiselect(key=KEY).set_value(["EfficientNet-Lite0", "ResNet-50"]).run()
    assert problems(app) == []
    (said,) = (item.value.replace("\\", "").replace("\u2060", "") for item in app.warning)
    assert said.startswith("The hub cannot be reached and microsoft/resnet-50 is not stored here; available offline:")
    assert figures(app) == before


@pytest.fixture
def without_the_package(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As where only requirements.txt is installed: neither the weights nor the class names are found."""
    monkeypatch.setattr(photo_card, "find_spec", lambda *_: None)
    for kept in (photo_card.photo_card, photo_card.class_names):
        kept.cache_clear()
    yield
    for kept in (photo_card.photo_card, photo_card.class_names):
        kept.cache_clear()


@pytest.mark.usefixtures("without_the_package")
def test_without_the_package_a_photograph_goes_to_networks_from_elsewhere(tmp_path: Path) -> None:
    app = opened(set="Photographs", seen="Attention")
    assert any("EfficientNet-Lite0 is not installed" in seen(one.value) for one in app.caption)
    assert app.multiselect(key=KEY).options == others.options() and app.multiselect(key=KEY).value == []
    assert len(app.get("image")) == 1  # the photograph itself stands there
    app.multiselect(key=KEY).set_value([others.FOLDER]).run()
    app.text_input(key="photo_folder").set_value(str(made.folder(tmp_path / "eye", "vit"))).run()
    assert not problems(app) and figures(app) == ["pictures_attention", "pictures_rollout"]
    assert app.selectbox(key="photographs_class").options == [OWN, "cat", "dog", "boat"]
    app.segmented_control(key="seen").set_value("Robustness").run()
    assert not problems(app) and "No test set of photographs" in app.warning[0].value


@pytest.mark.usefixtures("without_the_package")
def test_a_class_stays_the_one_that_was_chosen_where_maps_take_some_networks_only(tmp_path: Path) -> None:
    """Class 2 of the Vision Transformer is no class of a ResNet that calls its classes otherwise."""
    names = tuple(str(made.folder(tmp_path / kind, kind)) for kind in ("vit", "resnet"))
    assert set(work.cards_of(lambda *_: None, names, "cpu").values()) == {""}
    card = others.card_of(names[1])
    assert card is not None
    others.remember(names[1], replace(card, settings={**card.settings, "labels": ("x", "y", "z")}))
    request = Asked(TASK, read_photograph(), Change(), names, 2, "cpu", terms=names[0])
    assert request.target_of(names[0]) == 2
    assert replace(request, models=names[1:]).target_of(names[1]) is None


def test_a_folder_that_is_no_picture_model_gets_a_sentence(tmp_path: Path) -> None:
    app = asked(tmp_path, seen="Features")
    assert "holds no config" in app.warning[0].value.replace("\\", "").replace("\u2060", "")
    assert figures(app) == ["pictures_features"]


def test_the_hosted_profile_offers_its_pinned_ids_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(others, "limits", lambda: limits.HOSTED)
    monkeypatch.setattr(elsewhere, "limits", lambda: limits.HOSTED)
    monkeypatch.setattr(loading, "limits", lambda: limits.HOSTED)
    assert others.options() == ["ViT-B/16"] and "need the dashboard on your own machine" in others.hint()
    assert others.offered() == {"ViT-B/16": "hub:google/vit-base-patch16-224@3f49326"}
    loading._other.clear()
    said = work.cards_of(lambda *_: None, ("/somewhere", "hub:microsoft/resnet-50"), "cpu")
    assert "loads no local folders" in said["/somewhere"]
    assert "This page permits" in said["hub:microsoft/resnet-50"]


def test_a_class_of_imagenet_is_not_asked_of_a_network_that_has_others(tmp_path: Path) -> None:
    folder = str(made.folder(tmp_path / "eye", "deit"))
    assert work.cards_of(lambda *_: None, (folder,), "cpu") == {folder: ""}
    request = Asked("photographs", read_photograph(), Change(), (NAME, folder), 282, "cpu")
    assert request.target_of(NAME) == 282 and request.target_of(folder) is None
    assert title(folder) == "eye" and request.names(work.ATTENDING) == [folder]
    assert work.target(work.load(folder, "cpu"), request, folder) < 3
    answers = work.answers(lambda *_: None, request)
    own = work.load(folder, "cpu").probabilities(request.pixels[None])[0]
    assert answers.now[folder] == pytest.approx(own, abs=1e-6)
    said = made.LABELS[int(own.argmax())].split(",")[0]
    best = class_names()[int(answers.now[NAME].argmax())]
    assert says.reading(request, answers) == f"They disagree: {best}, {said}."


def test_remembered_cards_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(others, "_cards", type(others._cards)())
    card = load("fashion-mlp", "cpu").card
    for at in range(2 * others.REMEMBERED):
        others.remember(f"/models/{at}", card)
    assert len(others._cards) == others.REMEMBERED and others.card_of("/models/0") is None


def test_a_patch_has_its_place_on_another_grid() -> None:
    fine, coarse = (
        Axis(("",) * (marks + side * side), special=(True,) * marks + (False,) * side * side, grid=(side, side))
        for marks, side in ((1, 14), (2, 7))
    )
    assert attended.alike(fine, 0, coarse) == 0
    assert attended.alike(fine, 1 + 14 * 5 + 13, coarse) == 2 + 7 * 2 + 6
    assert attended.alike(coarse, 2 + 7 * 2 + 6, fine) == 1 + 14 * 5 + 13


def test_deep_stacks_show_some_layers_with_both_ends() -> None:
    assert attended.picked(4, 6) == [0, 1, 2, 3]
    assert attended.picked(12, 6) == [0, 2, 4, 7, 9, 11]
