"""Attention maps and answers of one model while its position codes are moved and its words stay."""

import numpy as np

from models.lens import disturbance
from pages.codes import controls, wide
from pages.codes.disturbed_work import SHUFFLES, Disturbed
from pages.shared.figure import figure_block
from viz.forest import ForestPanel, Mark, forest
from viz.matrices import Panel, matrices
from viz.theme import look

MOVES = ("removed", "shuffled", "shifted")
WARNING = (
    "The model was never trained with codes moved like this: a change shows that it reads its position codes, not "
    "what it reads from them. A map that stays may rest on words alone, or on differences between codes that this "
    "move keeps."
)


def one(found: Disturbed) -> None:
    """One head's map under every kind of move."""
    wide.measure()
    layers, heads = found.uniform.shape
    with controls.row():
        layer = controls.number("Layer", "dlayer", 1, layers, 1, open_ended=False) - 1
        head = controls.number("Head", "dhead", 1, heads, 1, open_ended=False) - 1
        seed = _shuffle()
    maps = {kind: _map(found, kind, seed, layer, head) for kind in disturbance.KINDS}
    moved = {kind: float(found.moved[kind][seed if kind == "shuffled" else 0, layer, head]) for kind in MOVES}
    figure_block(
        "disturbed_one",
        f"Layer {layer + 1}, head {head + 1}: {_listed(moved, found.by)}",
        matrices(
            [Panel("", _name(kind, found.by), values) for kind, values in maps.items()],
            _tokens(found),
            _tokens(found),
            limits=(0.0, max(0.2, max(float(values.max()) for values in maps.values()))),
            per_line=wide.per_line(4),
            colour_title="weight",
            axes=("query", "key"),
            width=wide.whole(),
        ),
        f"Total variation from the normal map, mean over queries; from even attention it is "
        f"{found.uniform[layer, head]:.2f}. The words are the same in all four.",
        lambda: _long(maps, _tokens(found)),
        maps,
        WARNING,
        "positions-moved-head",
        question=f"{found.title}. Does this head follow the codes?",
    )


def every(found: Disturbed) -> None:
    """Total variation of every head, beside even attention."""
    wide.measure()
    seed = _shuffle()
    shown = {kind: found.moved[kind][seed if kind == "shuffled" else 0] for kind in MOVES}
    panels = [Panel("", _name(kind, found.by), values) for kind, values in shown.items()]
    panels.append(Panel("", "even attention instead", found.uniform))
    layers, heads = found.uniform.shape
    means = {kind: float(values.mean()) for kind, values in shown.items()}
    figure_block(
        "disturbed_all",
        f"Over all heads: {_listed(means, found.by)}",
        matrices(
            panels,
            [f"layer {at + 1}" for at in range(layers)],
            [str(at + 1) for at in range(heads)],
            limits=(0.0, 1.0),
            per_line=wide.per_line(4),
            colour_title="total variation",
            axes=("layer", "head"),
            width=wide.whole(),
        ),
        f"How far each head's map moves, mean over queries: 0 as it was, 1 nothing in common. {_extreme(shown)}",
        lambda: _heads(shown, found.uniform),
        {**shown, "even": found.uniform},
        WARNING,
        "positions-moved-heads",
        question=f"{found.title}. Which heads follow the codes?",
    )


