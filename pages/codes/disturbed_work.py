"""What the view "On a model" computes: runs with moved position codes, and the permutation test."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from models import pretrained
from models.cards import cards
from models.lens import disturbance, order, permutation
from models.trace import Trace
from pages.codes.controls import DOG, FILM, KEYS
from pages.shared import loading

Report = Callable[[float, str], None]
SHUFFLES = 8
LONGEST = 128  # tokens whose maps are compared
SENTENCES = {
    "sentiment-transformer": FILM,
    "agreement-transformer": KEYS,
    "agreement-far-transformer": KEYS,
    pretrained.MINILM: DOG,
}


@dataclass(frozen=True)
class Disturbed:
    """Runs by kind, shuffled ones as many as there are seeds.

    moved    kind -> [runs, L, H] total variation of the maps from the normal run's
    answer   kind -> [runs] how far the answer moves, by `measure`; "words" shuffles the words instead, for classifiers
    """

    title: str
    by: int
    runs: dict[str, list[Trace]]
    moved: dict[str, np.ndarray]
    uniform: np.ndarray
    answer: dict[str, np.ndarray]
    measure: str

    @property
    def normal(self) -> Trace:
        return self.runs["normal"][0]

    def run(self, kind: str, seed: int) -> Trace:
        """The run of a kind; `seed` picks the shuffle."""
        return self.runs[kind][seed if kind == "shuffled" else 0]


def disturbed(report: Report, name: str, text: str, by: int, device: str) -> Disturbed:
    """Eleven runs of one model: normal, removed, shifted, and eight shuffles."""
    report(0.0, "Loading the model.")
    model = loading.model(name, device)
    seeds = {kind: range(SHUFFLES if kind == "shuffled" else 1) for kind in disturbance.KINDS}
    runs: dict[str, list[Trace]] = {kind: [] for kind in seeds}
    todo = [(kind, seed) for kind, count in seeds.items() for seed in count]
    for at, (kind, seed) in enumerate(todo):
        report(at / len(todo), f"Position codes {kind}.")
        runs[kind].append(disturbance.trace(model, text, kind, seed=seed, by=by))
        if len(runs["normal"][0].tokens) > LONGEST:
            raise ValueError(f"This view reads at most {LONGEST} tokens; got {len(runs['normal'][0].tokens)}.")
    normal = runs["normal"][0]
    moved = {kind: np.array([disturbance.maps_moved(normal, run) for run in runs[kind]]) for kind in seeds}
    found = {kind: [disturbance.answer_moved(normal, run) for run in runs[kind]] for kind in seeds}
    answer = {kind: np.array([value for value, _ in pairs]) for kind, pairs in found.items()}
    if normal.output:
        answer["words"] = order.shuffled(model, text, SHUFFLES)
    title = f"{model.card.title}, {model.card.task}" if name != pretrained.MINILM else "MiniLM"
    measure = found["normal"][0][1]
    return Disturbed(title, by, runs, moved, disturbance.from_uniform(normal), answer, measure)


@dataclass(frozen=True)
class Tested:
    """One network of the permutation test: errors [permutations], or a note that says why there are none."""

    title: str
    family: str
    errors: np.ndarray | None
    note: str = ""


def permuted(report: Report, text: str) -> list[Tested]:
    """A bag of words, the bundled sentiment networks as they are, and the transformer without codes in two forms."""
    found = []
    known = {card.family: card for card in cards("sentiment")}
    report(0.0, "Bag of words.")
    base = loading.model(known["transformer"].name, "cpu")
    found.append(Tested("Bag of words", "", permutation.bag(base, text)))
    for at, card in enumerate(known.values()):
        report((at + 1) / (len(known) + 2), f"{card.title}.")
        try:
            errors = permutation.of_model(loading.model(card.name, "cpu"), text)
            found.append(Tested(card.title, card.family, errors))
        except ValueError as fault:
            found.append(Tested(card.title, card.family, None, str(fault)))
    report((len(known) + 1) / (len(known) + 2), "Transformer without positions.")
    bare = permutation.without_codes(base, text)
    found.append(Tested("Encoder, no positions", "transformer", bare["encoder"]))
    found.append(Tested("Decoder, no positions", "transformer", bare["decoder"]))
    return found
