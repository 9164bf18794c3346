"""Compute what the bundled models say of the example texts: `make presets`."""

import dataclasses

import torch

from models.presets import SETS, models_of, path, presets
from models.reading import Reading, read
from models.sources import load
from models.store import to_bytes


def compute(group: str, text: str) -> dict[str, Reading | str]:
    """Architecture -> reading on the CPU, without the time; a model that cannot take the text gives its sentence."""
    found: dict[str, Reading | str] = {}
    for architecture, card in models_of(group).items():
        try:
            reading = read(load(card.name, device="cpu"), text)
        except ValueError as error:
            found[architecture] = str(error)
            continue
        timeless = dataclasses.replace(reading.cost, milliseconds=float("nan"))
        found[architecture] = dataclasses.replace(reading, cost=timeless)
    return found


def main() -> None:
    torch.set_num_threads(1)
    for group, (task, _) in SETS.items():
        for preset, text in presets(task).items():
            path(group, preset).write_bytes(to_bytes(compute(group, text)))


if __name__ == "__main__":
    main()
