"""The page "Positions" without a browser: every control, numbers against the lens, and faults."""

import base64
from dataclasses import replace
from typing import Any

import numpy as np
import plotly.io
import pytest
from streamlit.testing.v1 import AppTest

from models.lens import positional
from models.lens.positional import likeness, nearness, tables
from pages.codes import code, controls, learnt, longer, near, products, scored, shown
from pages.codes.schemes import SCHEMES
from pages.shared import fetching
from pages.shared.limits import HOSTED
from tests.pages.helper import open_app, problems
from viz.theme import ARCHITECTURES
from viz.turning import KEY

PAGE = "pages/positions.py"


def opened(**query: str) -> AppTest:
    app = open_app(PAGE, **query)
    assert problems(app) == []
    return app


def texts(app: AppTest) -> str:
    """Every Markdown text, caption, warning and note, without the marks that keep it plain."""
    found = [item.value for item in [*app.markdown, *app.caption, *app.warning, *app.info]]
    return "\n".join(found).replace("\u2060", "").replace("\\", "")


def unpacked(values: Any) -> np.ndarray:
    """Numbers as plotly packs them."""
    if not isinstance(values, dict):
        return np.asarray(values)
    found = np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"])
    return found.reshape([int(side) for side in values["shape"].split(",")]) if "shape" in values else found


def cells(app: AppTest, chart: int = 0) -> np.ndarray:
    """The values of a chart's heat map."""
    spec = plotly.io.from_json(app.get("plotly_chart")[chart].proto.spec, skip_invalid=True)
    return unpacked(next(trace for trace in spec.data if trace.type == "heatmap").z)


def curve(app: AppTest, name: str, chart: int) -> np.ndarray:
    """The heights of one named curve of a chart."""
    spec = plotly.io.from_json(app.get("plotly_chart")[chart].proto.spec, skip_invalid=True)
    return unpacked(next(trace for trace in spec.data if trace.name == name).y)


def test_the_first_view_shows_the_sinusoid_with_the_readers_words() -> None:
    app = opened()
    np.testing.assert_allclose(cells(app), positional.sinusoidal(64, 64), atol=1e-6)
    assert "9 of 32 waves come round within 64 positions; the longest needs 47,117" in texts(app)
    app.text_input(key="psentence").set_value("one two three").run()
    app.slider(key="pat").set_value(1).run()
    assert "Position 1 (“two”) and the next one differ most" in texts(app)
    assert app.latex[0].value.strip("$\n ") == SCHEMES["Sinusoidal"].formula


def test_sliders_set_length_width_and_base() -> None:
    app = opened(plen="20", pwidth="12")
    app.select_slider(key="pbase").set_value(100).run()
    np.testing.assert_allclose(cells(app), positional.sinusoidal(20, 12, 100.0), atol=1e-6)
    assert problems(app) == []


@pytest.mark.parametrize("title", list(SCHEMES))
@pytest.mark.parametrize("view", ["Code", "Similarity"])
def test_every_scheme_has_its_formula_and_its_figures_or_says_what_is_missing(title: str, view: str) -> None:
    app = opened(pview=view, pscheme=title)
    assert app.latex[0].value.strip("$\n ") == SCHEMES[title].formula
    assert SCHEMES[title].link in texts(app)
    missing = (title == "Learned table" and not tables.codes()) or (title == "Learned, 2-D" and not tables.codes(True))
    third = title == "Sinusoidal" and view == "Similarity"
    assert len(app.get("plotly_chart")) == (0 if missing else 2 + third)
    assert bool(app.warning) == missing


def test_rope_draws_cosines_in_the_chosen_layout_and_part() -> None:
    app = opened(pscheme="RoPE", plen="9", pwidth="16")
    turn = positional.angles(np.arange(9), 16)
    np.testing.assert_allclose(cells(app), np.repeat(np.cos(turn), 2, axis=1), atol=1e-6)
    app.segmented_control(key="playout").set_value("half").run()
    np.testing.assert_allclose(cells(app), np.tile(np.cos(turn), 2), atol=1e-6)
    app.segmented_control(key="ppart").set_value("25%").run()
    found = cells(app)
    np.testing.assert_allclose(found[:, :4], np.tile(np.cos(positional.angles(np.arange(9), 4)), 2), atol=1e-6)
    assert (found[:, 4:] == 1).all()
    assert "12 features stand still" in texts(app)
    app.segmented_control(key="pscale").set_value("8").run()
    assert cells(app)[8, 0] == pytest.approx(np.cos(1.0), abs=1e-6)


