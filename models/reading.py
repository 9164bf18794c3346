"""Everything that one model says about one text, in arrays: what the first page shows in a column."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.lens.cost import Cost
from models.lens.gradient_flow import Flow
from models.lens.influence import Influence
from models.trace import Trace

if TYPE_CHECKING:
    from models.sequence import SequenceModel

MATRIX_LIMIT = 128


@dataclass(frozen=True)
class Reading:
    """gradient, substitution   influence matrices [T, T]; None beyond MATRIX_LIMIT tokens
    of_output, occlusion     what each word does to each class, [classes, T]; occlusion is NaN beyond MATRIX_LIMIT
    flows                    gradient norms by depth, one a class
    reach                    words seen before and after, for the input and each layer; None means all
    moved                    total variation of the output under seeded shuffles
    """

    name: str
    trace: Trace
    gradient: Influence | None
    substitution: Influence | None
    of_output: NDArray[np.float32]
    occlusion: NDArray[np.float32]
    flows: tuple[Flow, ...]
    reach: tuple[tuple[int | None, int | None], ...]
    moved: NDArray[np.float64]
    cost: Cost


@dataclass(frozen=True)
class Change:
    """One model before and after a change of one word.

    mixing_before, mixing_after          mixing weights [L, T, T], rows sum to 1
    gradient_before, gradient_after      influence by gradient [T, T], as models.lens.influence has it
    substitution_before, ..._after       influence by substitution [T, T]
    mixing_moved, gradient_moved, ...    total variation of each row, [T]; of the weights averaged over layers
    fixed                                whether the weights cannot depend on the words, by construction
    """

    name: str
    output_before: dict[str, float]
    output_after: dict[str, float]
    mixing_before: NDArray[np.float32]
    mixing_after: NDArray[np.float32]
    mixing_moved: NDArray[np.float64]
    gradient_before: NDArray[np.float32]
    gradient_after: NDArray[np.float32]
    gradient_moved: NDArray[np.float64]
    substitution_before: NDArray[np.float32]
    substitution_after: NDArray[np.float32]
    substitution_moved: NDArray[np.float64]
    fixed: bool


def read(model: "SequenceModel", text: str) -> Reading:
    """Run one bundled model on a text; ValueError where the model cannot take it."""
    from models.lens import cost, gradient_flow, influence, order, receptive_field

    trace = model.trace(text)
    small = len(trace.tokens) <= MATRIX_LIMIT
    classes = range(len(model.labels))
    return Reading(
        name=model.card.name,
        trace=trace,
        gradient=influence.matrix(model, text, "gradient") if small else None,
        substitution=influence.matrix(model, text, "substitution") if small else None,
        of_output=np.stack([influence.of_output(model, text, target) for target in classes]),
        occlusion=np.stack([influence.occlusion(model, text, target) for target in classes])
        if small
        else np.full((len(classes), len(trace.tokens)), np.nan, dtype=np.float32),
        flows=tuple(gradient_flow.by_depth(model, text, target) for target in classes),
        reach=tuple(receptive_field.reach_by_depth(model.network)),
        moved=order.shuffled(model, text),
        cost=cost.of_model(model, text),
    )


def change(model: "SequenceModel", before: str, after: str) -> Change:
    """Compare two texts of equal length word by word; ValueError where they differ in length or are too long."""
    from models.lens import influence, mixing

    lengths = [len(model.encode(text)) for text in (before, after)]
    if lengths[0] != lengths[1]:
        raise ValueError(f"one word must become one word: the text has {lengths[0]} tokens, changed {lengths[1]}")
    if lengths[0] > MATRIX_LIMIT:
        raise ValueError(f"changing a word is shown for at most {MATRIX_LIMIT} tokens, the text has {lengths[0]}")
    old, new = (mixing.weights(model, text) for text in (before, after))
    saw, sees = (influence.matrix(model, text, "gradient").values for text in (before, after))
    felt, feels = (influence.matrix(model, text, "substitution").values for text in (before, after))
    return Change(
        name=model.card.name,
        output_before=dict(model.trace(before).output),
        output_after=dict(model.trace(after).output),
        mixing_before=old,
        mixing_after=new,
        mixing_moved=mixing.total_variation(old, new).mean(axis=0),
        gradient_before=saw,
        gradient_after=sees,
        gradient_moved=mixing.total_variation(saw, sees),
        substitution_before=felt,
        substitution_after=feels,
        substitution_moved=mixing.total_variation(felt, feels),
        fixed=mixing.fixed(model),
    )
