"""Learning rate against curvature: which runs stood above their limit."""

import numpy as np

from models.lens import optimizers_limits
from models.lens.optimizers import Walk
from pages.descent.request import Request, tracks, walks
from pages.shared.figure import figure_block
from viz.stability import RANGE_X, stability
from viz.tracks import OPTIMIZERS, Track

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
    drawn = [span for span in spans if np.isfinite(span[2]) and span[0].key in named]
    figure_block(
        "stability",
        finding(drawn),
        stability(limits, bend, drawn),
        "Above its line a run with a fixed rate is thrown back farther than it came: SGD 2/λ, heavy ball 2(1+μ)/λ, "
        "Nesterov 2(1+μ)/((1+2μ)λ), μ = 0.9. Bars: a run's rate, over the curvatures λ "
        "from its flattest to its sharpest place.",
        lambda: table(spans),
        {"curvature": bend, **limits},
        "The lines hold for a quadratic and an unchanging rate. Elsewhere a run may cross a sharp place and come back, "
        "and a schedule lowers the rate on the way. Rates that adapt (Adagrad, RMSprop, Adam) have no such line.",
        "optimizers-stability",
        question="Is the rate too large for the curvature?",
    )


def finding(spans: list[tuple[Track, float, float, float]]) -> str:
    """Which runs stand above their own line."""
    if not spans:
        return "No chosen optimizer has a fixed limit: choose SGD, Momentum or Nesterov"
    over = [
        OPTIMIZERS[track.key].title for track, rate, _, high in spans if rate > optimizers_limits.limit(track.key, high)
    ]
    if over:
        return f"{' and '.join(over)} stood above the limit somewhere on the way"
    track, rate, _, high = max(spans, key=lambda span: span[1] / optimizers_limits.limit(span[0].key, span[3]))
    share = rate / float(optimizers_limits.limit(track.key, high))
    return f"Every fixed rate is below its limit; {track.look.title} comes nearest, at {share:.0%} of it"


def table(spans: list[tuple[Track, float, float, float]]) -> dict[str, list]:
    """Rate, curvatures and the limit at the sharpest place."""
    rows = []
    for track, rate, low, high in spans:
        fixed = track.key in optimizers_limits.FIXED_RATE and np.isfinite(high)
        edge = float(optimizers_limits.limit(track.key, high)) if fixed else float("nan")
        rows.append((track.look.title, rate, low, high, edge))
    columns = ("optimizer", "learning rate", "lowest curvature", "highest curvature", "limit at the highest")
    return {name: [row[i] for row in rows] for i, name in enumerate(columns)}
