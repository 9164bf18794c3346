"""The update rules as formulas, in symbols and with the numbers of one step filled in."""

import numpy as np

from models.lens.optimizers import Walk

SYMBOLS = {
    "sgd": r"\theta_{t} = \theta_{t-1} - \eta\, g_t",
    "momentum": r"v_t = \mu\, v_{t-1} + g_t \qquad \theta_{t} = \theta_{t-1} - \eta\, v_t",
    "nesterov": r"v_t = \mu\, v_{t-1} + g_t \qquad \theta_{t} = \theta_{t-1} - \eta\, (g_t + \mu\, v_t)",
    "adagrad": r"v_t = v_{t-1} + g_t^2 \qquad \theta_{t} = \theta_{t-1} - \eta\, \frac{g_t}{\sqrt{v_t} + \epsilon}",
    "rmsprop": r"v_t = \alpha\, v_{t-1} + (1-\alpha)\, g_t^2 \qquad "
    r"\theta_{t} = \theta_{t-1} - \eta\, \frac{g_t}{\sqrt{v_t} + \epsilon}",
    "adam": r"\begin{gathered} m_t = \beta_1 m_{t-1} + (1-\beta_1)\, g_t \qquad "
    r"v_t = \beta_2 v_{t-1} + (1-\beta_2)\, g_t^2 \\[4pt] "
    r"\hat m_t = \frac{m_t}{1-\beta_1^t} \qquad \hat v_t = \frac{v_t}{1-\beta_2^t} \qquad "
    r"\theta_{t} = \theta_{t-1} - \eta\, \frac{\hat m_t}{\sqrt{\hat v_t} + \epsilon} \end{gathered}",
}
SYMBOLS["adamw"] = SYMBOLS["adam"].replace(
    r"\theta_{t} = \theta_{t-1}", r"\theta_{t} = (1 - \eta\lambda)\, \theta_{t-1}"
)


def filled(walk: Walk, step: int) -> list[str]:
    """The same rule with every number of step `step` (from 1) of a walk, one LaTeX line a formula."""
    if not 1 <= step <= len(walk.terms):
        raise ValueError(f"step must lie in 1..{len(walk.terms)}, got {step}")
    now, t = walk.terms[step - 1], step
    old = walk.terms[step - 2] if step > 1 else {name: np.zeros_like(value) for name, value in now.items()}
    x, new, rate, s = walk.points[step - 1], walk.points[step], number(walk.rates[step - 1]), walk.settings
    g = pair(now["g"])
    if walk.name == "sgd":
        return [rf"g_{{{t}}} = {g}", rf"\theta_{{{t}}} = {pair(x)} - {rate} \cdot {g} = {pair(new)}"]
    v, before = pair(now["v"]), pair(old["v"])
    if walk.name in ("momentum", "nesterov"):
        mu = number(s["momentum"])
        step_by = rf"\left({g} + {mu} \cdot {v}\right)" if walk.name == "nesterov" else v
        first = rf"v_{{{t}}} = {mu} \cdot {before} + {g} = {v}"
        return [first, rf"\theta_{{{t}}} = {pair(x)} - {rate} \cdot {step_by} = {pair(new)}"]
    if walk.name in ("adagrad", "rmsprop"):
        alpha = s.get("alpha")
        kept = before if alpha is None else rf"{number(alpha)} \cdot {before}"
        share = "" if alpha is None else rf"{number(1 - alpha)} \cdot "
        last = rf"\theta_{{{t}}} = {pair(x)} - {rate} \cdot \frac{{{g}}}{{\sqrt{{{v}}} + \epsilon}} = {pair(new)}"
        return [rf"v_{{{t}}} = {kept} + {share}{g}^2 = {v}", last]
    return _adam(walk, step, old, rate)


def _adam(walk: Walk, t: int, old: dict, rate: str) -> list[str]:
    now, s = walk.terms[t - 1], walk.settings
    first, second = s["betas"]
    m, v, m_hat, v_hat = (pair(now[name]) for name in ("m", "v", "m_hat", "v_hat"))
    g, x, new = pair(now["g"]), pair(walk.points[t - 1]), pair(walk.points[t])
    shrink = rf"(1 - {rate} \cdot {number(s['weight_decay'])}) \cdot " if walk.name == "adamw" else ""
    return [
        rf"m_{{{t}}} = {number(first)} \cdot {pair(old['m'])} + {number(1 - first)} \cdot {g} = {m}",
        rf"v_{{{t}}} = {number(second)} \cdot {pair(old['v'])} + {number(1 - second)} \cdot {g}^2 = {v}",
        rf"\hat m_{{{t}}} = {m} / {number(1 - first**t)} = {m_hat}",
        rf"\hat v_{{{t}}} = {v} / {number(1 - second**t)} = {v_hat}",
        rf"\theta_{{{t}}} = {shrink}{x} - {rate} \cdot \frac{{{m_hat}}}{{\sqrt{{{v_hat}}} + \epsilon}} = {new}",
    ]


def pair(values: np.ndarray) -> str:
    """A vector as a LaTeX column; squares and roots of it are meant entry by entry."""
    return r"\begin{pmatrix}" + r"\\".join(number(value) for value in values) + r"\end{pmatrix}"


def number(value: float) -> str:
    """Four significant digits, powers of ten where they are needed; infinity and NaN by name."""
    if np.isnan(value):
        return r"\text{NaN}"
    if np.isinf(value):
        return r"\infty" if value > 0 else r"-\infty"
    text = f"{value:.4g}"
    if "e" not in text:
        return text
    base, power = text.split("e")
    return rf"{base} \cdot 10^{{{int(power)}}}"
