"""A model of the hub is fetched after a click, whatever an address or an opened view says."""

import pytest
from streamlit.testing.v1 import AppTest

from models.pretrained import download, hub
from pages.heads import source
from pages.seen import others
from pages.shared import errors
from tests.pages.helper import open_app, problems

pytestmark = pytest.mark.usefixtures("patient")


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids whose download was begun; none arrives."""
    asked: list[str] = []

    def fetch(repo: str, *rest: object) -> None:
        asked.append(repo)
        raise ValueError(f"the download of {repo} broke off")

    monkeypatch.setattr(hub, "fetch", fetch)
    monkeypatch.setattr(download, "size", lambda name, bound: 14_200_000_000)
    return asked


def said(app: AppTest) -> str:
    return " ".join(item.value for item in (*app.caption, *app.warning)).replace("\\", "").replace("\u2060", "")


def test_a_link_to_the_attention_page_starts_no_download(fetched: list[str]) -> None:
    app = open_app("pages/attention.py", model=source.HUB, id="some/huge")
    assert problems(app) == []
    assert "some/huge is not on this machine yet." in said(app)
    assert fetched == []
    (button,) = [button for button in app.button if button.label == "Load 14.2 GB"]
    button.click().run()
    assert fetched == ["some/huge"]
    assert "download of some/huge broke off" in said(app)


def test_a_link_to_the_page_of_pictures_starts_no_download(fetched: list[str]) -> None:
    app = open_app("pages/pictures.py", set="Photographs")
    app.multiselect(key="photographs_nets").set_value(["EfficientNet-Lite0", others.HUB]).run()
    app.text_input(key="photo_id").set_value("some/vit").run()
    assert fetched == []
    (button,) = [button for button in app.button if button.label == "Load 14.2 GB"]
    button.click().run()
    assert fetched == ["some/vit"]


def test_what_is_stored_is_loaded_at_once(fetched: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "stored", lambda name: True)
    open_app("pages/attention.py", model=source.HUB, id="some/small")
    assert fetched == ["some/small"]


def test_no_room_is_said_before_the_download(fetched: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def size(name: str, bound: object) -> int:
        raise ValueError("some/huge takes 14.2 GB of disk, 3.1 GB are free")

    monkeypatch.setattr(download, "size", size)
    app = open_app("pages/attention.py", model=source.HUB, id="some/huge")
    assert errors.plain("Some/huge takes 14.2 GB of disk, 3.1 GB are free.") in [item.value for item in app.warning]
    assert not [button for button in app.button if button.label.startswith("Load ")]
    assert fetched == []
