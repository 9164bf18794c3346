"""The sentences under the rows of the first page: each says what its numbers say, ties and empty cases included."""

import re
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from models.lens.cost import Cost
from models.lens.distance import FITS, decay
from models.lens.influence import rank_correlation
from models.presets import models_of
from models.reading import Change
from pages.rows import (
    changed,
    changed_maps,
    costs,
    depth,
    distances,
    says,
    sees,
    shuffle,
    tested,
    tested_distance,
    words,
)
from pages.rows.view import View, article, percent, shares
from tests.pages.views import examples, falling, influence, view
from tests.pages.views import says as saying

EXAMPLES = examples()
every_example = pytest.mark.parametrize(
    "shown", EXAMPLES, ids=[f"{v.request.group}-{v.request.preset}-{v.label}" for v in EXAMPLES]
)


def lower(text: str) -> str:
    return text[:1].lower() + text[1:]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"rnn": 0.9, "gru": 0.6, "lstm": 0.8}, "All three say positive; the GRU is least sure."),
        ({"rnn": 0.1, "gru": 0.4}, "Both say negative; the GRU is least sure."),
        ({"rnn": 0.9, "gru": 0.4, "lstm": 0.2}, "The RNN says positive; the other two negative."),
        ({"rnn": 0.9, "gru": 0.7, "lstm": 0.2}, "The LSTM says negative; the other two positive."),
        ({"rnn": 0.3}, "The RNN says negative."),
    ],
)
def test_who_says_what(given: dict[str, float], said: str) -> None:
    assert says.reading_of(saying(**given)) == said


@pytest.mark.parametrize(
    ("share", "shown"),
    [(0.5, ".50"), (1e-9, "<.01"), (0.004, "<.01"), (0.006, ".01"), (0.9951, ">.99"), (1.0, "1"), (0.0, ".00")],
)
def test_a_probability_is_never_rounded_to_none_or_all(share: float, shown: str) -> None:
    assert says.short(share) == shown


@pytest.mark.parametrize(
    ("accuracy", "interval", "shown"),
    [
        (0.79, (0.764, 0.816), "79 ± 3 %"),
        (0.9994, (0.9989, 0.9997), "99.9 ± 0.0 %"),
        (0.99991, (0.9983, 1.0), ">99.8 %"),
        (1.0, (0.99882, 1.0), ">99.8 %"),
        (0.65, (0.643, 0.657), "65.0 ± 0.7 %"),
    ],
)
def test_an_accuracy_shows_its_real_width(accuracy: float, interval: tuple[float, float], shown: str) -> None:
    assert says.spread({"accuracy": accuracy, "interval": interval}) == shown


@pytest.mark.parametrize(
    ("share", "shown"),
    [(1.0, "100 %"), (0.9969, "99.7 %"), (0.99996, ">99.9 %"), (0.0, "0 %"), (0.003, "0.3 %"), (2e-5, "<0.1 %")],
)
def test_a_share_in_per_cent_is_never_rounded_to_none_or_all(share: float, shown: str) -> None:
    assert percent(share) == shown


STRONGEST = [
    ({"rnn": [0.1, 0.2, 0.7], "gru": [0.5, 0.3, 0.2]}, "No two networks lean most on the same word; the RNN leans "
     "hardest, on “three” (0.70 of its gradient)"),
    ({"rnn": [0.9, 0.1, 0], "gru": [0.1, 0.6, 0.3], "lstm": [0.3, 0.5, 0.2]}, "2 of 3 networks lean most on “two”, "
     "with up to 0.60 of the gradient"),
    ({"rnn": [0, 1, 0]}, "The RNN leans most on “two” (1.00 of its gradient)"),
    ({"rnn": [0, 0, 0], "gru": [0, 0, 0]}, "No gradient reaches any word"),
    ({"rnn": [0, 0, 0], "gru": [0.2, 0.8, 0], "lstm": [0.1, 0.9, 0]}, "2 of 3 networks lean most on “two”, "
     "with up to 0.90 of the gradient"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "said"), STRONGEST)
