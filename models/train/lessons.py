"""Record the training page's lessons, so that it opens with a finished run: `make train-lessons` (some minutes).

Each is run by the page's own loop with the lesson's own settings and no limit of time; one that is stored with these
settings already is left alone, unless it is named. What it took is not stored: it belongs to the machine.
"""

import argparse
from dataclasses import replace

import torch

from models.live.lessons import LESSONS, STORED, recorded
from models.live.loop import train
from models.store import to_bytes

LIMIT = 3600.0


def record(name: str) -> None:
    """Run one lesson and store its recording."""
    lesson = LESSONS[name]
    found = train(lambda *_: None, lesson.setup, LIMIT)
    plain = replace(found, seconds=0.0, tracks=tuple(replace(track, seconds=0.0) for track in found.tracks))
    STORED.mkdir(exist_ok=True)
    (STORED / f"{lesson.name}.npz").write_bytes(to_bytes(plain))
    ends = ", ".join(f"{track.name} {track.accuracy[:, -1].round(2).tolist()}" for track in found.tracks)
    print(f"{name}: {ends} in {found.seconds:.0f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lesson", choices=LESSONS, action="append")
    torch.set_num_threads(1)
    missing = [name for name, lesson in LESSONS.items() if recorded(lesson.setup) is None]
    for name in parser.parse_args().lesson or missing:
        record(name)


if __name__ == "__main__":
    main()