def test_alibi_draws_the_chosen_heads_slope_for_any_number_of_heads() -> None:
    app = opened(pscheme="ALiBi", plen="5", pheads="6", phead="5")
    assert "Head 5 of 6 takes 0.5 off the score" in texts(app)
    np.testing.assert_allclose(cells(app)[4], [-2.0, -1.5, -1.0, -0.5, 0.0])
    assert np.isnan(cells(app)[0, 1:]).all()
    app.slider(key="pheads").set_value(3).run()
    assert problems(app) == []
    assert " of 3 takes " in texts(app)


def test_the_rule_for_heads_between_powers_of_two_stands_beside_the_formula() -> None:
    """Head 5 of 6 has the slope 0.5, not the 2^(-40/6) of the formula for powers of two."""
    app = opened(pscheme="ALiBi", pheads="6", phead="5")
    assert r"m_h=2^{-8h/H}\ \text{for}\ H=2^n" in app.latex[0].value
    assert "the slopes of the power below, then every other one of the power above" in texts(app)


def test_formulas_hold_what_the_controls_change_and_link_every_paper() -> None:
    app = opened(pscheme="RoPE")
    assert r"\frac{m}{s}" in app.latex[0].value and "d_r" in app.latex[0].value
    assert "https://arxiv.org/abs/2306.15595" in texts(app)
    assert r"\mathrm{bucket}(r)=|r|" in opened(pscheme="T5 relative bias").latex[0].value


def test_the_bucket_rule_on_screen_gives_the_buckets() -> None:
    for n, both in ((16, True), (32, False)):
        away = np.arange(1, 400)
        wide = n / 2 + n / 2 * np.log(2 * away / n) / np.log(256 / n)
        rule = np.where(away < n / 2, away, np.minimum(n - 1, np.floor(wide + 1e-9)))
        np.testing.assert_array_equal(positional.t5_bucket(-away, both), rule)


def test_every_stop_of_the_width_of_a_grid_is_lawful() -> None:
    app = opened(pscheme="Sinusoidal, 2-D")
    slider = app.slider(key="pwide")
    assert (slider.min % 4, slider.step % 4) == (0, 0)
    slider.set_value(slider.min + slider.step).run()
    assert problems(app) == [] and not app.warning


def test_t5_says_that_its_example_is_not_learned_and_where_it_saturates() -> None:
    app = opened(pscheme="T5 relative bias")
    assert "Distances to 7 have a bias each; from 91 on all share one" in texts(app)
    assert "an example, not learned" in texts(app)
    app.segmented_control(key="pdir").set_value(scored.DIRECTIONS[1]).run()
    assert "Distances to 15 have a bias each; from 113 on all share one" in texts(app)
    biases = positional.t5(positional.t5_example(8, False), -np.arange(64), False)[3]
    np.testing.assert_allclose(cells(app)[63][::-1], biases, atol=1e-6)


def test_a_table_ends_where_it_ends() -> None:
    if not tables.codes():
        pytest.skip("no learned table is installed")
    known = len(tables.codes()[0].values)
    app = opened(pscheme="Learned table", pexact="true", plen_n=str(known + 5), pat=str(known + 1))
    assert f"5 of {known + 5} positions have no row in the table" in texts(app)
    assert np.isnan(cells(app)[-5:]).all() and not np.isnan(cells(app)[:-5]).any()
    assert f"Position {known + 1} has no code" in texts(app)


def test_one_matrix_moves_every_sinusoid_and_each_position_has_its_own() -> None:
    app = opened(pview="Similarity", plen="40", pby="7", pwidth="12")
    np.testing.assert_allclose(cells(app, 2), positional.shift(7, 12), atol=1e-6)
    miss = positional.shift_error(np.arange(40), 7, 12)
    assert f"Both: one matrix moves the codes of all 40 positions on by 7, off by at most {miss:.0e}".replace(
        "e-", "e−"
    ) in texts(app)
    assert f"most alike codes are {likeness.nearest(positional.sinusoidal(40, 12)):.2g} apart" in texts(app)
    assert len(opened(pview="Similarity", pscheme="RoPE").get("plotly_chart")) == 2


