"""Learning rate against curvature: which runs stood above their limit."""

import numpy as np

from models.lens import optimizers_limits
from models.lens.optimizers import Walk
from pages.descent.findings import names
from pages.descent.request import Request, tracks, walks
from pages.shared.figure import figure_block
from viz.stability import RANGE_X, beside, stability
from viz.tracks import Track

SAMPLED = 41  # points of a path at which the curvature is measured


def met(request: Request, walk: Walk) -> tuple[float, float]:
    """Lowest and highest positive curvature on a path, within the drawn box; NaN where there is none."""
    ground = request.ground
    low, high = np.array(ground.box[::2]), np.array(ground.box[1::2])
    points = walk.points[((walk.points >= low) & (walk.points <= high)).all(axis=1)]
    kept = points[np.linspace(0, len(points) - 1, min(SAMPLED, len(points))).astype(int)] if len(points) else []
    found = np.array([optimizers_limits.curvatures(ground.gradient, point) for point in kept])
    bends = found[found > 0]
    return (float(bends.min()), float(bends.max())) if len(bends) else (float("nan"), float("nan"))


def draw(request: Request) -> None:
    """Limits as lines, runs as bars."""
    bend = np.geomspace(*RANGE_X, 61)
    named = optimizers_limits.FIXED_RATE
    limits = {name: optimizers_limits.limit(name, bend) for name in named}
    runs = list(zip(tracks(request), walks(request), strict=True))
    spans = [(track, float(walk.settings["lr"]), *met(request, walk)) for track, walk in runs]
    fixed = [span for span in spans if span[0].key in named]
    drawn = [span for span in fixed if np.isfinite(span[2])]
    figure_block(
        "stability",
        finding(fixed),
        stability(limits, bend, drawn),
        "Above its line a run with a fixed rate is thrown back farther than it came: SGD 2/λ, heavy ball 2(1+μ)/λ, "
        "Nesterov 2(1+μ)/((1+2μ)λ), μ = 0.9. Bars: a run's rate, over the curvatures λ "
        f"from its flattest to its sharpest place.{edge(drawn)}",
        lambda: table(spans),
        {"curvature": bend, **limits},
        "The lines hold for a quadratic and an unchanging rate. Elsewhere a run may cross a sharp place and come back, "
        "and a schedule lowers the rate on the way. Rates that adapt (Adagrad, RMSprop, Adam) have no such line.",
        "optimizers-stability",
        question="Is the rate too large for the curvature?",
    )


Span = tuple[Track, float, float, float]


def finding(fixed: list[Span]) -> str:
    """Which runs with a fixed rate stand above their own line; of some no curvature is known."""
    if not fixed:
        return "No chosen optimizer has a fixed limit: choose SGD, Momentum or Nesterov"
    known = [span for span in fixed if np.isfinite(span[3])]
    over = [span[0] for span in known if span[1] > optimizers_limits.limit(span[0].key, span[3])]
    unknown = [span[0] for span in fixed if not np.isfinite(span[3])]
    parts = [f"{names(over)} stood above the limit somewhere on the way"] if over else []
    if known and not over:
        track, rate, _, high = max(known, key=lambda span: span[1] / optimizers_limits.limit(span[0].key, span[3]))
        share = rate / float(optimizers_limits.limit(track.key, high))
        parts.append(f"Every fixed rate is below its limit; {track.look.title} comes nearest, at {share:.0%} of it")
    if unknown:
        parts.append(f"{names(unknown)} met no upward curve within the drawn surface, so there is no limit to compare")
    return "; ".join(parts)


def edge(drawn: list[Span]) -> str:
    """Which rates the axis does not hold; empty where it holds all."""
    off = [f"{track.look.title} {rate:g}, {beside(rate)} it" for track, rate, *_ in drawn if beside(rate)]
    return f" Off the axis, drawn open at its edge: {'; '.join(off)}." if off else ""


def table(spans: list[Span]) -> dict[str, list]:
    """Rate, curvatures and the limit at the sharpest place."""
    rows = []
    for track, rate, low, high in spans:
        fixed = track.key in optimizers_limits.FIXED_RATE and np.isfinite(high)
        edge = float(optimizers_limits.limit(track.key, high)) if fixed else float("nan")
        rows.append((track.look.title, rate, low, high, edge))
    columns = ("optimizer", "learning rate", "lowest curvature", "highest curvature", "limit at the highest")
    return {name: [row[i] for row in rows] for i, name in enumerate(columns)}
