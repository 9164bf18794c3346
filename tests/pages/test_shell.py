"""The frame round the pages: registry, sidebar, device and lecture mode, limits, without a browser."""

import tomllib
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.shared import device, shell
from pages.shared.limits import HOSTED, LOCAL
from tests.pages.helper import ROOT, figure, open_app, problems


@pytest.mark.parametrize("entry", shell.PAGES, ids=lambda entry: entry.title)
def test_every_page_runs_inside_the_frame(entry: shell.Entry) -> None:
    app = open_app(None if not entry.url else entry.file)
    assert problems(app) == []
    assert app.sidebar.toggle(key=shell.LECTURE).value is False
    assert app.title or app.header or app.subheader


def test_an_error_of_a_page_leaves_the_frame_standing(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(shell, "start", broken)
    app = open_app()
    assert len(app.error) == 1
    assert "a fault of ours" not in app.error[0].value
    assert not app.exception
    assert app.sidebar.toggle(key=shell.LECTURE).label == "Lecture mode"


def test_the_registry_has_one_front_page_and_no_address_twice() -> None:
    addresses = [entry.url for entry in shell.PAGES]
    assert addresses.count("") == 1
    assert len(set(addresses)) == len(addresses)
    assert all((ROOT / entry.file).is_file() for entry in shell.PAGES)


def test_every_page_file_is_registered_and_starts_with_the_guard() -> None:
    found = {path.relative_to(ROOT).as_posix() for path in (ROOT / "pages").glob("*.py")}
    assert found == {entry.file for entry in shell.PAGES}
    assert all("shell.start()" in (ROOT / file).read_text(encoding="utf-8") for file in found)


def test_lecture_mode_is_read_from_the_address_and_enlarges() -> None:
    app = open_app(lecture="true")
    assert app.toggle(key=shell.LECTURE).value is True
    assert app.session_state[shell.LECTURE] is True
    large, usual = (figure(each, "words_gradient")["layout"] for each in (app, open_app(lecture="false")))
    assert large["font"]["size"] == pytest.approx(12 * shell.LARGE)
    assert large["height"] == round(usual["height"] * shell.LARGE)
    small, big = ({note["text"]: note["font"]["size"] for note in each["annotations"]} for each in (usual, large))
    assert small
    assert big == {text: pytest.approx(size * shell.LARGE) for text, size in small.items()}


def test_the_device_of_the_address_is_chosen_and_a_wrong_one_becomes_auto() -> None:
    assert open_app(device="cpu").session_state[shell.DEVICE] == "cpu"
    assert open_app(device="abacus").session_state[shell.DEVICE] == "auto"


def choice() -> None:
    import streamlit as st

    from pages.shared import shell

    st.text(shell.chosen_device())


@pytest.mark.parametrize("stored", [None, "auto", "cpu", "cuda", "abacus"])
def test_the_chosen_device_is_one_that_is_there(stored: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    for found in (False, True):
        monkeypatch.setattr(device, "cuda_found", lambda found=found: found)
        app = AppTest.from_function(choice)
        if stored:
            app.session_state[shell.DEVICE] = stored
        wanted = "cuda" if found and stored != "cpu" else "cpu"
        assert app.run().text[0].value == wanted


def test_auto_stands_for_what_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "cuda_found", lambda: True)
    assert (device.resolve("auto"), device.resolve("cpu")) == ("cuda", "cpu")
    assert device.choices() == ("auto", "cpu", "cuda")
    monkeypatch.setattr(device, "cuda_found", lambda: False)
    assert device.resolve("auto") == "cpu"
    assert device.choices() == ("auto", "cpu")
    with pytest.raises(ValueError, match=r"must be one of auto, cpu, cuda; got 'tpu'"):
        device.resolve("tpu")


def test_threads_follow_the_variable_and_stay_within_the_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert device.threads() == 3
    monkeypatch.setattr(device.os, "sched_getaffinity", lambda _: set(range(13)), raising=False)
    for unusable in ("", "0", "many"):
        monkeypatch.setenv("OMP_NUM_THREADS", unusable)
        assert device.threads() == 4


def test_the_limits_on_screen_are_those_in_force(monkeypatch: pytest.MonkeyPatch) -> None:
    for profile, wanted in (("local", "4,096 tokens"), ("hosted", "512 tokens")):
        monkeypatch.setattr(shell, "settings", lambda p=profile: shell_settings(p))
        assert wanted in shell.limits_text()
        assert f"**{profile.capitalize()} profile**" in shell.limits_text()


def shell_settings(profile: str) -> object:
    from pages.shared.settings import Settings

    return Settings(profile, {"local": LOCAL, "hosted": HOSTED}[profile])


def luminance(colour: str) -> float:
    """Relative luminance of #RRGGBB, WCAG 2.2."""
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def mixed(over: str, under: str, share: float) -> str:
    """`over` drawn at an opacity of `share` on `under`; Streamlit draws captions at 0.6."""
    pairs = [(int(over[place : place + 2], 16), int(under[place : place + 2], 16)) for place in (1, 3, 5)]
    return "#" + "".join(f"{round(share * a + (1 - share) * b):02X}" for a, b in pairs)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_text_of_the_theme_can_be_read_on_every_surface(mode: str) -> None:
    assert contrast("#FFFFFF", "#000000") == pytest.approx(21.0)
    theme = tomllib.loads((ROOT / ".streamlit/config.toml").read_text(encoding="utf-8"))["theme"][mode]
    surfaces = [theme["backgroundColor"], theme["secondaryBackgroundColor"], theme["sidebar"]["backgroundColor"]]
    texts = [
        value for name, value in theme.items() if name.lower().endswith(("textcolor", "linkcolor", "primarycolor"))
    ]
    assert len(texts) >= 10
    for surface in surfaces:
        faded = mixed(theme["textColor"], surface, 0.6)
        for text in [*texts, faded]:
            assert contrast(text, surface) >= 4.5, f"{mode}: {text} on {surface}"


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_streamlit_takes_the_charts_colours_only_by_tens(mode: str) -> None:
    theme = tomllib.loads((ROOT / ".streamlit/config.toml").read_text(encoding="utf-8"))["theme"][mode]
    for name in ("chartCategoricalColors", "chartSequentialColors", "chartDivergingColors"):
        assert len(theme[name]) == len(set(theme[name])) == 10
    brightness = [luminance(colour) for colour in theme["chartSequentialColors"]]
    assert brightness == sorted(brightness)


def test_the_configuration_is_found_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from streamlit import config

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(config, "_main_script_path", str(ROOT / "app.py"))
    assert str(ROOT / ".streamlit" / "config.toml") in config.get_config_files("config.toml")


def test_no_button_is_primary() -> None:
    """Streamlit writes white on a primary button, which cannot be read on the accent of the dark theme (2.3 to 1)."""
    pages = (ROOT / "pages").rglob("*.py")
    assert [page.name for page in pages if 'type="primary"' in page.read_text(encoding="utf-8")] == []
