"""Store a few test pictures of each class for the page: `python -m models.train.pictures_presets`."""

import numpy as np

from models.presets.pictures import FILE
from models.train.pictures_data import LABELS, read

EACH = 3


def main() -> None:
    """The first test pictures of each class: none was chosen by how a network answers it."""
    stored = {}
    for task in LABELS:
        test = read(task).test
        stored[task] = np.stack([test.pictures[test.labels == label][:EACH] for label in range(10)])
    np.savez_compressed(FILE, allow_pickle=False, **stored)


if __name__ == "__main__":
    main()
