"""Profiles, the settings file, and what it may say."""

from dataclasses import FrozenInstanceError, asdict
from pathlib import Path

import pytest

from pages.shared.limits import HOSTED, LOCAL
from pages.shared.settings import PLATFORM_VARIABLES, changed, detect, read


def test_the_profiles_hold_the_numbers_of_the_design() -> None:
    assert (LOCAL.text_tokens, HOSTED.text_tokens) == (4096, 512)
    assert (LOCAL.picture_megapixels, LOCAL.picture_megabytes) == (20, 10)
    assert (HOSTED.picture_megapixels, HOSTED.picture_megabytes) == (8, 5)
    assert (LOCAL.recording_seconds, HOSTED.recording_seconds) == (60, 20)
    assert (HOSTED.hub_parameters, HOSTED.local_folders, HOSTED.other_models) == (150_000_000, False, 2)
    assert (LOCAL.training_seconds, HOSTED.training_seconds, HOSTED.training_at_once) == (60, 20, 1)
    with pytest.raises(FrozenInstanceError):
        LOCAL.text_tokens = 1


def test_hosted_never_allows_more_than_local() -> None:
    for name, local in asdict(LOCAL).items():
        hosted = getattr(HOSTED, name)
        if isinstance(local, int):
            assert hosted <= local, name
        elif local is None:
            assert hosted is not None, name


@pytest.mark.parametrize("variable", PLATFORM_VARIABLES)
def test_a_platform_is_known_by_its_variables(variable: str, tmp_path: Path) -> None:
    assert read({variable: "x"}, tmp_path).profile == "hosted"
    assert read({variable: ""}, tmp_path).profile == "local"
    assert read({variable: "x", "SIGHTLINES_PROFILE": "local"}, tmp_path).limits == LOCAL


def test_the_community_cloud_is_known_by_its_folder() -> None:
    assert detect({}, Path("/mount/src/sightlines")) == "hosted"
    assert detect({}, Path("/home/someone/sightlines")) == "local"


def test_a_settings_file_changes_single_limits(tmp_path: Path) -> None:
    (tmp_path / "sightlines.toml").write_text(
        '[limits]\ntext_tokens = 1021\nhub_parameters = 0\nhub_models = ["a/b@c"]\nlocal_folders = true\n'
    )
    now = read({"SIGHTLINES_PROFILE": "hosted"}, tmp_path)
    assert (now.limits.text_tokens, now.limits.hub_parameters, now.limits.local_folders) == (1021, None, True)
    assert now.limits.hub_models == ("a/b@c",)
    assert now.limits.recording_seconds == HOSTED.recording_seconds


def test_the_settings_file_may_lie_elsewhere(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("[limits]\nrecording_seconds = 7\n")
    assert read({"SIGHTLINES_SETTINGS": str(file)}, tmp_path / "none").limits.recording_seconds == 7
    with pytest.raises(ValueError, match="must name a file; got"):
        read({"SIGHTLINES_SETTINGS": str(tmp_path / "absent.toml")}, tmp_path)


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ({"text_token": 5}, r"may have the keys text_tokens, .*; got text_token\."),
        ({"text_tokens": -1}, r"text_tokens must be a whole number, zero or more; got -1\."),
        ({"text_tokens": True}, r"text_tokens must be a whole number, zero or more; got True\."),
        ({"local_folders": 1}, r"local_folders must be true or false; got 1\."),
        ({"hub_models": "a/b"}, r"hub_models must be a list of strings; got 'a/b'\."),
    ],
)
def test_a_wrong_setting_says_what_was_wanted_and_what_came(table: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        changed(LOCAL, table)


def test_an_unknown_profile_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="must be one of local, hosted; got 'cloud'"):
        read({"SIGHTLINES_PROFILE": "cloud"}, tmp_path)


def test_zero_takes_off_only_a_bound_that_may_be_absent() -> None:
    assert changed(HOSTED, {"other_models": 0}).other_models is None
    assert changed(HOSTED, {"text_tokens": 0}).text_tokens == 0