def test_the_word_with_the_strongest_pull(given: dict[str, list[float]], said: str) -> None:
    drawn = {family: np.array(values) for family, values in given.items()}
    assert words.strongest(view({f: {} for f in given}), drawn) == said


def test_a_word_that_stands_twice_is_named_with_its_place() -> None:
    drawn = {"rnn": np.array([0.1, 0.2, 0.7]), "gru": np.array([0.8, 0.1, 0.1])}
    said = words.strongest(view({f: {} for f in drawn}, "good but good"), drawn)
    assert said.endswith("the GRU leans hardest, on “good” (word 1) (0.80 of its gradient)")


@every_example
def test_the_strongest_word_of_every_example_is_the_strongest(shown: View) -> None:
    drawn = {f: shares(r.of_output[shown.request.target]) for f, r in shown.readings.items()}
    for left_out in (None, *drawn):
        some = {f: values for f, values in drawn.items() if f != left_out}
        said = words.strongest(shown, some)
        tops = {f: int(values.argmax()) for f, values in some.items()}
        named = float(re.search(r"(\d\.\d\d) of (its|the) gradient", said)[1])  # type: ignore[index]
        if (together := re.match(r"(\d) of (\d) networks lean most on “", said)) is not None:
            counts = [list(tops.values()).count(at) for at in tops.values()]
            assert (int(together[1]), int(together[2])) == (max(counts), len(some))
            assert any(
                named == pytest.approx(max(float(some[f][at]) for f in tops if tops[f] == at), abs=0.005)
                for at in tops.values()
                if list(tops.values()).count(at) == max(counts)
            )
        else:
            assert len(set(tops.values())) == len(tops)
            family = max(some, key=lambda f: float(some[f].max()))
            assert f"; {article(family)} leans hardest, on “{shown.first.trace.tokens[tops[family]]}”" in said
            assert named == pytest.approx(float(some[family].max()), abs=0.005)


def test_leaving_a_word_out() -> None:
    shown = view({"rnn": {}, "gru": {}})
    effects = {"rnn": np.array([0.1, -0.4, 0.0]), "gru": np.array([0.3, 0.0, 0.0])}
    said = "Leaving out “two” raises p(positive) of the RNN by 0.40, the most of all"
    assert words.dropped(shown, effects) == said
    still = {"rnn": np.array([0.001, 0.0, 0.0])}
    assert words.dropped(shown, still) == "Leaving out any single word moves no probability by 0.01"
    alone = {"rnn": np.array([np.nan])}
    assert words.dropped(shown, alone) == "A text of one word has nothing left without it"


@every_example
def test_the_word_left_out_of_every_example_moves_most(shown: View) -> None:
    raw = {f: r.occlusion[shown.request.target] for f, r in shown.readings.items()}
    said = words.dropped(shown, raw)
    most = max(float(np.nanmax(np.abs(values))) for values in raw.values())
    if most < 0.005:
        assert said == "Leaving out any single word moves no probability by 0.01"
        return
    family = max(raw, key=lambda f: float(np.nanmax(np.abs(raw[f]))))
    at = int(np.nanargmax(np.abs(raw[family])))
    assert f"of {article(family)} by {most:.2f}" in said
    assert f"“{shown.first.trace.tokens[at]}”" in said
    assert ("lowers" in said) == (float(raw[family][at]) > 0)


EVEN = np.tril(np.ones((12, 12)))
NOISE = np.tril(np.random.default_rng(5).uniform(0.5, 8, (12, 12))) * np.where(falling(30) > 0, 1, 0)
CUT = np.triu(falling(2.0), -3)


def wavy() -> np.ndarray:
    """Falls a little, but up and down: least squares finds a half-life that describes nothing."""
    distance = np.arange(12)[:, None] - np.arange(12)[None, :]
    return np.where(distance >= 0, 2.0 ** (-distance / 9 + 3.0 * (-1.0) ** distance), 0.0)


