"""Does the order of the words matter? Shuffle them and watch the output."""

import numpy as np
from numpy.typing import NDArray

from models.lens.influence import Lensed

SHUFFLES = 16


def shuffled(model: Lensed, text: str, shuffles: int = SHUFFLES, seed: int = 0) -> NDArray[np.float64]:
    """Total variation between the output of the text and of each seeded shuffle of its words, [shuffles] in 0..1.

    0: the output does not move. A bag of words gives 0 for every shuffle.
    """
    import torch

    ids = model.ids(text)
    rng = np.random.default_rng(seed)
    orders = np.stack([rng.permutation(ids.shape[1]) for _ in range(shuffles)])
    texts = ids[0].cpu()[torch.from_numpy(orders)].to(ids.device)
    before = model.run(model.embed(ids)).logits.double().softmax(dim=-1)
    after = model.run(model.embed(texts)).logits.double().softmax(dim=-1)
    return (0.5 * (after - before).abs().sum(dim=-1)).detach().cpu().numpy()
