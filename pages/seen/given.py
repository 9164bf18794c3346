"""The picture: an example by class, an upload, the camera, or the pad. A reader's own picture stays out of the URL."""

import hashlib
from collections import OrderedDict
from threading import BoundedSemaphore
from typing import Any

import numpy as np
import streamlit as st

from models.photo_card import TASK
from models.presets.pictures import PHOTOGRAPHS, photograph, pictures
from pages.seen.asked import TASKS, Given, known
from pages.shared.draw import draw
from pages.shared.settings import limits

PLACES = {
    "Clothes": ("Example", "Upload", "Camera"),
    "Digits": ("Example", "Draw", "Upload", "Camera"),
    "Photographs": ("Example", "Upload", "Camera"),
}
WORDS = {"Clothes": "cloth", "Digits": "digit", "Photographs": "photo"}
AT_ONCE = 2  # pictures decoded at a time in the whole process: each may take a few hundred megabytes
_decoding = BoundedSemaphore(AT_ONCE)
FIRST = {"Clothes": "ankle boot", "Digits": "4"}


def ask() -> tuple[str, str, st.delta_generator.DeltaGenerator]:
    """Draw the choice of the data and of where the picture comes from; both, and the row that they stand in."""
    row = st.container(horizontal=True, vertical_alignment="bottom")
    with row:
        name = st.segmented_control(
            "Trained on", TASKS, default="Clothes", required=True, key="set", bind="query-params"
        )
        name = name or "Clothes"
        place = st.segmented_control(
            "Picture", PLACES[name], default="Example", required=True, key=f"{WORDS[name]}_from", bind="query-params"
        )
    return name, place or "Example", row


def picture(name: str, place: str, row: st.delta_generator.DeltaGenerator) -> Given | None:
    """Draw what the place needs; the picture, or None while there is none."""
    task = TASKS[name]
    if place != "Example":
        return _sent(name, task, place)
    with row:
        return _photograph() if task == TASK else _example(name, task)


def _example(name: str, task: str) -> Given:
    """One of three test pictures of a class."""
    labels = tuple(next(iter(known(task).values())).settings["labels"])
    chosen = st.selectbox(
        "Class", labels, index=labels.index(FIRST[name]), key=WORDS[name], bind="query-params", width=150
    )
    number = st.segmented_control(
        "Number", ("1", "2", "3"), default="1", required=True, key=f"{WORDS[name]}_nr", bind="query-params"
    )
    truth = labels.index(chosen or FIRST[name])
    picture = pictures(task)[truth, int(number or 1) - 1]
    return Given(picture.tobytes(), f"test picture {number} of class {labels[truth]}", truth)


def _photograph() -> Given:
    """One of the stored photographs."""
    chosen = st.selectbox("Photograph", PHOTOGRAPHS, key="photo", bind="query-params", width=190)
    name = chosen or next(iter(PHOTOGRAPHS))
    st.caption(PHOTOGRAPHS[name][1])
    return read(photograph(name), TASK, name)


def _sent(name: str, task: str, place: str) -> Given | None:
    """A picture of the reader's own."""
    if place == "Draw":
        drawn = draw("pad")
        if drawn is None:
            st.info("Write a digit on the pad: with the pointer, or with arrow keys and space.")
            return None
        return placed(np.frombuffer(drawn, np.uint8).reshape(28, 28), task, "your drawing", drawn=True)
    if place == "Camera":
        sent = st.camera_input("Camera", key=f"{WORDS[name]}_camera", label_visibility="collapsed", width=320)
        return None if sent is None else read(sent.getvalue(), task, "your photograph")
    sent = st.file_uploader(
        f"A picture, at most {limits().picture_megapixels} megapixels and {limits().picture_megabytes} MB",
        type=["png", "jpg", "jpeg", "webp"],
        key=f"{WORDS[name]}_file",
    )
    return None if sent is None else read(sent.getvalue(), task, "your picture")


def read(content: bytes, task: str, title: str) -> Given:
    """Uploaded bytes, checked and fitted; the last few are remembered by the reader's session."""
    from models.pictures_input import opened

    kept: OrderedDict[tuple[str, str], Given] = st.session_state.setdefault("_pictures_read", OrderedDict())
    key = (hashlib.sha256(content).hexdigest(), task)
    if key not in kept:
        bound = limits()
        with _decoding:
            found = opened(content, bound.picture_megapixels, bound.picture_megabytes, bound.picture_formats)
            kept[key] = placed(found.image, task, title, found.steps)
        while len(kept) > 4:
            kept.popitem(last=False)
    return kept[key]


def placed(picture: Any, task: str, title: str, steps: tuple[str, ...] = (), drawn: bool = False) -> Given:
    """Any picture as the networks read it; `drawn` on the pad."""
    from models.pictures_fit import fitted

    if task == TASK:
        return _squared(picture, title, steps)
    done = fitted(picture, task, drawn)
    pixels = np.rint(done.pixels * 255).astype(np.uint8)
    return Given(pixels.tobytes(), title, None, (*steps, *done.steps))


def _squared(picture: Any, title: str, steps: tuple[str, ...]) -> Given:
    """The middle square of a photograph."""
    from models.photographs import square

    pixels = np.rint(square(picture) * 255).astype(np.uint8)
    return Given(pixels.tobytes(), title, None, (*steps, "cut to its middle square"))