@pytest.mark.parametrize(
    ("values", "course"),
    [(falling(3.0), "falls"), (EVEN, "flat"), (falling(40.0), "flat"), (wavy(), "uneven"), (falling(1, 3), "unfitted")],
)
def test_the_course_of_an_influence(values: np.ndarray, course: str) -> None:
    assert decay(values).course == course


def test_how_influence_falls() -> None:
    assert sees.falls({"rnn": falling(1.5), "gru": falling(4.0), "transformer": EVEN}) == (
        "The influence in the RNN halves every 1.5 words; in the GRU every 4.0; in attention it does not fall"
    )
    assert sees.falls({"rnn": falling(1.5), "mlp": wavy()}) == (
        "The influence in the RNN halves every 1.5 words; in full connection no exponential fits"
    )
    assert sees.falls({"mlp": wavy()}) == "In full connection no exponential fits"
    assert sees.falls({"gru": EVEN}) == "In the GRU the influence does not fall"
    assert sees.falls({"cnn": CUT, "cnn-dilated": np.triu(CUT, -1), "gru": EVEN}) == (
        "Convolution stops at 3 words, dilated convolution stops at 1 word; in the GRU it does not fall"
    )
    assert sees.falls({"rnn": falling(1.0, 4)}) == "Influence of each word on each state"


@pytest.mark.parametrize(
    ("values", "end"),
    [
        (falling(3.0), "½: 3.0"),
        (EVEN, "flat"),
        (wavy(), "uneven"),
        (falling(1.0, 3), "too short"),
        (CUT, "stops: 3"),
    ],
)
def test_the_end_of_a_line_says_which_of_them_it_is(values: np.ndarray, end: str) -> None:
    assert distances.half(values) == end


@every_example
def test_no_half_life_is_named_where_no_exponential_fits(shown: View) -> None:
    for kind in sees.KINDS:
        raw = {f: sees.matrix(r, kind) for f, r in shown.readings.items()}
        said = sees.falls(raw)
        for family, values in raw.items():
            named = re.search(rf"\bin {article(family)} (?:halves )?every (\d+\.\d)", said)
            if named is not None:
                assert decay(values).r2 >= FITS
                assert decay(values).half_life == pytest.approx(float(named[1]), abs=0.051)
        for family, values in raw.items():
            found = decay(values)
            label = distances.half(values)
            if label.startswith("½"):
                assert found.r2 >= FITS
            if label == "flat":
                assert found.half_life is None or found.half_life >= 3 * len(values), family


def test_how_alike_a_nudge_and_a_change_are() -> None:
    rising, rows = np.arange(1, 17).reshape(4, 4), {}
    for family, other in (("rnn", rising), ("gru", rising[::-1, ::-1])):
        rows[family] = {"gradient": influence(rising), "substitution": influence(other, "substitution")}
    assert sees.agreement(view(rows)) == (
        "A nudge and a real change part most in the GRU (rank correlation -1.00), least in the RNN (1.00)"
    )
    assert sees.agreement(view({"rnn": rows["rnn"]})) == (
        "A nudge and a real change agree: rank correlation at least 1.00, in the RNN"
    )
    assert sees.agreement(view({"gru": rows["gru"]})) == (
        "A nudge and a real change part in the GRU: rank correlation -1.00"
    )
    tiny = {"gradient": influence([[1]]), "substitution": influence([[1]])}
    assert sees.agreement(view({"rnn": tiny})) == "The text is too short to compare the two measures"


@every_example
def test_the_agreement_of_every_example_is_computed(shown: View) -> None:
    said = sees.agreement(shown)
    rho = {
        f: rank_correlation(sees.matrix(r, "gradient"), sees.matrix(r, "substitution"))
        for f, r in shown.readings.items()
    }
    low = min(rho, key=lambda f: rho[f])
    assert article(low) in said
    assert f"{rho[low]:.2f}" in said


