"""The page "Receptive fields" without a browser: every view, its numbers against the lens, and faults."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from models.lens.attention_convolution import difference
from models.lens.receptive_field import effective
from models.lens.receptive_field_layer import Layer
from models.lens.receptive_field_stack import Stack, measure
from pages.reach import becomes, card, networks, stacks, times
from pages.reach.card import photo_card
from pages.shared import loading
from tests.pages.front import captions, curves, diamonds, figure, figures, maps, numbers, seen, title, warnings
from tests.pages.helper import open_app, problems

PAGE = "pages/fields.py"
pytestmark = pytest.mark.usefixtures("patient")


def opened(**query: str) -> AppTest:
    app = open_app(PAGE, timeout=240.0, **query)
    assert problems(app) == []
    return app


def said(app: AppTest) -> str:
    return "\n".join(seen(item.value) for item in app.markdown)


@pytest.mark.parametrize(
    ("network", "size"), [("VGG-16", 212), ("ResNet-50, original", 483), ("Inception-ResNet v2", 3039)]
)
def test_a_published_network_has_its_published_field(network: str, size: int) -> None:
    app = opened(fnet=network)
    assert f"{size:,} × {size:,} pixels" in title(app, "field_box")
    assert f"size {size:,}, stride 32" in said(app)
    assert f"Field: {size} pixels." in " ".join(captions(app))


def test_the_box_lies_over_a_photograph() -> None:
    app = opened(fover="a cat, 1887", fnet="AlexNet", fside="227")
    assert app.selectbox(key="fover").value == "a cat, 1887" and not warnings(app)
    cut = photo_card("a cat, 1887", 227)
    assert cut.shape == (227, 227, 3) and np.ptp(cut) > 100


def test_cards_are_never_larger_than_they_are_drawn() -> None:
    assert photo_card("a cat, 1887", 4096) is photo_card("a cat, 1887", 512)
    assert card.test_card(4096) is card.test_card(1024)
    assert card.test_card(4096).shape == (512, 512, 3)


def test_the_slider_stops_at_a_layer() -> None:
    app = opened(fnet="AlexNet", fdepth8="3")
    assert "51 × 51 pixels" in title(app, "field_box")
    assert "conv2: size 51, stride 8" in said(app)
    app = app.slider(key="fdepth8").set_value(1).run()
    assert "11 × 11 pixels" in title(app, "field_box")


def test_the_other_drawings_count_what_feeds_one_unit() -> None:
    assert "195 of 224 input positions" in title(opened(fnet="AlexNet", fdraw="Units"), "field_units")
    assert "38,025 of 50,176 pixels" in title(opened(fnet="AlexNet", fdraw="Maps"), "field_maps")


def test_a_list_of_the_address_is_drawn_and_stays_there() -> None:
    app = opened(fnet="LeNet-5", flist="5.1.0.1-2.2.0.1-3.1.1.2", fside="32")
    assert "14 × 14 pixels" in title(app, "field_box")  # 5, 6, then 2 * 2 * 2 more
    assert app.query_params["flist"] == "5.1.0.1-2.2.0.1-3.1.1.2"


@pytest.mark.parametrize(
    ("listed", "sentence"),
    [
        ("3.1.0.1-0.1.0.1", "Layer 2: kernel must be at least 1, got 0."),
        ("3.0.0.1", "Layer 1: stride must be at least 1, got 0."),
        ("3.1.0", "Layer 1 needs kernel, stride, padding and dilation; got 3.1.0."),
        ("3.1.0.x", "Layer 1 must have whole numbers; got 3.1.0.x."),
        ("-".join(["3.1.1.1"] * 500), "A list of 1 to 200 layers can be drawn; this one has 500."),
        ("3.1.0.1-4097.1.0.1", "Layer 2: kernel must be at most 4,096, got 4,097."),
        ("200000001.1.100000000.1", "Layer 1: kernel must be at most 4,096, got 200,000,001."),
        (f"1{'0' * 30}.1.0.1", "Layer 1: kernel must be at most 4,096, got 1,000,000,0"),
        ("3.1.5000.1", "Layer 1: padding must be at most 4,096, got 5,000."),
        ("-".join(["3.1000.1.1"] * 200), "the field of layer 3 is beyond 1,000,000 positions"),
        ("-".join(["3.2.1.1"] * 70), "the field of layer 19 is beyond 1,000,000 positions"),
        ("3.2.0.1-300.1.0.1", "layer 2 does not fit: its kernel spans 300 positions, and 111 are left there"),
    ],
)
def test_a_list_that_cannot_be_says_why(listed: str, sentence: str) -> None:
    app = opened(flist=listed)
    assert sentence in " ".join(warnings(app))


def test_a_list_that_cannot_be_leaves_the_networks_own_to_edit() -> None:
    app = opened(fnet="LeNet-5", flist="3.1.0.1-0.1.0.1")
    for _ in range(2):  # the sentence stays until the reader does something about it
        assert "Layer 2: kernel must be at least 1, got 0." in " ".join(warnings(app))
        assert "16 × 16 pixels" in title(app, "field_box")
        (table,) = app.dataframe
        assert table.value["kernel"].tolist() == [5, 2, 5, 2]
        app = app.run()
    app = app.selectbox(key="fnet").set_value("AlexNet").run()
    assert warnings(app) == [] and "flist" not in app.query_params


def test_a_list_that_arrives_later_is_drawn_and_stays_with_its_network() -> None:
    app = opened(fnet="LeNet-5")
    app.query_params["flist"] = "7.1.0.1"
    app = app.run()
    assert "7 × 7 pixels" in title(app, "field_box")
    app = app.number_input(key="fside").set_value(240).run()
    assert "7 × 7 pixels" in title(app, "field_box")
    app = app.selectbox(key="fnet").set_value("AlexNet").run()
    assert "flist" not in app.query_params
    app = app.selectbox(key="fnet").set_value("LeNet-5").run()
    assert "7 × 7 pixels" in title(app, "field_box")
    assert app.query_params["flist"] == "7.1.0.1"


def test_layers_carry_their_names_and_loaded_networks_can_be_chosen() -> None:
    app = opened(fnet="LeNet-5", fside="32")
    (table,) = app.dataframe
    assert table.value["layer"].tolist() == ["conv1", "pool1", "conv2", "pool2"]
    app = opened(fnet="EfficientNet-Lite0, loaded")
    assert "851 × 851 pixels" in title(app, "field_box")
    assert "9 joins" in " ".join(captions(app))
    assert "30 × 30 pixels" in title(opened(fnet="CNN, digits", fside="64"), "field_box")


def test_what_was_drawn_stays_when_the_next_input_is_too_small() -> None:
    app = opened(fnet="LeNet-5", fside="32")
    assert figures(app) == ["field_box"]
    app = app.number_input(key="fside").set_value(3).run()
    assert "does not fit" in " ".join(warnings(app))
    assert "16 × 16 pixels" in title(app, "field_box")


def test_misaligned_branches_are_explained() -> None:
    app = opened(fnet="Misaligned branches")
    (told,) = warnings(app)
    assert "their strides are 1 and 2" in told and "look at different places" in told
    assert figures(app) == ["field_branches"]
    assert "different places: strides 1 and 2, unit 0 centred at 0 and 2" in title(app, "field_branches")
    assert diamonds(app, "field_branches") == [0, 2, 2, 3]  # units 0 and 1 of either path


def test_the_paths_of_a_join_are_drawn() -> None:
    app = opened(fnet="ResNet-18", fjoin="block1/unit1")
    assert "2 paths round one centre; they see 11 and 27 pixels a side" in title(app, "field_branches")
    assert "field_branches" not in figures(opened())


def test_lists_survive_the_address() -> None:
    rows = [Layer(3, 2, 1), Layer(2, 1, 4, 4, 0), Layer(11, 4)]
    assert stacks.decode(stacks.encode(rows)) == rows
    frame = stacks.frame(stacks.named(rows, (("a", rows[0]), ("b", rows[0]))))
    assert frame["layer"].tolist() == ["a", "layer 2", "layer 3"]
    assert frame["kernel"].tolist() == [3, 2, 11]
    assert frame["after"].isna().tolist() == [True, False, True]


def test_an_empty_kernel_is_named() -> None:
    with pytest.raises(ValueError, match="Layer 3 has no kernel"):
        stacks._layer(2, [None, 1, 0, 1, None])


def test_the_measured_field_is_the_lens() -> None:
    app = opened(fview="Measured", fk="5", fn="3", fw="uniform")
    found = measure(Stack(5, 3, weights="uniform"))
    (drawn,) = maps(app, "field_map").values()
    assert drawn == pytest.approx(found.map / found.map.max(), abs=1e-6)
    assert f"σ is {found.sigma:.2f} pixels; the formula says {(3 * 24 / 12) ** 0.5:.2f}" in title(app, "field_profile")
    assert curves(app, "field_profile")["measured"][0] == pytest.approx(found.map.sum(axis=0))


def test_a_stack_too_large_to_measure_says_so() -> None:
    app = opened(fview="Measured", fk="7", fn="20", fd="1 2 4")
    assert "This stack sees" in " ".join(warnings(app)).replace("this stack sees", "This stack sees")


def test_time_shows_the_row_of_the_influence_and_the_steps() -> None:
    text = "The plot is thin , but the actors shine ."
    app = open_app(PAGE, timeout=240.0, fview="Time")
    app = app.text_input(key="ftext_sentiment").set_value(text).run()
    assert problems(app) == []
    model = loading.model("sentiment-lstm", "cpu")
    field = effective(model, text, 9)
    (drawn,) = (numbers(trace["z"]) for trace in figure(app, "time_influence")["data"] if trace["type"] == "heatmap")
    lstm = [row["text"] for row in figure(app, "time_influence")["layout"]["annotations"]].index("LSTM")
    assert drawn[lstm] == pytest.approx(field.map, rel=1e-3, abs=1e-6)
    assert "1 step: fully connected, attention, hybrid" in title(app, "time_paths")
    assert "9 steps: RNN, LSTM, GRU" in title(app, "time_paths")
    assert "ever: convolution" in title(app, "time_paths")


def test_names_with_commas_stay_one_name_in_a_list() -> None:
    assert times.named("lstm-bias4") == "LSTM (forget bias 4)"
    assert [times.named(family) for family in ("cnn-dilated", "cnn", "rnn")] == [
        "convolution (dilated)",
        "convolution",
        "RNN",
    ]
    app = opened(fview="Time", ftask="Agreement")
    assert "convolution (dilated)" in title(app, "time_paths") and "LSTM (forget bias 4)" in title(app, "time_paths")


def test_a_blank_sentence_is_refused() -> None:
    app = open_app(PAGE, timeout=240.0, fview="Time")
    app = app.text_input(key="ftext_sentiment").set_value("   ").run()
    assert "The text is empty" in " ".join(warnings(app))
    assert "time_influence" in figures(app)


@pytest.mark.parametrize("alpha", ["0.0", "2.0", "20.0"])
def test_nine_heads_and_their_difference(alpha: str) -> None:
    app = opened(fview="Becomes convolution", falpha=alpha, fkernel="random")
    inside, _ = difference(becomes.picture(), becomes.KERNELS["random"], float(alpha))
    point = curves(app, "becomes")[f"α = {float(alpha):g}"][0]
    assert point == pytest.approx([inside], rel=1e-6)
    heads = maps(app, "heads9")
    assert len(heads) == 9
    for shift, drawn in heads.items():
        down, right = (int(part.replace("−", "-")) for part in shift.split(","))
        assert drawn.sum() == pytest.approx(1, abs=1e-5)
        if float(alpha) > 0:
            assert np.unravel_index(drawn.argmax(), drawn.shape) == (3 + down, 3 + right)


def test_by_depth_draws_what_the_lens_found() -> None:
    app = opened(fview="By depth")
    name = networks.names()["cnn"]
    layers = networks.depths(name, True, "cpu")
    assert curves(app, "deep")["CNN: σ used"][0] == pytest.approx([layer.used.sigma for layer in layers])
    assert curves(app, "deep")["CNN: could see"][0].tolist() == [3, 4, 8, 12, 14, 22, 30]
    assert f"to {layers[-1].used.sigma:.1f} pixels" in title(app, "deep")
    apart = [layer.used.sigma / layer.law - 1 for layer in layers]
    most = max(apart, key=abs)
    assert f"up to {abs(most):.0%} under the law (layer {apart.index(most) + 1})" in title(app, "deep")
    assert abs(most) > 2 * abs(apart[-1])  # the last layer alone would say less than half of it
    start = networks.depths(name, False, "cpu")
    assert curves(app, "deep")["CNN: σ used, untrained"][0] == pytest.approx([layer.used.sigma for layer in start])
    assert curves(app, "deep")["ViT: could see"][0].tolist() == [4, 28, 28, 28, 28]
    hybrid = networks.depths(networks.names()["hybrid"], True, "cpu")
    assert curves(app, "deep")["hybrid: law"][0] == pytest.approx([x.law for x in hybrid if x.law is not None])
    assert "ViT: attention, untrained" in curves(app, "deep")
    assert len(maps(app, "deep_maps")) == 2 * len(networks.names())


def test_attention_of_a_patch_is_the_traces() -> None:
    app = opened(fview="Attention", fpic="bag 2", frow="2", fcol="5", flay="2")
    model = networks.network(networks.names()["vit"], True, "cpu")
    spec = figure(app, "attended")
    drawn = [numbers(trace["z"]) for trace in spec["data"] if trace["type"] == "heatmap"]
    assert len(drawn) == 12  # a picture, four heads and the CNN, twice
    for at, index in enumerate((25, 3)):
        shown, layer = networks.picture(index), model.trace(networks.picture(index)).attention.of()[1]
        assert drawn[6 * at] == pytest.approx(shown / shown.max(), abs=1e-6)
        for head, shares in enumerate(drawn[6 * at + 1 : 6 * at + 5]):
            own = layer.map(head)[1 + 7 + 4, 1:].reshape(7, 7)
            assert shares[::4, ::4] == pytest.approx(own / own.max(), abs=1e-5)
        cnn = networks.network(networks.names()["cnn"], True, "cpu")
        field = np.sqrt(effective(cnn, shown[None, None], (1, 4), "convolution 5").map)
        assert drawn[6 * at + 5] == pytest.approx(field / field.max(), abs=1e-5)
    boxes = {
        (shape["x0"], shape["y0"], shape["x1"], shape["y1"]) for shape in figure(app, "attended")["layout"]["shapes"]
    }
    assert (2.5, -9.5, 32.5, 20.5) in boxes  # 30 pixels round the unit in the patch's place
    assert "even attention 14.1" in title(app, "attention_distance")


def test_every_head_of_every_layer_is_drawn_and_saved() -> None:
    app = opened(fview="Attention")
    layers = [each for each in networks.depths(networks.names()["vit"], False, "cpu") if each.distances is not None]
    marks = {
        trace["name"]: numbers(trace["y"]) for trace in figure(app, "attention_distance")["data"] if "name" in trace
    }
    for head in range(4):
        assert marks[f"untrained, head {head + 1}"] == pytest.approx([each.distances[head] for each in layers])
    assert {f"trained, head {head}" for head in (1, 2, 3, 4)} < set(marks)


def test_what_moves_stands_beside_the_untrained_and_the_even() -> None:
    app = opened(fview="Attention")
    titles = figure(app, "moves")["layout"]["yaxis"]["ticktext"]
    assert titles[-1] == "an even map" and sum("untrained" in each for each in titles) == 5
    pairs = networks.moved(networks.names()["cnn"], True, "cpu").field
    assert diamonds(app, "moves")[titles.index("CNN: influence")] == pytest.approx(pairs.mean())
    assert 0 < pairs.mean() < 1
