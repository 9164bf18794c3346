"""How the networks of the training page are drawn: the architectures, and forms of them that are compared there."""

from viz.theme import ARCHITECTURES, Look

VARIANTS = {
    **ARCHITECTURES,
    "perceptron": Look("Perceptron", "#6B7280", "dash", "x"),
    "mlp-norm": Look("MLP + norm", "#56B4E9", "dash", "triangle-down", True),
    "mlp-residual": Look("MLP + residual", "#7A5195", "longdash", "diamond"),
    "mlp-both": Look("MLP + both", "#A6761D", "solid", "circle"),
    "transformer-wide": Look("Wide head, divided", "#0072B2", "solid", "star-triangle-up"),
    "transformer-unscaled": Look("Wide, not divided", "#0072B2", "dot", "star-open"),
}


def variant(key: str) -> Look:
    """The look of network `key`."""
    if key not in VARIANTS:
        raise ValueError(f"network must be one of {', '.join(VARIANTS)}; got {key!r}")
    return VARIANTS[key]