def test_how_exact_the_numbers_are() -> None:
    sure = {"rnn": {"gradient": influence(EVEN), "substitution": influence(EVEN, "substitution", False, 0.1)}}
    assert sees.exactness(view(sure), "gradient") == "Frobenius norm of the Jacobian, exact."
    assert sees.exactness(view(sure), "substitution") == (
        "Mean over 8 seeded words; standard error of the whole matrix at most 10 %. "
        "ρ: rank correlation with the gradient."
    )
    unsure = {"rnn": {"gradient": influence(EVEN, exact=False, error=0.03)}}
    assert "standard error of the whole matrix at most 3 %" in sees.exactness(view(unsure), "gradient")


@pytest.mark.parametrize(
    ("wired", "said"),
    [
        ({"cnn": [0, 10], "rnn": [0, 70], "gru": [0, 70]}, "Convolution cannot see farther than 10 words; the others "
         "can reach the whole text"),
        ({"cnn": [0, 10], "cnn-dilated": [0, 62], "rnn": [0, 70]}, "Convolution cannot see farther than 10 words, "
         "dilated convolution not farther than 62 words; the RNN can reach the whole text"),
        ({"cnn": [0, 10], "cnn-dilated": [0, 62]}, "Convolution cannot see farther than 10 words, dilated convolution "
         "not farther than 62 words"),
        ({"rnn": [0, 70]}, "Every network's wiring reaches the whole text"),
    ],
)  # fmt: skip
def test_how_far_the_wiring_reaches(wired: dict[str, list[int]], said: str) -> None:
    assert depth.reach_finding(view({f: {} for f in wired}), wired, {}, 71) == said


def test_who_uses_least_of_its_reach() -> None:
    wired, measured = {"rnn": [0, 4], "gru": [0, 4]}, {"rnn": (1.0, 2.5, 3.0), "gru": (1.0, 1.5, 3.0)}
    assert depth.reach_finding(view({f: {} for f in wired}), wired, measured, 5) == (
        "Every wiring reaches the whole text; the GRU draws 90 % of its gradient influence from within 1.5 words"
    )


@pytest.mark.parametrize(
    ("flows", "said"),
    [
        ({"rnn": [1e-4, 1.0], "gru": [0.5, 1]}, "The RNN loses 4.0 powers of ten of its gradient on the way to the "
         "input"),
        ({"rnn": [3.0, 1.0], "gru": [0.5, 1]}, "The gradient arrives in every network; in the RNN it is 3.0 times as "
         "large at the input as at the end"),
        ({"rnn": [0.0, 1.0], "gru": [0.5, 1]}, "No gradient arrives in the RNN: it is zero in the precision of the "
         "numbers"),
        ({"rnn": [0.0, 0.0]}, "No gradient arrives: the loss is zero in the precision of the numbers"),
    ],
)  # fmt: skip
def test_whether_the_gradient_arrives(flows: dict[str, list[float]], said: str) -> None:
    assert depth.gradient_finding({f: np.array(v) for f, v in flows.items()}) == said


def priced(**steps: int) -> View:
    return view({f: {"cost": Cost(1, 1_000_000, count, float("nan"), 9, "cpu")} for f, count in steps.items()})


NOTE = ". One operation is one multiply-accumulate."


@pytest.mark.parametrize(
    ("steps", "times", "said"),
    [
        ({"mlp": 2, "rnn": 30, "gru": 30}, {}, "The RNN and the GRU need 30 steps one after the other, full connection "
         "2"),
        ({"mlp": 2, "transformer": 2, "rnn": 30}, {}, "The RNN needs 30 steps one after the other, full connection and "
         "attention 2"),
        ({"rnn": 30, "lstm": 30, "gru": 30}, {}, "All need 30 steps one after the other"),
        ({"mlp": 2, "transformer": 2}, {}, "Both need 2 steps one after the other"),
        ({"mlp": 2}, {}, "Full connection needs 2 steps one after the other"),
        ({"mlp": 2, "transformer": 2}, {"mlp": 1.0, "transformer": 3.0}, "Both need 2 steps one after the other; "
         "attention takes 3.0 times as long as full connection"),
        ({"mlp": 2, "transformer": 2}, {"mlp": 1.0, "transformer": 1.02}, "Both need 2 steps one after the other"),
    ],
)  # fmt: skip
def test_what_it_costs(steps: dict[str, int], times: dict[str, float], said: str) -> None:
    assert costs.reading_of(priced(**steps), times) == said + NOTE


