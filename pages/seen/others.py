"""Networks from elsewhere for photographs: ids of the hub, a folder of the reader's; as the profile permits.

A network is loaded in a job. Its card is remembered for the process, so that a page can name what it has loaded.
"""

from collections import OrderedDict
from collections.abc import Sequence

import streamlit as st

from models import pretrained
from models.cards import ModelCard
from pages.shared import elsewhere, errors, fetching, progress
from pages.shared.elsewhere import FOLDER, HUB
from pages.shared.settings import limits

TITLES = {
    "google/vit-base-patch16-224": "ViT-B/16",
    "facebook/deit-small-distilled-patch16-224": "DeiT-S distilled",
    "microsoft/resnet-50": "ResNet-50",
}
KINDS = ("vit", "deit", "resnet")  # an id that is stored or permitted is offered where its name says one of these
REMEMBERED = 32

_cards: OrderedDict[str, ModelCard] = OrderedDict()


def offered() -> dict[str, str]:
    """Title -> name as `loading.model` takes it, of what can be asked for beside a folder and an id."""
    bound = limits().hub_models
    stored = [name.removeprefix("hub:") for name in pretrained.offline() if name.startswith("hub:")]
    ids = list(dict.fromkeys([*TITLES, *stored])) if bound is None else list(bound)
    seeing = [name for name in ids if any(kind in name.lower() for kind in KINDS)]
    return {title_of(f"hub:{name}"): f"hub:{name}" for name in seeing}


def options() -> list[str]:
    """What the selector offers beside the packaged network."""
    return [*offered(), *elsewhere.ways()]


def hint() -> str:
    """What the selector's list depends on."""
    if limits().hub_models is None:
        return "EfficientNet-Lite0 is a package; the others come from the hub or a folder when they are chosen."
    return (
        "This hosted page loads only ids whose version is fixed in its list. DeiT, ResNet, any other id and folders "
        "need the dashboard on your own machine."
    )


def title_of(name: str) -> str:
    """The short title of an offered id, another id as it is; "" for a folder, which its own name stands for."""
    repo = name.removeprefix("hub:").partition("@")[0]
    return TITLES.get(repo, repo) if name.startswith("hub:") else ""


def ask(chosen: Sequence[str], device: str) -> tuple[str, ...]:
    """Names of the chosen networks that are loaded; while one loads, a bar; where one cannot be, a sentence."""
    named = tuple(dict.fromkeys(name for option in chosen if (name := _name(option))))
    wanted = tuple(name for name in named if fetching.agreed(name))
    if not wanted:
        return ()
    from pages.seen import work

    said = progress.result("pictures_others", work.cards_of, wanted, device) or {}
    for sentence in said.values():
        if sentence:
            errors.show(ValueError(sentence))
    return tuple(name for name in wanted if name in _cards and not said.get(name))


def _name(option: str) -> str:
    """The option as `loading.model` takes it; "" while nothing is typed."""
    if option == FOLDER:
        typed = st.text_input(
            "Folder of an image classifier", key="photo_folder", placeholder="/models/vit", persist_state="session"
        )
        return typed.strip()
    if option == HUB:
        typed = st.text_input("Hub id", key="photo_id", placeholder="owner/name@revision", bind="query-params") or ""
        return f"hub:{typed.strip().removeprefix('hub:')}" if typed.strip() else ""
    return offered()[option]


def remember(name: str, card: ModelCard) -> None:
    """Keep the card of a loaded network; the oldest goes when there are many."""
    _cards[name] = card
    _cards.move_to_end(name)
    while len(_cards) > REMEMBERED:
        _cards.popitem(last=False)


def card_of(name: str) -> ModelCard | None:
    """The card of a network from elsewhere that was loaded; None for any other name."""
    return _cards.get(name)
