"""How far does it see, and does the gradient arrive? Both against depth, a small panel a model."""

from dataclasses import replace

import numpy as np

from models.lens.receptive_field import mean_widths
from models.reading import Reading
from pages.rows.view import View, article, counted, names, sentence
from pages.shared.figure import figure_block
from viz.curves import Line
from viz.lines import LinePanel, small_lines
from viz.theme import look

GRADIENT_RANGE = (1e-9, 1e4)


def reach(view: View) -> None:
    """Words that the wiring reaches by layer, and the width that holds 90 % of the measured influence."""
    length = len(view.tokens)
    measured = {f: mean_widths(r.gradient.values) for f, r in view.readings.items() if r.gradient is not None}
    really = {f: mean_widths(r.substitution.values) for f, r in view.readings.items() if r.substitution is not None}
    wired = {f: [span(pair, length) for pair in r.reach] for f, r in view.readings.items()}
    panels = []
    for family, title, reading, why in view.titled():
        found = None
        if reading is not None:
            layers = np.arange(len(wired[family]))
            found = [Line(family, "wired", layers, np.array(wired[family], dtype=float))]
            if family in measured:
                found.append(Line(family, "90 %, gradient", layers[-1:], np.array([measured[family][1]])))
            if family in really:
                hollow = replace(look(family), symbol="circle-open")
                found.append(
                    Line(family, "90 %, substitution", layers[-1:], np.array([really[family][1]]), look=hollow)
                )
        panels.append(LinePanel(family, title, found, why))
    figure = small_lines(
        panels,
        x_title="layer",
        y_title="words to one side",
        per_line=view.per_line,
        y_range=(0.0, float(max(2, length - 1))),
        width=view.width,
        height=110,
    )
    figure_block(
        "reach",
        reach_finding(view, wired, measured, length),
        figure,
        "Line: how far the wiring reaches, by layer. Single marks: the distance holding 90 % of measured influence, by "
        "gradient; open circle: by substitution.",
        lambda: _reach_table(wired, measured, really),
        {f"{f.replace('-', '_')}_wired": np.array(v, dtype=float) for f, v in wired.items()}
        | {f"{f.replace('-', '_')}_measured_50_90_99": np.array(v) for f, v in measured.items()}
        | {f"{f.replace('-', '_')}_substitution_50_90_99": np.array(v) for f, v in really.items()},
        "Reach is what the wiring allows, not what the trained network uses. The measured width is a mean over "
        "positions of the influence on this text alone.",
        "reach",
        question="How far does it see?",
    )


def span(pair: tuple[int | None, int | None], length: int) -> int:
    """The farther side of a reach, cut at the length of the text."""
    return max(length - 1 if side is None else min(side, length - 1) for side in pair)


def reach_finding(view: View, wired: dict[str, list[int]], measured: dict[str, tuple[float, ...]], length: int) -> str:
    """Who is cut off by wiring, else who uses least of what it could."""
    cut = sorted((f for f, spans in wired.items() if spans[-1] < length - 1), key=lambda f: wired[f][-1])
    if cut:
        last = ", ".join(f"{article(f)} not farther than {counted(wired[f][-1])}" for f in cut[1:])
        rest = len(wired) - len(cut)
        others = "; the others can reach the whole text" if rest > 1 else ""
        if rest == 1:
            others = f"; {article(next(f for f in wired if f not in cut))} can reach the whole text"
        start = f"{article(cut[0])} cannot see farther than {counted(wired[cut[0]][-1])}"
        return sentence(start + (f", {last}" if last else "") + others)
    if not measured:
        return "Every network's wiring reaches the whole text"
    family = min(measured, key=lambda f: measured[f][1])
    return sentence(
        f"every wiring reaches the whole text; {article(family)} draws 90 % of its gradient influence from "
        f"within {measured[family][1]:.1f} words"
    )


def _reach_table(
    wired: dict[str, list[int]], measured: dict[str, tuple[float, ...]], really: dict[str, tuple[float, ...]]
) -> dict[str, list]:
    kinds = [f"{share} %, {kind}" for kind in ("gradient", "substitution") for share in (50, 90, 99)]
    table: dict[str, list] = {name: [] for name in ("model", "wired reach", *kinds)}
    blank = (float("nan"),) * 3
    for family, spans in wired.items():
        widths = (*measured.get(family, blank), *really.get(family, blank))
        for column, value in zip(table, (family, spans[-1], *widths), strict=True):
            table[column].append(value)
    return table


def gradient(view: View) -> None:
    """d loss / d hidden for every layer, one fixed logarithmic axis."""
    flows = {f: flow(r, view) for f, r in view.readings.items()}
    panels = [
        LinePanel(
            family,
            title,
            [Line(family, "", np.arange(len(flows[family])), flows[family])] if reading else None,
            why,
        )
        for family, title, reading, why in view.titled()
    ]
    figure = small_lines(
        panels,
        x_title="layer",
        y_title="gradient norm",
        per_line=view.per_line,
        log_y=True,
        y_range=GRADIENT_RANGE,
        width=view.width,
        height=110,
    )
    figure_block(
        "gradient",
        gradient_finding(flows),
        figure,
        f"Norm of d loss / d hidden by layer, 0 the input; the loss is the cross-entropy against “{view.label}”.",
        lambda: _flow_table(flows),
        {f.replace("-", "_"): v for f, v in flows.items()},
        "A network that already gives this answer has a small loss, hence small gradients everywhere: compare the "
        "slope along the layers, not the height. Depth is two to five layers here; deep stacks are another matter.",
        "gradient-by-depth",
        question="Does the gradient arrive?",
    )


def flow(reading: Reading, view: View) -> np.ndarray:
    return reading.flows[view.request.target].norms


def gradient_finding(flows: dict[str, np.ndarray]) -> str:
    """The largest change between the read-out and the input, in powers of ten."""
    ratio = {f: float(v[0] / v[-1]) for f, v in flows.items() if v[-1] > 0 and v[0] > 0}
    if not ratio:
        return "No gradient arrives: the loss is zero in the precision of the numbers"
    lost = {f: -np.log10(r) for f, r in ratio.items()}
    worst = max(lost, key=lambda f: lost[f])
    if dead := [f for f in flows if f not in ratio]:
        return sentence(f"no gradient arrives in {names(dead)}: it is zero in the precision of the numbers")
    if lost[worst] < 1:
        grown = min(lost, key=lambda f: lost[f])
        return sentence(
            f"the gradient arrives in every network; in {article(grown)} it is {ratio[grown]:.1f} times as large at "
            "the input as at the end"
        )
    return sentence(f"{article(worst)} loses {lost[worst]:.1f} powers of ten of its gradient on the way to the input")


def _flow_table(flows: dict[str, np.ndarray]) -> dict[str, list]:
    rows = [(f, layer, float(norm)) for f, norms in flows.items() for layer, norm in enumerate(norms)]
    return {name: [row[i] for row in rows] for i, name in enumerate(("model", "layer", "gradient norm"))}