@pytest.mark.parametrize(
    ("value", "shown"),
    [(123.4, "120"), (1234.0, "1,200"), (12.34, "12"), (1.26, "1.3"), (0.0123, "0.012"), (95.9, "96")],
)
def test_a_price_is_never_written_as_a_power_of_ten(value: float, shown: str) -> None:
    assert costs.digits(value) == shown


@pytest.mark.parametrize(
    ("moved", "said"),
    [
        ({"rnn": [0.0] * 4, "gru": [0.001] * 4}, "Shuffling moves no network's answer"),
        ({"rnn": [0.5] * 4, "gru": [0.1, 0.3, 0.2, 0.2]}, "Shuffling moves the RNN most (mean 0.50), the GRU least "
         "(0.20)"),
        ({"rnn": [0.3] * 4, "gru": [0.3] * 4}, "Shuffling moves the RNN and the GRU by 0.30 on average"),
        ({"rnn": [0.3] * 4}, "Shuffling moves the RNN by 0.30 on average"),
    ],
)  # fmt: skip
def test_whether_the_order_matters(moved: dict[str, list[float]], said: str) -> None:
    assert shuffle.finding({f: np.array(v) for f, v in moved.items()}) == said


def moved_by(mixing: float, influences: float = 0.2, fixed: bool = False, turned: bool = False) -> Change:
    blank = np.zeros((1, 3, 3), dtype=np.float32)
    before, after = {"positive": 0.8, "negative": 0.2}, {"positive": 0.3 if turned else 0.7, "negative": 0.3}
    given = {
        "mixing_moved": np.full(3, mixing),
        **{f"{kind}_moved": np.full(3, influences) for kind in ("gradient", "substitution")},
        **{f"{part}_{when}": blank for part in ("mixing", "gradient", "substitution") for when in ("before", "after")},
    }
    return Change(name="x", output_before=before, output_after=after, fixed=fixed, **given)


FIXED = {"mlp": moved_by(0, fixed=True), "cnn": moved_by(0, fixed=True)}
CHANGES: list[tuple[dict[str, Any], str, str]] = [
    ({**FIXED, "gru": moved_by(0.3), "lstm": moved_by(0.1)}, "mixing", "The weights of full connection and convolution "
     "are fixed; those of the GRU move most (0.30)"),
    ({"rnn": moved_by(0, fixed=True), "gru": moved_by(0.3)}, "mixing", "The weights of the RNN are fixed (the RNN's "
     "once tanh is taken away); those of the GRU move most (0.30)"),
    ({**FIXED, "gru": moved_by(0.0)}, "mixing", "The weights of full connection and convolution are fixed; those of "
     "the GRU do not move here"),
    ({"gru": moved_by(0.3), "lstm": moved_by(0.1)}, "mixing", "The weights of the GRU move most (0.30)"),
    (FIXED, "mixing", "None of these networks can move its mixing weights: they are fixed after training"),
    ({**FIXED, "gru": moved_by(0, 0.4)}, "gradient", "The gradient influence moves in every network, most in the GRU "
     "(0.40)"),
    ({"mlp": moved_by(0, 0.0), "gru": moved_by(0, 0.4)}, "substitution", "The substitution influence moves in 1 of 2 "
     "networks, most in the GRU (0.40)"),
    ({"mlp": moved_by(0, 0.0), "gru": moved_by(0, 0.0)}, "gradient", "The gradient influence moves in no network"),
]  # fmt: skip


