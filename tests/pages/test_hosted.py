"""Every page under the hosted profile: it is drawn, and neither it nor an address offers a folder or a free id."""

import pytest
from streamlit.testing.v1 import AppTest

from pages.flow import choice
from pages.heads import source
from pages.seen import others
from pages.shared import fetching, loading, settings, shell
from pages.shared.limits import HOSTED, LOCAL
from tests.pages.helper import ROOT, open_app, problems, seen

pytestmark = pytest.mark.usefixtures("patient", "hosted")
PAGES = sorted(str(file.relative_to(ROOT)) for file in (ROOT / "pages").glob("*.py") if not file.name.startswith("_"))
ELSEWHERE = {source.FOLDER, source.HUB, others.FOLDER, others.HUB, choice.FOLDER, choice.HUB}


@pytest.fixture
def hosted(monkeypatch: pytest.MonkeyPatch) -> None:
    found = settings.Settings("hosted", HOSTED)
    for module in (settings, shell):
        monkeypatch.setattr(module, "settings", lambda: found)
    monkeypatch.setattr(fetching.download, "size", lambda *_: pytest.fail("the hub was asked"))


def offered(app: AppTest) -> set[str]:
    """Everything that can be chosen on a page."""
    groups = (*app.selectbox, *app.multiselect, *app.segmented_control)
    return {str(option) for group in groups for option in group.options}


@pytest.mark.parametrize("page", PAGES)
def test_each_page_is_drawn(page: str) -> None:
    app = open_app(page, timeout=300.0)
    assert problems(app) == []
    assert settings.limits() == HOSTED != LOCAL
    assert app.get("plotly_chart") or app.get("bidi_component"), "nothing is drawn"
    assert not offered(app) & ELSEWHERE


@pytest.mark.parametrize(
    ("page", "query"),
    [
        ("pages/attention.py", {"model": source.HUB, "id": "some/huge"}),
        ("pages/attention.py", {"model": source.FOLDER}),
        ("pages/gradients.py", {"flow": "On your model", "flow_model": choice.HUB}),
        ("pages/pictures.py", {"set": "Photographs", "photographs_nets": others.HUB, "photo_id": "some/huge"}),
    ],
)
def test_an_address_cannot_ask_for_a_model_from_elsewhere(page: str, query: dict[str, str]) -> None:
    app = open_app(page, timeout=300.0, **query)
    assert problems(app) == []
    assert not offered(app) & ELSEWHERE
    assert not any(box.label in ("Folder", "Hub id", "Folder of an image classifier") for box in app.text_input)


def test_what_is_not_permitted_is_refused_by_the_loader_too() -> None:
    for name in ("/etc", "hub:some/huge"):
        with pytest.raises(ValueError, match=r"loads no local folders|permits hub:"):
            loading.model(name, "cpu")


def test_a_text_beyond_the_profiles_bound_is_refused() -> None:
    app = open_app("pages/attention.py", timeout=300.0, text="! " * (HOSTED.text_tokens + 1))
    said = [seen(item.value) for item in app.warning]
    assert "The text is too long: it has 513 words and signs, at most 512 are read." in said
