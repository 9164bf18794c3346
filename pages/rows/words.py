"""Which words move the answer? By gradient, and by leaving the word out as an independent witness."""

import numpy as np
import streamlit as st

from models.reading import MATRIX_LIMIT
from pages.rows.view import MOVED, View, article, sentence, shares, word
from pages.shared.figure import figure_block
from viz.matrices import Panel
from viz.strips import strips


def gradient(view: View) -> None:
    """A strip a model: how the answer moves for an infinitesimal change of each word."""
    raw = {family: r.of_output[view.request.target] for family, r in view.readings.items()}
    drawn = {family: shares(values) for family, values in raw.items()}
    panels = [Panel(f, title, drawn.get(f), note=why) for f, title, _, why in view.titled()]
    top = max(float(values.max()) for values in drawn.values())
    figure = strips(panels, view.tokens, limits=(0.0, max(top, 0.1)), colour_title="share", width=view.width)
    figure_block(
        "words_gradient",
        strongest(view, drawn),
        figure,
        f"Norm of the gradient of the logit of “{view.label}” with respect to each word's embedding, as shares.",
        lambda: _table(view, raw, "gradient norm"),
        {family.replace("-", "_"): values for family, values in raw.items()},
        "A large gradient says that a small nudge of the word would move the answer, not that the word speaks for it. "
        "A saturated network has no gradient where a real change still turns the answer.",
        "words-gradient",
        question="Which words could move the answer?",
    )


def occlusion(view: View) -> None:
    """A strip a model: how the answer moves when a word is left out."""
    if len(view.tokens) > MATRIX_LIMIT:
        st.info(f"Leaving words out is shown to {MATRIX_LIMIT} tokens; this text has {len(view.tokens)}.")
        return
    raw = {family: r.occlusion[view.request.target] for family, r in view.readings.items()}
    panels = [Panel(f, title, raw.get(f), note=why) for f, title, _, why in view.titled()]
    most = max([float(np.nanmax(np.abs(values))) for values in raw.values() if np.isfinite(values).any()] + [0.05])
    figure = strips(
        panels,
        view.tokens,
        limits=(-most, most),
        scale="diverging",
        colour_title="change of p",
        width=view.width,
    )
    figure_block(
        "words_occlusion",
        dropped(view, raw),
        figure,
        f"p({view.label}) of the whole text less that without the word: positive where the word speaks for it.",
        lambda: _table(view, raw, "change of probability"),
        {family.replace("-", "_"): values for family, values in raw.items()},
        "A text without a word is often no sentence, and every later word moves up one place. Two words that say the "
        "same can each be dropped without effect.",
        "words-left-out",
        question="Which words move it when they are left out?",
    )


def strongest(view: View, drawn: dict[str, np.ndarray]) -> str:
    """The word with the largest share in most models; where no two agree, the largest share of all."""
    tokens = view.first.trace.tokens
    tops = {family: int(np.argmax(values)) for family, values in drawn.items() if values.any()}
    if not tops:
        return "No gradient reaches any word"
    share = {family: float(drawn[family][at]) for family, at in tops.items()}
    most = max(share, key=lambda f: share[f])
    agreed = [[f for f in tops if tops[f] == at] for at in dict.fromkeys(tops.values())]
    together = max(agreed, key=lambda families: (len(families), max(share[f] for f in families)))
    if len(together) > 1:
        return (
            f"{len(together)} of {len(drawn)} networks lean most on {word(tokens, tops[together[0]])}, "
            f"with up to {max(share[f] for f in together):.2f} of the gradient"
        )
    start = "" if len(tops) == 1 else "no two networks lean most on the same word; "
    leans = "leans most" if len(tops) == 1 else "leans hardest,"
    return sentence(f"{start}{article(most)} {leans} on {word(tokens, tops[most])} ({share[most]:.2f} of its gradient)")


def dropped(view: View, raw: dict[str, np.ndarray]) -> str:
    """The largest single effect of leaving a word out."""
    effects = {f: v for f, v in raw.items() if np.isfinite(v).any()}
    if not effects:
        return "A text of one word has nothing left without it"
    family = max(effects, key=lambda f: float(np.nanmax(np.abs(effects[f]))))
    at = int(np.nanargmax(np.abs(effects[family])))
    change = float(effects[family][at])
    way = "lowers" if change > 0 else "raises"
    token = word(view.first.trace.tokens, at)
    if abs(change) < MOVED:
        return "Leaving out any single word moves no probability by 0.01"
    return sentence(
        f"leaving out {token} {way} p({view.label}) of {article(family)} by {abs(change):.2f}, the most of all"
    )


def _table(view: View, raw: dict[str, np.ndarray], name: str) -> dict[str, list]:
    tokens = view.first.trace.tokens
    rows = [(f, at + 1, token, float(raw[f][at])) for f in raw for at, token in enumerate(tokens)]
    columns = ("model", "place", "word", name)
    return {column: [row[i] for row in rows] for i, column in enumerate(columns)}