@pytest.mark.parametrize(("found", "part", "said"), CHANGES)
def test_what_changing_a_word_moves(found: dict[str, Change], part: str, said: str) -> None:
    assert changed.finding(found, part) == said


def test_whose_decision_a_change_turns() -> None:
    shown = view({"rnn": {}, "gru": {}})
    assert changed.answers(shown, {"rnn": moved_by(0), "gru": moved_by(0)}) == "No network's decision turns."
    found = {"rnn": moved_by(0), "gru": moved_by(0, turned=True)}
    assert changed.answers(shown, found) == "The decision turns in 1 of 2: the GRU."


def card(share: float, flips: float = 1.0, accuracy: float = 1.0, fits: int = 3200) -> Any:
    row = {"from": 41, "to": 80, "count": 3200, "fits": fits, "accuracy": accuracy, "flips": flips}
    return SimpleNamespace(metrics={"buckets": [{**row, "gradient_share": share}]})


def test_a_gradient_is_set_against_the_flips_only_where_it_is_small() -> None:
    assert tested_distance.gradient_finding({"rnn": card(2e-12, 0.9969), "hybrid": card(0.1)}) == (
        "The RNN gives the far head 2e-12 of its gradient, yet 99.7 % of its decisions follow it"
    )
    said = tested_distance.gradient_finding({"hybrid": card(0.108), "gru": card(0.3), "cnn": card(0.0, 0.01)})
    assert said == (
        "Where decisions follow the far head, so does the gradient: the hybrid gives it least, 0.11; "
        "an even share is about 0.016"
    )
    assert tested_distance.gradient_finding({"cnn": card(0.0, 0.01)}) == "The head's share of the gradient by distance"


def test_the_untrained_gradient_has_a_finding_of_its_own() -> None:
    def start(share: float) -> Any:
        row = {"from": 41, "to": 80, "gradient_share_untrained": share}
        return SimpleNamespace(metrics={"buckets": [row]})

    said = tested_distance.untrained_finding({"rnn": start(2e-4), "hybrid": start(0.01), "mlp": start(np.nan)})
    assert said == "Before training the hybrid gives the far head 1e-02 of its gradient, the RNN 2e-04"
    assert tested_distance.untrained_finding({"rnn": start(2e-4)}) == (
        "Before training the RNN gives the far head 2e-04 of its gradient"
    )


@pytest.mark.parametrize(
    ("cards", "said"),
    [
        ({"gru": card(0), "mlp": card(0, accuracy=0.5)}, "At 41 to 80 words the GRU still answers right; full "
         "connection is near chance"),
        ({"gru": card(0), "lstm": card(0)}, "At 41 to 80 words the GRU and the LSTM still answer right"),
        ({"mlp": card(0, accuracy=0.7), "cnn": card(0, accuracy=0.5)}, "At 41 to 80 words the best is full connection "
         "with 70 %"),
    ],
)  # fmt: skip
def test_who_still_answers_far_away(cards: dict[str, Any], said: str) -> None:
    assert tested_distance.distance_finding(cards) == said


def test_a_network_that_takes_few_of_the_sentences_is_named_with_their_number() -> None:
    assert tested_distance.left_out({"mlp": card(0, fits=1609), "gru": card(0)}) == (
        "Full connection takes 1,609 of the 3,200 beyond 40 words."
    )
    assert tested_distance.left_out({"gru": card(0)}) == ""
    real = models_of("agreement")
    assert f"{real['mlp'].metrics['buckets'][-1]['fits']:,}" in tested_distance.left_out(real)


def test_windows_of_distances_end_where_the_buckets_and_the_reach_of_a_convolution_end() -> None:
    rows = [{"distance": d, "fits": 10, "right": 10 if d <= 10 else 5} for d in range(81)]
    middle, share, low, high = tested_distance.smoothed(SimpleNamespace(metrics={"by_distance": rows}))  # type: ignore
    assert middle.tolist() == [0, *range(3, 81, 5)]
    assert share.tolist() == [1.0] * 3 + [0.5] * 14
    assert (low < share).all()
    assert (high >= share - 1e-12).all()


