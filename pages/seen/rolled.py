"""Rollout: where attention weights go through all layers, one map a network, for the position that looks."""

from typing import Any

from pages.seen import work
from pages.seen.asked import Asked, file_name, title
from pages.shared.figure import figure_block
from viz.pictures import Strip, Tile, gallery

MARKS = {"[CLS]": "the class token", "[DIST]": "the distillation token"}
Pair = tuple[Any, Any]  # what was seen by the trained network, and before training (None where that was too large)


def draw(asked: Asked, seen: dict[str, Pair], who: dict[str, str], width: int) -> None:
    """Rollout through all layers, one map a network."""
    rolls = max(float(now.rolled.max()) for now, _ in seen.values())
    figure_block(
        "pictures_rollout",
        finding(seen, who),
        gallery(
            asked.columns(work.ATTENDING),
            [
                Strip(
                    "Rollout through all layers",
                    [Tile(now.rolled) for now, _ in seen.values()],
                    (0.0, rolls),
                    unit="share",
                    edges=asked.edges(len(seen)),
                )
            ],
            width=width,
            most=170,
        ),
        "Product of (I + A) / 2 over the layers, A averaged over heads (Abnar and Zuidema 2020).",
        lambda: {
            "network": [title(name) for name in seen],
            "looking": list(who.values()),
            "taken from patches": [float(now.rolled.sum()) for now, _ in seen.values()],
            "left on marks such as the class token": [now.rolled_own for now, _ in seen.values()],
        },
        {f"rollout_{file_name(name)}": now.rolled for name, (now, _) in seen.items()},
        "Rollout says where attention weights go. It follows weights, not values, and need not agree with what changes "
        f"the output.{_above_the_stem(asked)}",
        "picture-rollout",
        question="And through all layers?",
    )


def _above_the_stem(asked: Asked) -> str:
    """What a hybrid's convolutions have mixed before attention begins; nothing where none was asked."""
    from models.lens.receptive_field import theoretical
    from models.lens.receptive_field_network import layers_of

    hybrids = asked.names(("hybrid",))
    if not hybrids:
        return ""
    side = theoretical(list(layers_of(work.load(hybrids[0], asked.device).network).values())).size
    return f" In the hybrid it starts above convolutions, each of whose places has already seen {side} × {side} pixels."


def mark_count(now: Any) -> int:
    """How many positions of one network are no patches."""
    return round(1 / now.uniform) - int(now.rolled.size)


def finding(seen: dict[str, Pair], who: dict[str, str]) -> str:
    """What the position that looks takes from all patches together; the rest stays on marks: on itself, if it is the
    only one."""
    parts = [f"{title(name)} takes {now.rolled.sum():.0%}" for name, (now, _) in seen.items()]
    looking = next(iter(who.values()))
    rest = "marks such as the class token"
    if all(mark_count(now) == 1 for now, _ in seen.values()):
        rest = "itself" if looking == MARKS["[CLS]"] else MARKS["[CLS]"]
    where = "patches" if looking in MARKS.values() else "patches, itself among them"
    return f"From {looking}, {', '.join(parts)} from {where}, the rest from {rest}"
