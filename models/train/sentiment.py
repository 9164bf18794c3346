"""Train and measure the sentiment models: `make train-sentiment` (about an hour of one core).

Each family gets the same start (word vectors from MiniLM, see word_vectors) and the same budget: three learning rates
with one seed, then two more seeds with the best rate, five passes over the data each; the best pass by validation is
kept, and the best of three seeds is bundled. Finished runs are kept in .cache/train.
"""

import argparse
import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from models.cards import WEIGHTS, write_card
from models.scores import interval
from models.tokenizer import WordTokenizer
from models.train.fit import Batch, batch, fit, probabilities
from models.train.sentiment_data import LABELS, read, split
from models.train.word_vectors import start
from models.zoo import WIDTH, Network, build

ARCHITECTURES = ("mlp", "cnn", "rnn", "lstm", "gru", "transformer", "hybrid")
READOUT = {"mlp": "mean", "cnn": "max", "transformer": "mean", "hybrid": "mean"}
RATES, SEEDS = (2e-3, 4e-3, 8e-3), (0, 1, 2)
SIZE, PASSES, LONGEST = 64, 5, 64
VOCABULARY, DROPOUT, FORGET, DECAY = 5000, 0.4, 0.1, 0.05
RUNS = Path(".cache/train")


class Corpus:
    """The split texts as ids, and the tokenizer learnt from the training part alone."""

    def __init__(self) -> None:
        self.parts = split(read())
        self.tokenizer = WordTokenizer.learn((o.text for o in self.parts["train"]), VOCABULARY)
        self.encoded = {
            part: [(self.tokenizer(o.text).ids[-LONGEST:], o.label) for o in texts]
            for part, texts in self.parts.items()
        }
        self.aims = [(ids, o.positive) for (ids, _), o in zip(self.encoded["train"], self.parts["train"], strict=True)]
        self.vectors, self.found = start(self.tokenizer.words, WIDTH)

    def labels(self, part: str) -> torch.Tensor:
        return torch.tensor([label for _, label in self.encoded[part]])

    def in_order(self, part: str) -> Iterator[Batch]:
        rows = self.encoded[part]
        for first in range(0, len(rows), 100):
            yield as_batch(rows[first : first + 100])

    def shuffled(self, rng: random.Random) -> Iterator[Batch]:
        """Endless passes; a batch holds texts of similar length."""
        while True:
            rows = sorted(self.aims, key=lambda row: len(row[0]) + rng.random() * 6)
            batches = [rows[first : first + SIZE] for first in range(0, len(rows), SIZE)]
            rng.shuffle(batches)
            for some in batches:
                yield batch([ids for ids, _ in some], [(1 - positive, positive) for _, positive in some])

    def build(self, architecture: str, seed: int) -> Network:
        """A network at its random start, but for the words whose vectors are known."""
        network = build(settings(architecture, self), seed)
        with torch.no_grad():
            network.embedding.weight[self.found] = self.vectors[self.found]
        return network


def as_batch(rows: Sequence[tuple[tuple[int, ...], int]]) -> Batch:
    return batch([ids for ids, _ in rows], [label for _, label in rows])


def settings(architecture: str, corpus: Corpus) -> dict[str, Any]:
    """What `models.zoo.build` needs; the shift lets attention meet positions beyond the training lengths."""
    return {
        "architecture": architecture,
        "vocabulary": len(corpus.tokenizer.words),
        "classes": len(LABELS),
        "readout": READOUT.get(architecture, "last"),
        "causal": False,
        "dropout": DROPOUT,
        "shift": 20,
    }


def train(architecture: str, rate: float, seed: int, corpus: Corpus) -> tuple[Network, dict[str, Any]]:
    """One run, or its stored result; the weights are those of the best pass by validation."""
    path = RUNS / f"sentiment-{architecture}-{round(rate * 1e5)}e-5-{seed}"
    network = corpus.build(architecture, seed)
    if not path.with_suffix(".json").exists():
        _train(network, path, rate, seed, corpus)
    network.load_state_dict(load_file(path.with_suffix(".safetensors")))
    return network.eval(), json.loads(path.with_suffix(".json").read_text())