def test_a_tables_places_are_named_by_its_own_models_tokens() -> None:
    if "minilm" not in [table.name for table in tables.codes()]:
        pytest.skip("MiniLM is not installed")
    app = opened(pscheme="Learned table", ptable="minilm", pat="3")
    app.text_input(key="psentence").set_value("Unbelievably good").run()
    assert "Position 3 (“ie”)" in texts(app)
    app.selectbox(key="ptable").set_value("positions-back-learned").run()
    assert "Position 3 and the next one differ most" in texts(app), "its model knows no words"


def test_a_model_of_the_hub_is_named_and_fetched_within_the_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the reader types goes to the one door to the hub; what comes back is drawn, a fault is one sentence."""
    codes, asked = np.random.default_rng(2).standard_normal((9, 4)), []

    def fetched(report: Any, kind: str, name: str) -> tuple[tables.Table, ...]:
        asked.append((kind, name))
        if name == "hub:ann/none":
            raise ValueError("the hub has no public model called 'ann/none'")
        return (tables.Table(name, "ann/late", "wpe.weight", codes),)

    monkeypatch.setattr(learnt, "fetched", fetched)
    monkeypatch.setattr(fetching.download, "size", lambda *_: 5_000_000)
    app = opened(pscheme="Learned table", plen="9", ptable="ann/late")
    assert asked == [], "an address alone fetches nothing"
    monkeypatch.setattr(fetching, "agreed", lambda name: True)
    app = opened(pscheme="Learned table", plen="9", ptable="ann/late")
    np.testing.assert_allclose(cells(app), codes, atol=1e-6)
    assert "Weight wpe.weight of ann/late, 9 positions" in texts(app)
    app = opened(pscheme="Learned table", plen="9", ptable="hub:ann/none")
    assert "the hub has no public model called 'ann/none'" in texts(app)
    assert asked == [("codes", "hub:ann/late"), ("codes", "hub:ann/none")] and problems(app) == []


def test_a_hosted_page_offers_its_list_and_takes_no_other_id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learnt, "limits", lambda: HOSTED)
    with pytest.raises(ValueError, match=r"this page permits hub:distilbert.*, got 'hub:ann/late'"):
        learnt.fetched(lambda *_: None, "codes", "hub:ann/late")
    app = opened(pscheme="Learned table")
    assert {f"hub:{name}" for name in HOSTED.hub_models} <= set(app.selectbox(key="ptable").options)
    assert not app.selectbox(key="ptable").proto.accept_new_options


def test_biases_that_training_never_met_are_hatched_and_said() -> None:
    app = opened(pscheme="T5 relative bias", pbias="positions-back-t5", plen="64")
    (table,) = (each for each in tables.biases() if each.name == "positions-back-t5")
    drawn = cells(app)[63][::-1]
    assert np.isfinite(drawn[:35]).all() and np.isnan(drawn[35:]).all()
    np.testing.assert_allclose(drawn[:32], table.values[positional.t5_bucket(-np.arange(32), False), 0], atol=1e-6)
    assert "10 of 32 buckets, which rows of at most 32 places never met" in texts(app)
    app = opened(pview="Similarity", pscheme="T5 relative bias", pbias="positions-order-t5", plen="64")
    assert np.isnan(cells(app)[0, 32:]).all() and np.isfinite(cells(app)[0, :32]).all()
    assert "The two sides differ by up to" in texts(app)


def test_the_similarity_of_sinusoids_is_a_matter_of_distance_alone() -> None:
    app = opened(pview="Similarity", plen="40")
    assert "The offset decides 100% of the products; of random codes 5%" in texts(app)
    assert "It tells how far, not which way" in texts(app)
    np.testing.assert_allclose(cells(app), likeness.dot(positional.sinusoidal(40, 64)), rtol=1e-6)
    app.segmented_control(key="pmeasure").set_value("cosine").run()
    np.testing.assert_allclose(np.diagonal(cells(app)), 1, atol=1e-6)


def test_rope_and_t5_tell_the_direction() -> None:
    for title in ("RoPE", "T5 relative bias"):
        app = opened(pview="Similarity", pscheme=title)
        assert "The offset decides 100% of the" in texts(app)
        assert ("The two sides differ by up to" in texts(app)) == (title == "RoPE")


def test_biases_are_not_called_products_of_codes() -> None:
    for title in ("ALiBi", "T5 relative bias"):
        said = texts(opened(pview="Similarity", pscheme=title))
        assert "The offset decides 100% of the biases" in said
        assert "random codes" not in said and "products of the codes" not in said
        assert "These are biases: added to the scores" in said
    assert "A bias is added to a score before the softmax" in texts(opened(pscheme="ALiBi"))


@pytest.mark.filterwarnings("error:All-NaN")
def test_codes_of_zeros_have_no_cosine() -> None:
    app = opened(pview="Similarity", pscheme="No positions", pmeasure="cosine")
    assert "A code of zeros has no direction: there is no cosine" in texts(app)
    assert np.isnan(cells(app)).all()


def test_scores_by_offset_are_the_lens_and_say_what_leaves_the_plot() -> None:
    app = opened(pview="Nearness", plen="300", phead="1")
    settings = nearness.Settings(head=0, learned=near.learned())
    np.testing.assert_allclose(curve(app, "ALiBi", 0), -0.5 * np.arange(300), atol=1e-4)
    wanted = nearness.changes("rope", np.arange(300), settings).mean(axis=0)
    np.testing.assert_allclose(curve(app, "RoPE", 0), wanted, atol=1e-6)
    assert "Off the plot: ALiBi from 26 back." in texts(app)
    app.segmented_control(key="pcontent").set_value("unrelated").run()
    assert np.abs(curve(app, "RoPE", 0)).max() < np.abs(wanted).max() / 2


def test_a_line_of_t5_ends_where_training_did() -> None:
    app = opened(pview="Nearness", plen="64", phead="1")
    drawn = curve(app, "T5", 0)
    assert np.isfinite(drawn[:35]).all() and np.isnan(drawn[35:]).all()
    assert "T5 from 35 back" in texts(app)
    (heading,) = (item.value for item in app.markdown if "a key 63 back gets" in item.value)
    assert "T5" not in heading


@pytest.mark.parametrize("length", [600, 8192, 100_000])
def test_offsets_are_said_exactly_where_the_drawn_ones_are_thinned(length: int) -> None:
    """1.6 sqrt(64) = 12.8 is passed by a slope of 2^-4 from 205 back on."""
    app = opened(pview="Nearness", pexact="true", plen_n=str(length))
    known = len(tables.codes()[0].values)
    said = texts(app).replace("\n", " ")
    assert "Off the plot: ALiBi from 205 back." in said
    if known < min(length, near.FARTHEST):
        assert f"learned from {known} back" in said
    caption = next(line for line in texts(app).splitlines() if line.startswith("Bands:"))
    assert len(caption.split()) <= 25


def test_networks_stand_beside_the_schemes(patient: None) -> None:
    app = opened(pview="Nearness")
    app.text_input(key="psentence").set_value(" ".join(["the", "key"] * 8)).run()
    assert "The convolution sees 10 words back and no further" in texts(app)
    length = 16
    np.testing.assert_allclose(curve(app, f"none ½: {length // 2 - 1}", 1), 1 / length, rtol=1e-6)
    app.segmented_control(key="pkind").set_value("gradient").run()
    app.segmented_control(key="pweights").set_value("trained").run()
    assert "Influence by gradient, trained networks, 16 tokens" in texts(app)
    app.text_input(key="psentence").set_value("one two").run()
    assert "Nearness is measured on 3 to 128 words; this sentence has 2." in texts(app)
    assert len(app.get("plotly_chart")) == 1
    assert problems(app) == []


def test_shifting_both_positions_leaves_the_product() -> None:
    app = opened(pview="Rotation", pshift="500")
    query, key = nearness.content(nearness.Settings(16, draws=1, alike=False))
    wanted = float(positional.rope(query, [5])[0] @ positional.rope(key, [12])[0]) / 4
    assert f"{wanted:.6f} before, {wanted:.6f} after" in texts(app)
    swapped = float(positional.rope(query, [5], layout="half")[0] @ positional.rope(key, [12], layout="half")[0]) / 4
    assert f"Under the layout “half” the same q and k score {swapped:.3f}." in texts(app)
    assert np.ptp(curve(app, "RoPE", 1)) < 1e-12 < 0.1 < np.ptp(curve(app, "sinusoidal", 1))
    app.slider(key="pquery").set_value(12).run()
    assert f"{float(query[0] @ key[0]) / 4:.6f} before" in texts(app)


def test_negative_and_fractional_positions_turn_too() -> None:
    app = opened(pview="Rotation", pexact="true", pquery_n="-2.5", pkey_n="0.25", pshift_n="-1000.75")
    query, key = nearness.content(nearness.Settings(16, draws=1, alike=False))
    wanted = float(positional.rope(query, [-2.5])[0] @ positional.rope(key, [0.25])[0]) / 4
    assert f"{wanted:.6f} before, {wanted:.6f} after" in texts(app)
    assert "the offset 2.75" in texts(app)


def test_beyond_the_trained_length_tables_end_and_t5_saturates() -> None:
    app = opened(pview="Beyond", ptrain="64")
    shown_texts = texts(app)
    assert (
        "72% of RoPE's pairs meet angles that training had not; interpolated 0%, with a raised base 69%" in shown_texts
    )
    assert "T5 gives one bias to all 399 distances from 113 to 511." in shown_texts
    np.testing.assert_allclose(curve(app, "none", 0), [64, 128, 256, 512])
    frame = app.table[0].value
    cells_of = dict(zip(frame["scheme"], frame["8 × 64 = 512"], strict=True))
    assert cells_of["Learned table"] == "undefined: the table has no such row"
    assert "32 of 32 buckets in use, 5 of them never met in training" in cells_of["T5, example biases"]
    assert "−31.9 on the farthest key" in cells_of["ALiBi"]
    assert "neighbours 8 times closer" in cells_of["RoPE, interpolated"]
    app.slider(key="ptrain").set_value(16).run()
    assert "T5 gives one bias to all 15 distances from 113 to 127." in texts(app)
    app.slider(key="ptrain").set_value(8).run()
    assert "T5 uses 27 of its 32 buckets at 64 positions." in texts(app)
    app.slider(key="ptrain").set_value(16).run()
    np.testing.assert_allclose(curve(app, "none", 0), [16, 32, 64, 128])


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"pwidth_n": "7"}, "width must be even and at least 2 (sine and cosine come in pairs), got 7"),
        ({"pwidth_n": "4096"}, "This page draws codes of at most 1,024 features; got 4,096."),
        ({"pbase_n": "1"}, "base must be above 1, so that wavelengths grow, got 1"),
        ({"plen_n": "0"}, "length must be a whole number of at least 1, got 0"),
        ({"plen_n": "-3", "pscheme": "ALiBi"}, "length must be a whole number of at least 1, got -3"),
        ({"pheads_n": "0", "pscheme": "ALiBi"}, "This page draws 1 to 256 heads; got 0."),
        ({"pwide_n": "6", "pscheme": "Sinusoidal, 2-D"}, "width must be a multiple of 4"),
        ({"pturn_n": "5", "pview": "Rotation"}, "width must be even and at least 2"),
        ({"ptrain_n": "100000", "pview": "Beyond"}, "This view computes trained lengths up to 2,048; got 100,000."),
    ],
)
def test_bad_numbers_get_a_sentence_and_the_way_back_stays(query: dict[str, str], said: str) -> None:
    app = opened(pexact="true", **query)
    assert said in texts(app)
    app.toggle(key="pexact").set_value(False).run()
    assert problems(app) == [] and not app.warning
    assert app.get("plotly_chart")


def test_extreme_but_lawful_numbers_are_drawn() -> None:
    app = opened(pexact="true", plen_n="1", pwidth_n="2")
    np.testing.assert_allclose(cells(app), [[0, 1]], atol=1e-6)
    app = opened(pexact="true", plen_n="100000", pat="99000")
    assert cells(app).shape == (shown.ROWS, 64)
    places = np.arange(99_000 - 128, 99_000 + 128)
    np.testing.assert_allclose(cells(app), positional.sinusoidal_at(places, 64), atol=1e-6)
    assert "Drawn, measured and saved: positions 98,872 to 99,127 of 100,000" in texts(app)
    for view in ("Similarity", "Nearness"):
        app = opened(pexact="true", plen_n="100000", pview=view)
        assert app.get("plotly_chart")
    app = opened(pexact="true", plen_n="1", pview="Similarity")
    assert "Too few positions to compare offsets" in texts(app)


def test_the_readers_sentence_stays_out_of_the_address() -> None:
    app = opened()
    app.text_input(key="psentence").set_value("a private text").run()
    assert "private" not in str(dict(app.query_params))


def test_a_window_holds_its_cursor() -> None:
    assert shown.window(10, 9).tolist() == list(range(10))
    for cursor in (0, 500, 999):
        places = shown.window(1000, cursor)
        assert len(places) == shown.ROWS and cursor in places and places[0] >= 0 and places[-1] < 1000


def test_offsets_of_a_grid_are_two_dimensional() -> None:
    codes = positional.sinusoidal_2d(4, 5, 8)
    grid = np.array(np.divmod(np.arange(20), 5)).T
    assert products.unexplained_2d(likeness.dot(codes), grid) < 1e-20
    assert likeness.unexplained(likeness.dot(codes)) > 0.05, "one-dimensional offsets do not decide"
    rough = likeness.dot(np.random.default_rng(3).standard_normal((20, 8)))
    assert products.unexplained_2d(rough, grid) > 0.4


def test_quantiles_are_the_nearest_ranks_of_what_is_known() -> None:
    samples = np.array([[10.0, 3.0], [np.nan, 1.0], [0.0, 2.0], [5.0, 0.0], [np.nan, 4.0]])
    assert near.quantiles(np.tile(samples, (1, 2))).tolist() == [[0.0, 0.0] * 2, [10.0, 4.0] * 2]
    many = np.random.default_rng(5).standard_normal((1001, 3))
    np.testing.assert_allclose(near.quantiles(many), np.quantile(many, near.BAND, axis=0), atol=1e-12)


def test_rows_beyond_the_trained_length_are_the_closed_forms() -> None:
    settings = nearness.Settings(heads=8, head=1, draws=3)
    schemes = {scheme.title: scheme for scheme in longer.ROWS}
    alibi = longer.row(schemes["ALiBi"], 64, 8, settings)
    assert alibi.beyond == pytest.approx(np.exp(-16), rel=1e-4)
    none = longer.row(schemes["No positions"], 64, 8, settings)
    assert (none.keys, none.beyond) == (pytest.approx(512), pytest.approx(7 / 8))
    assert np.isnan(longer.row(schemes["Learned table"], 64, 2, settings).keys)
    assert longer.row(schemes["RoPE, interpolated"], 64, 8, settings).angles == 0
    raised = longer.row(schemes["RoPE, base raised"], 64, 8, settings)
    slower = replace(settings, base=positional.raised_base(1e4, 64, 8))
    assert raised.keys == nearness.keys_read(nearness.weights("rope", 512, slower))
    assert raised.angles == 22 / 32
    assert longer.row(schemes["RoPE, base raised"], 64, 1, settings).angles == 0


def test_marks_of_this_page_alone_borrow_no_architectures_colour() -> None:
    """Attention's own blue is the sinusoids' and the query's, whose scores are attention's."""
    taken = {one.colour for one in ARCHITECTURES.values()} - {ARCHITECTURES["transformer"].colour}
    own = {scheme.look.colour for scheme in (*SCHEMES.values(), *longer.ROWS)} | {code.COSINE.colour, KEY.colour}
    assert not own & taken


def test_names_number_positions_and_add_the_words() -> None:
    assert controls.names(("the", "the"), range(-1, 3)) == ["-1", "0 the", "1 the", "2"]
