"""The page "Pictures" under Streamlit's test runner: numbers of the lenses, state in the address, hard input."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from models import load
from models.lens import picture_attention, saliency
from models.photo_card import NAME, TASK, class_names
from models.photographs import square
from models.pictures_change import shifted
from models.presets.pictures import photograph, pictures
from pages.seen import change, compare, deleted, robust, says, trained, work
from pages.seen.asked import Asked, Given, known
from pages.seen.work import Answers
from tests.pages.front import captions
from tests.pages.helper import figure, open_app, problems, seen
from viz.theme import ARCHITECTURES

PAGE = "pages/pictures.py"
LAST = "_last_picture"  # where the page keeps the last request
pytestmark = pytest.mark.usefixtures("patient")


def opened(**query: str) -> AppTest:
    app = open_app(PAGE, timeout=180, **query)
    assert not problems(app)
    return app


def texts(app: AppTest) -> str:
    """All Markdown of the page without the marks that keep it plain."""
    return " ".join(item.value for item in app.markdown).replace("\\", "").replace("\u2060", "")


def png(values: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(values).save(out, "PNG")
    return out.getvalue()


def test_a_cold_link_opens_with_answers_and_maps():
    app = opened()
    assert "Which pixels matter?" in texts(app)
    assert "Gradient and occlusion agree" in texts(app)
    assert not app.warning


def test_the_title_is_computed_from_the_lenses():
    app = opened(fashion_nets="Convolution")
    pixels = pictures("fashion")[9, 0] / np.float32(255)
    model = load("fashion-cnn", "cpu")
    target = int(model.probabilities(pixels[None])[0].argmax())
    gradient = saliency.gradient(model, pixels, target)
    drop = saliency.occlusion(model, pixels, target).drop
    assert compare.finding({"fashion-cnn": compare.partial(gradient, drop)}) in texts(app)
    said = "Greatest mean loss on a pixel under black squares, in points of probability"
    assert f"{said}: Convolution {100 * drop.max():.0f}." in texts(app)
    limit = np.percentile(gradient, 99.5)
    assert f"Gradients above {limit:.2g} share one colour." in texts(app)
    layout = figure(app, "pictures_saliency")["layout"]
    assert layout["coloraxis"]["colorbar"]["ticktext"] == ["0", f"≥ {limit:.2g}"]


def test_a_row_of_occlusion_says_how_large_its_squares_are_and_how_far_apart():
    small = work.saliency(lambda *_: None, asked())
    large = replace(small, window=saliency.window(np.zeros((3, 224, 224), np.float32)))
    assert compare.covering(small) == "Occlusion: a square of 8 pixels, every 2"
    assert compare.covering(large) == "Occlusion: a square of 64 pixels, every 32"


def test_controls_stand_while_there_is_no_picture():
    """Streamlit forgets the value of a control that a run leaves out; replacing a file takes such a run."""
    app = opened(fashion_nets="Convolution", right="6", fashion_class="coat", seen="Robustness")
    app.segmented_control(key="cloth_from").set_value("Upload").run()
    assert not problems(app)
    assert any("Below: the last picture" in one for one in captions(app))
    assert app.multiselect(key="fashion_nets").value == ["Convolution"]
    assert app.slider(key="right").value == 6 and app.selectbox(key="fashion_class").value == "coat"


def test_sliders_change_the_picture_for_every_network():
    plain, moved = opened(fashion_nets="Convolution"), opened(fashion_nets="Convolution", right="6", seen="Saliency")
    assert plain.slider(key="right").value == 0 and moved.slider(key="right").value == 6
    assert texts(plain) != texts(moved)


def test_the_square_lies_where_row_and_column_say():
    app = opened(fashion_nets="Convolution", seen="Robustness", cover="6", cover_row="9", cover_column="21")
    with_square = app.session_state[LAST]
    wanted = pictures("fashion")[9, 0] / np.float32(255)
    wanted[6:12, 18:24] = 0
    assert (with_square.pixels == wanted).all()
    assert app.slider(key="cover_column").value == 21


@pytest.mark.parametrize(
    ("data", "said", "form"), [("Photographs", "Steps of 8 pixels", "%d×8"), ("Digits", "Pixels", "%d")]
)
def test_sliders_say_how_many_pixels_a_step_is(data: str, said: str, form: str):
    app = opened(set=data, seen="Robustness")
    for key in ("right", "down", "cover", "cover_row", "cover_column"):
        assert said in app.slider(key=key).help and app.slider(key=key).proto.format == form
    assert "pixels" not in app.slider(key="turn").help


@pytest.mark.parametrize(
    ("view", "said"),
    [
        ("Grad-CAM", "Grad-CAM follows occlusion at"),
        ("Features", "From 28 × 28 places to 7 × 7, from 16 channels to 112"),
        ("Deletion", "Area under each curve, smaller is better"),
        ("Robustness", "0 test pictures that stay right"),
    ],
)
def test_every_view_draws_its_figure(view: str, said: str):
    app = opened(seen=view, fashion_nets="Convolution", of="Convolution")
    assert said in texts(app)
    assert not app.warning


@pytest.mark.parametrize(
    ("view", "wanted"),
    [("Grad-CAM", "needs a convolution"), ("Attention", "need attention"), ("Features", "need conv")],
)
def test_a_network_without_such_maps_gets_a_sentence(view: str, wanted: str):
    app = opened(seen=view, fashion_nets="Fully connected")
    assert len(app.warning) == 1
    assert wanted in app.warning[0].value.replace("\\", "").replace("\u2060", "")


@pytest.mark.parametrize(
    ("looking", "said", "rest"), [("[CLS]", "the class token", "itself"), ("row 5, column 2", "", "the class token")]
)
def test_attention_titles_say_who_looks_and_who_keeps_the_rest(looking: str, said: str, rest: str):
    app = opened(seen="Attention", looking=looking)
    names = ("fashion-vit", "fashion-hybrid")
    pixels = pictures("fashion")[9, 0] / np.float32(255)
    position, taken = (0, "patches") if looking == "[CLS]" else (1 + 4 * 7 + 1, "patches, itself among them")
    rolled = [picture_attention.looks(load(name, "cpu").trace(pixels), position).rolled.sum() for name in names]
    shares = f"Vision Transformer takes {rolled[0]:.0%}, Hybrid takes {rolled[1]:.0%}"
    assert f"From {said or looking}, {shares} from {taken}, the rest from {rest}" in texts(app)
    assert f"From {said or looking}, effective patches in the last layer: Vision Transformer" in texts(app)
    assert "each of whose places has already seen 11 × 11 pixels." in texts(app)


def test_digits_have_their_own_examples_and_networks():
    app = opened(set="Digits", digit="7")
    assert app.selectbox(key="digit").value == "7"
    assert "Which pixels matter?" in texts(app)


def test_a_bad_address_falls_back():
    app = opened(set="Birds", cloth="hat", right="900", seen="Nothing", fill="pink")
    assert "Which pixels matter?" in texts(app)


def test_an_upload_is_read_and_never_written_to_the_address():
    app = opened(cloth_from="Upload")
    boot = np.kron(pictures("fashion")[9, 0], np.ones((7, 7), np.uint8))
    app.file_uploader(key="cloth_file").upload("boot.png", png(boot), "image/png").run()
    assert not problems(app) and "Which pixels matter?" in texts(app)
    assert not any("boot" in str(value) for value in app.query_params.values())


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"not a picture", "no readable picture"), (b"GIF89a", "no readable picture"), (b"PK\x03\x04zip", "ZIP archive")],
)
def test_a_bad_upload_gets_a_sentence_and_loses_nothing(content: bytes, said: str):
    app = opened()
    app.segmented_control(key="cloth_from").set_value("Upload").run()
    app.file_uploader(key="cloth_file").upload("boot.png", content, "image/png").run()
    assert not problems(app)
    assert said in " ".join(item.value for item in app.warning)
    assert "Which pixels matter?" in texts(app)


def asked(**more: object) -> Asked:
    names = ("fashion-mlp", "fashion-cnn")
    given = Given(pictures("fashion")[9, 0].tobytes(), "test picture", 9)
    return Asked("fashion", given, change.Change(**more), names, None, "cpu")


def test_the_request_holds_the_changed_picture():
    request = asked(right=3, down=-2)
    assert (request.pixels == shifted(request.given.pixels, 3, -2)).all()
    assert request == asked(right=3, down=-2) and hash(request) == hash(asked(right=3, down=-2))
    assert request != asked(right=3)


def test_the_reading_says_who_is_right_and_who_changed():
    boot, bag = np.eye(10)[9], np.eye(10)[8]
    before = {"fashion-mlp": boot, "fashion-cnn": boot}
    now = {"fashion-mlp": bag, "fashion-cnn": boot}
    reading = says.reading(asked(right=3), Answers(now, before))
    assert reading == (
        "They disagree: bag, ankle boot. The true class is ankle boot: 1 of 2 are right. "
        "The change turned Fully connected (ankle boot before)."
    )
    assert says.reading(asked(), Answers(before, before)) == (
        "All answer ankle boot. The true class is ankle boot: 2 of 2 are right."
    )


def test_the_robustness_finding_names_best_and_worst_where_they_differ_most():
    rows = {
        "fashion-mlp": [{"level": 0, "accuracy": 0.9}, {"level": 6, "accuracy": 0.4}],
        "fashion-cnn": [{"level": 0, "accuracy": 0.91}, {"level": 6, "accuracy": 0.8}],
    }
    found = robust.finding(rows, "moved by {:g} pixels")
    assert found == "Moved by 6 pixels: Convolution 80%, Fully connected 40%"


def test_digits_say_that_no_network_was_trained_without_shifts():
    said = "No network of this set was trained without shifts"
    curves = {
        task: {name: one.metrics["robustness"]["shift"] for name, one in known(task).items()}
        for task in ("fashion", "digits")
    }
    assert said in robust.sentence(known("digits"), curves["digits"], "shift")
    clothes = robust.sentence(known("fashion"), curves["fashion"], "shift")
    assert said not in clothes and "Shifts in training are worth" in clothes


def test_budgets_that_differ_are_said_under_the_answers():
    """From the cards: passes, and whether the seeds ran the whole schedule or one short trial."""
    app = opened(seen="Robustness")
    assert (
        "Budgets differ. Fully connected: 120 passes, best of 3 whole runs; Convolution, Vision Transformer, Hybrid: "
        "12 passes, best of 3 short trials."
    ) in [seen(one.value) for one in app.caption]
    words = trained.said(known("fashion")["fashion-cnn"])
    assert "One pass shows each of the 55,000 training pictures once." in words
    alone = {"Convolution": known("digits")["digits-cnn"]}
    assert trained.sentence(alone) == "Convolution: 8 passes, best of 3 short trials."
    assert trained.table(alone)["how the seed was chosen"] == [alone["Convolution"].metrics["seeds_note"]]


def test_the_curves_of_the_cards_start_at_the_accuracy_of_the_same_pictures():
    for task in ("fashion", "digits"):
        for card in known(task).values():
            starts = {rows[0]["accuracy"] for rows in card.metrics["robustness"].values()}
            assert len(starts) == 1
            assert starts.pop() == pytest.approx(card.metrics["accuracy"], abs=0.02)


@pytest.mark.parametrize(
    ("area", "said"),
    [
        (
            {"occlusion": 0.2, "ink": 0.1, "centre": 0.3, "random": 0.5},
            "occlusion beats a random order but not the ink",
        ),
        ({"occlusion": 0.1, "ink": 0.2, "centre": 0.3, "random": 0.5}, "occlusion beats a random order and the ink"),
        ({"occlusion": 0.6, "ink": 0.2, "centre": 0.3, "random": 0.5}, "occlusion, does not beat a random order"),
    ],
)
def test_the_deletion_finding_knows_random_and_ink(area: dict[str, float], said: str):
    assert said in deleted.finding(area, "Convolution")


def test_a_tie_is_said_to_be_one():
    """One picture: equal at the two decimals on screen; many: within twice the standard error of the difference."""
    area = {"occlusion": 0.036, "ink": 0.044, "centre": 0.3, "random": 0.5}
    assert deleted.finding(area, "Hybrid") == "Hybrid: occlusion beats a random order and is level with the ink"
    near = dict.fromkeys(area, 0.005)
    assert "level with the ink" in deleted.finding(area, "Hybrid", near)
    assert "and the ink" in deleted.finding(area, "Hybrid", dict.fromkeys(area, 0.001))
    assert "does not beat a random order" in deleted.finding({**area, "random": 0.04}, "Hybrid")


def test_over_test_pictures_no_fill_is_asked_because_they_were_measured_with_black():
    app = opened(seen="Deletion", deleting="Convolution", fill="white")
    assert app.segmented_control(key="fill").value == "white"
    assert "White pixels deleted to white change nothing" in texts(app) and "Black pixels" not in texts(app)
    app.segmented_control(key="over").set_value("test pictures").run()
    assert not problems(app) and not [one for one in app.get("button_group") if one.key == "fill"]
    assert "deleted to black" in texts(app) and "Black pixels deleted to black" in texts(app)
    assert "One picture" not in texts(app)
    app.segmented_control(key="over").set_value("this picture").run()
    assert app.segmented_control(key="fill").value == "white"


def test_kinds_of_map_do_not_wear_the_colours_of_architectures():
    taken = {one.colour.casefold() for one in ARCHITECTURES.values()}
    assert not taken & {one.colour.casefold() for one in deleted.LOOKS.values()}


def test_a_photograph_is_answered_with_imagenets_classes():
    app = opened(set="Photographs", seen="Features", right="1")
    assert "From 112 × 112 places to 7 × 7, from 32 channels to 1280" in texts(app)
    assert not app.warning
    given = read_photograph()
    probability = work.load(NAME, "cpu").probabilities(given.pixels[None])[0]
    best = [class_names()[at] for at in np.argsort(-probability)[:4]]
    assert {"dock", "shipwreck"} <= set(best)


def read_photograph() -> Given:
    picture = Image.open(io.BytesIO(photograph("boats")))
    pixels = np.rint(square(picture) * 255).astype(np.uint8)
    return Given(pixels.tobytes(), "boats")


def test_a_photograph_moves_in_steps_of_eight_pixels():
    given = read_photograph()
    request = Asked(TASK, given, change.Change(right=2), (NAME,), None, "cpu")
    assert (request.pixels[:, :, 16:] == given.pixels[:, :, :-16]).all()
    assert request.grey.shape == (224, 224)


def test_nothing_was_measured_over_photographs():
    app = opened(set="Photographs", seen="Robustness")
    assert "No test set of photographs" in app.warning[0].value
