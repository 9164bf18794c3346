"""Where the word vectors of the sentiment models start: MiniLM's own, projected onto their principal components.

Twelve thousand short opinions name most words once or twice; a start from vectors learnt on plain text spares every
family alike the learning of what words have in common. Nothing of MiniLM but its embedding table is used.
"""

import torch
from torch import Tensor

from models.pretrained.places import MINILM, locate
from models.tokenizer import UNKNOWN


def start(words: tuple[str, ...], width: int) -> tuple[Tensor, Tensor]:
    """(vectors [V, width], found bool [V]) of a vocabulary.

    A word is the mean of the vectors of MiniLM's pieces of it; the centred table is projected onto its first `width`
    principal components and scaled to the standard deviation width^-0.5 of the random start, so that only the
    directions are new. The unknown word, and words that MiniLM cannot spell, are not found.
    """
    pieces, table = _minilm()
    spelled = [[] if word == UNKNOWN else pieces(word) for word in words]
    found = torch.tensor([bool(ids) for ids in spelled])
    mean = torch.stack([table[ids].mean(dim=0) for ids in spelled if ids])
    centred = mean - mean.mean(dim=0)
    directions = torch.linalg.svd(centred, full_matrices=False)[2][:width]
    projected = centred @ directions.T
    vectors = torch.zeros(len(words), width)
    vectors[found] = projected / projected.std() * width**-0.5
    return vectors, found


def _minilm():  # type: ignore[no-untyped-def]
    """(word -> ids of its pieces, or nothing where one is unknown; the embedding table [V, 384])."""
    from safetensors import safe_open
    from transformers import AutoTokenizer

    folder = locate(MINILM).folder
    tokenizer = AutoTokenizer.from_pretrained(folder)

    def pieces(word: str) -> list[int]:
        ids = tokenizer(word, add_special_tokens=False)["input_ids"]
        return [] if tokenizer.unk_token_id in ids else ids

    with safe_open(folder / "model.safetensors", framework="pt") as weights:
        name = next(key for key in weights.keys() if key.endswith("word_embeddings.weight"))  # noqa: SIM118
        return pieces, weights.get_tensor(name).float()