def answer(found: Disturbed) -> None:
    """How far the answer moves under each kind; shuffles as dots."""
    rows = [(kind, _name(kind, found.by)) for kind in MOVES]
    if "words" in found.answer:
        rows.append(("words", "words shuffled instead"))
    top = 1.0 if "words" in found.answer else max(0.1, 1.05 * max(float(v.max()) for v in found.answer.values()))
    colour = look("transformer").colour
    marks = [[_mark(found.answer[kind], name)] for kind, name in rows]
    means = {kind: float(found.answer[kind].mean()) for kind in MOVES}
    figure_block(
        "disturbed_answer",
        f"The answer: {_listed(means, found.by)}",
        forest(
            [ForestPanel("", marks)],
            [(name, colour) for _, name in rows],
            x_title=f"{found.measure}: 0 unmoved",
            x_range=(0.0, top),
        ),
        f"{_outputs(found)} Small dots: {SHUFFLES} shuffles; the big mark is their mean.",
        lambda: {
            "moved": [kind for kind, _ in rows for _ in found.answer[kind]],
            "run": [at + 1 for kind, _ in rows for at in range(len(found.answer[kind]))],
            found.measure: [float(value) for kind, _ in rows for value in found.answer[kind]],
        },
        dict(found.answer),
        WARNING,
        "positions-moved-answer",
        question=f"{found.title}. Does the answer follow the codes?",
    )


def _mark(values: np.ndarray, name: str) -> Mark:
    mean = float(values.mean())
    return Mark(mean, runs=values.tolist() if len(values) > 1 else (), text=f"{name}: {mean:.3f}")


def _map(found: Disturbed, kind: str, seed: int, layer: int, head: int) -> np.ndarray:
    record = found.run(kind, seed).attention
    assert record is not None
    return record.map(layer, head)


def _tokens(found: Disturbed) -> tuple[str, ...]:
    return found.normal.axes["encoder"].tokens if found.normal.axes else found.normal.tokens


def _name(kind: str, by: int) -> str:
    return {
        "normal": "as it is",
        "removed": "codes removed",
        "shuffled": "codes shuffled",
        "shifted": f"codes shifted by {by}",
    }[kind]


def _listed(values: dict[str, float], by: int) -> str:
    """ "codes removed move it by 0.31, shuffled by 0.40, shifted by 20 by 0.05"."""
    first, second, third = (values[kind] for kind in MOVES)
    return f"removing the codes moves it by {first:.2f}, shuffling by {second:.2f}, a shift of {by} by {third:.2f}"


def _extreme(shown: dict[str, np.ndarray]) -> str:
    """The head that follows a shuffle most and least."""
    values = shown["shuffled"]
    most, least = (np.unravel_index(int(pick(values)), values.shape) for pick in (np.argmax, np.argmin))
    (a, b), (c, d) = most, least
    return (
        f"A shuffle moves layer {a + 1}, head {b + 1} most ({values[most]:.2f}) and layer {c + 1}, head {d + 1} "
        f"least ({values[least]:.2f})."
    )


def _shuffle() -> int:
    """Which of the shuffles is drawn, from 0."""
    return controls.number("Shuffle", "dshuffle", 1, SHUFFLES, 1, open_ended=False) - 1


def _outputs(found: Disturbed) -> str:
    """The last label's probability in each run, the mean over shuffles."""
    if not found.normal.output:
        return "This model has no classes: compared are its mean last states."
    label = list(found.normal.output)[-1]
    means = {kind: np.mean([run.output[label] for run in found.runs[kind]]) for kind in disturbance.KINDS}
    return f"p({label}): {', '.join(f'{_name(kind, found.by)} {value:.2f}' for kind, value in means.items())}."


def _long(maps: dict[str, np.ndarray], tokens: tuple[str, ...]) -> dict[str, list]:
    rows = [
        (kind, q + 1, tokens[q], k + 1, tokens[k], float(values[q, k]))
        for kind, values in maps.items()
        for q in range(len(tokens))
        for k in range(len(tokens))
    ]
    columns = ("codes", "query place", "query", "key place", "key", "weight")
    return {name: [row[at] for row in rows] for at, name in enumerate(columns)}


def _heads(shown: dict[str, np.ndarray], uniform: np.ndarray) -> dict[str, list]:
    places = [(layer, head) for layer in range(len(uniform)) for head in range(uniform.shape[1])]
    return {
        "layer": [layer + 1 for layer, _ in places],
        "head": [head + 1 for _, head in places],
        **{kind: [float(values[at]) for at in places] for kind, values in shown.items()},
        "even attention": [float(uniform[at]) for at in places],
    }