def test_the_baselines_are_drawn_and_in_the_table() -> None:
    cards = models_of("agreement")
    rows = cards["gru"].metrics["baselines"]["buckets"]
    nearest, commoner = tested_distance.baselines(cards["gru"])
    assert nearest.y.tolist() == [100 * row["last_noun"] for row in rows]
    assert commoner.y.tolist() == [100 * row["majority"] for row in rows]
    table = tested_distance._distance_table(cards)
    at = [i for i, name in enumerate(table["model"]) if name == "nearest noun"]
    shares_of = [table["right"][i] / table["sentences"][i] for i in at]
    assert shares_of == pytest.approx([row["last_noun"] for row in rows], abs=1e-3)


def scored(accuracy: float, half: float) -> dict[str, Any]:
    return {"accuracy": accuracy, "interval": (accuracy - half, accuracy + half)}


def test_whether_the_data_separates_the_networks() -> None:
    counting = {"bag of words": scored(0.7, 0.01), "word pairs": scored(0.75, 0.01)}
    close = {"RNN": scored(0.78, 0.02), "GRU": scored(0.76, 0.02)}
    assert tested.accuracy_finding(close, counting, "film") == (
        "On film, the intervals overlap: this data does not separate the networks; 1 of 2 clearly beat the better way "
        "of counting words"
    )
    apart = {"RNN": scored(0.9, 0.02), "GRU": scored(0.76, 0.02)}
    assert tested.accuracy_finding(apart, counting, "film") == "On film, RNN beats GRU beyond the intervals"


def test_what_a_high_accuracy_does_not_promise_is_read_from_the_cards() -> None:
    cards = {f: card for f, card in models_of("agreement").items() if f in ("gru", "transformer")}
    said = tested_distance.beyond(cards)
    for family, card_ in cards.items():
        first = [row for row in card_.metrics["by_distance"] if row["distance"] <= 10]
        usual = sum(row["right"] for row in first) / sum(row["count"] for row in first)
        asked = percent(card_.metrics["disturbed"]["in_front"]["accuracy"])
        assert f"{article(family)} {asked} (without {percent(usual)})" in said
        assert card_.metrics["disturbed"]["count"] == sum(row["count"] for row in first)
    for row in cards["transformer"].metrics["disturbed"]["moved"]:
        assert f"{percent(row['accuracy'])} (moved by {row['places']})" in said
    assert "Positions were never shifted" not in tested_distance.beyond({"gru": cards["gru"]})


def test_where_the_texts_were_cut_is_said_beside_the_accuracy() -> None:
    assert tested.cut(models_of("sentiment")) == "Trained and tested on the last 64 words and signs of each text. "


@pytest.mark.parametrize(
    ("moved", "said"),
    [
        ([[0, 0], [-0.3, 0.4]], "Difference: the largest in the GRU, where “b” gains 0.40 of the row of “b”"),
        ([[0, 0], [-0.5, 0.4]], "Difference: the largest in the GRU, where “a” loses 0.50 of the row of “b”"),
        ([[0, 0], [0.001, 0]], "Difference: no share moves by 0.01"),
    ],
)
def test_the_largest_difference_is_named(moved: list, said: str) -> None:
    assert changed_maps.largest({"rnn": np.zeros((2, 2)), "gru": np.array(moved)}, ("a", "b")) == said


def test_the_heaviest_word_before_a_change_is_named() -> None:
    maps = {"rnn": np.full((2, 2), 0.5), "gru": np.array([[0.9, 0.1], [0.7, 0.3]])}
    assert changed_maps.heaviest(maps, ("a", "b"), "before") == "Before: most goes to “a” in the GRU, 0.80 of a row"