def _train(network: Network, path: Path, rate: float, seed: int, corpus: Corpus) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    in_a_pass = -(-len(corpus.encoded["train"]) // SIZE)
    result: dict[str, Any] = {"rate": rate, "seed": seed, "validation": 0.0, "history": []}

    def check(step: int, loss: float) -> None:
        if (step + 1) % in_a_pass:
            return
        score = accuracy(network, "validation", corpus)
        network.train()
        result["history"].append(score)
        if score > result["validation"]:
            result["validation"], result["pass"] = score, (step + 1) // in_a_pass
            save_file(network.state_dict(), path.with_suffix(".safetensors"))

    torch.manual_seed(seed)
    batches = corpus.shuffled(random.Random(seed))
    fit(network, batches, PASSES * in_a_pass, rate, decay=DECAY, forget=FORGET, report=check)
    path.with_suffix(".json").write_text(json.dumps(result))


def accuracy(network: Network, part: str, corpus: Corpus) -> float:
    said = probabilities(network, corpus.in_order(part)).argmax(dim=1)
    return float((said == corpus.labels(part)).float().mean())


def score(right: torch.Tensor) -> dict[str, Any]:
    share = float(right.float().mean())
    return {"accuracy": share, "interval": interval(share, len(right)), "count": len(right)}


def baselines(corpus: Corpus) -> dict[str, Any]:
    """Logistic regression on words, and on words and pairs of words; the penalty chosen by validation."""
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression

    def texts(part: str) -> list[str]:
        return [o.text for o in corpus.parts[part]]

    found = {}
    for name, longest in (("bag of words", 1), ("word pairs", 2)):
        counts = CountVectorizer(binary=True, ngram_range=(1, longest), token_pattern=r"\S+", min_df=2)
        seen = counts.fit_transform(" ".join(corpus.tokenizer(t).strings).lower() for t in texts("train"))

        def table(part: str, counts: CountVectorizer = counts) -> Any:
            return counts.transform(" ".join(corpus.tokenizer(t).strings).lower() for t in texts(part))

        tried = [LogisticRegression(C=c, max_iter=2000).fit(seen, corpus.labels("train")) for c in (0.03, 0.1, 0.3, 1)]
        best = max(tried, key=lambda model: model.score(table("validation"), corpus.labels("validation")))
        parts = ("film-test", "sentences-test")
        found[name] = {part: score(torch.tensor(best.predict(table(part))) == corpus.labels(part)) for part in parts}
    return found


def finish(architecture: str, corpus: Corpus, reference: dict[str, Any]) -> None:
    """Tune, take the best seed, measure it on both test sets, and bundle it."""
    tried = [train(architecture, rate, SEEDS[0], corpus)[1] for rate in RATES]
    rate = max(tried, key=lambda result: result["validation"])["rate"]
    runs = [train(architecture, rate, seed, corpus) for seed in SEEDS]
    network, best = max(runs, key=lambda pair: pair[1]["validation"])
    metrics: dict[str, Any] = {"baselines": reference, "validation": best["validation"], "trials": tried}
    metrics["seeds"] = [result for _, result in runs]
    for part in ("film-test", "sentences-test"):
        said = probabilities(network, corpus.in_order(part)).argmax(dim=1)
        metrics[part] = score(said == corpus.labels(part))
        metrics[part]["seeds"] = [accuracy(other, part, corpus) for other, _ in runs]
    weights = WEIGHTS / f"sentiment-{architecture}.safetensors"
    save_file(network.state_dict(), weights)
    write_card(
        f"sentiment-{architecture}",
        weights,
        task="sentiment",
        settings={
            **settings(architecture, corpus),
            "seed": best["seed"],
            "labels": LABELS,
            "vocabulary_file": "sentiment",
        },
        parameters=sum(p.numel() for p in network.parameters()),
        data="film snippets, product reviews and tweets with human ratings (vaderSentiment 3.3.2, MIT), "
        "labelled sentences (npm sentiment 5.0.2, MIT); word vectors start from MiniLM L6 v2 (Apache-2.0)",
        command=f"python -m models.train.sentiment --architecture {architecture}",
        metrics=metrics,
        more_limits=(f"Trained and tested on the last {LONGEST} words and signs of each text.",),
        trained={"rate": best["rate"], "seed": best["seed"], "pass": best["pass"], "passes": PASSES, "batch": SIZE},
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--architecture", choices=ARCHITECTURES, action="append")
    chosen = parser.parse_args().architecture or ARCHITECTURES
    torch.set_num_threads(1)
    WEIGHTS.mkdir(exist_ok=True)
    corpus = Corpus()
    (WEIGHTS / "sentiment.vocabulary.json").write_text(json.dumps(corpus.tokenizer.words, ensure_ascii=False))
    reference = baselines(corpus)
    for architecture in chosen:
        finish(architecture, corpus, reference)


if __name__ == "__main__":
    main()
