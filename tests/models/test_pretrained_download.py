"""What is known of a model of the hub before it is fetched: a cache made by hand, a hub that answers from a list."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import huggingface_hub
import pytest
from huggingface_hub import constants, errors

from models.pretrained import HOSTED, LOCAL, Limits, download, offline
from models.pretrained import weights as held

FILES = {"config.json": 7, "model.safetensors": 11_000_000, "pytorch_model.bin": 13_000_000, "onnx/model.json": 17}


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "hub"


def keep(cache: Path, repo: str, files: tuple[str, ...], revision: str = "main") -> None:
    folder = cache / f"models--{repo.replace('/', '--')}"
    for name in (f"snapshots/{'c' * 40}/{file}" for file in files):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("{}")
    (folder / "refs").mkdir(parents=True, exist_ok=True)
    (folder / "refs" / revision).write_text("c" * 40)


def hub_with(files: dict[str, int], total: int, fault: Exception | None = None) -> type:
    class Hub:
        def model_info(self, repo: str, **wishes: Any) -> Any:
            if fault:
                raise fault
            siblings = [SimpleNamespace(rfilename=name, size=size) for name, size in files.items()]
            return SimpleNamespace(siblings=siblings, safetensors=SimpleNamespace(total=total))

    return Hub


def test_whole_models_of_the_cache_are_offered(cache: Path) -> None:
    assert not any(name.startswith("hub:") for name in offline())
    keep(cache, "some/one", ("config.json", "model.safetensors"))
    keep(cache, "gpt2", ("config.json", "model-00001-of-00002.safetensors"))
    keep(cache, "only/words", ("config.json", "vocab.txt"))
    keep(cache, "no/configuration", ("model.safetensors",))
    assert [name for name in offline() if name.startswith("hub:")] == ["hub:gpt2", "hub:some/one"]


def test_a_download_that_broke_off_is_not_stored(cache: Path) -> None:
    keep(cache, "some/one", ("config.json",))
    assert not download.stored("hub:some/one")
    weights = cache / "models--some--one" / "snapshots" / ("c" * 40) / "model.safetensors"
    weights.symlink_to(cache / "nowhere")
    assert not download.stored("hub:some/one")
    assert "hub:some/one" not in offline()


def test_a_revision_is_stored_by_its_own_name(cache: Path) -> None:
    keep(cache, "some/one", ("config.json", "model.safetensors"), revision="714eb0f")
    assert download.stored("hub:some/one@714eb0f")
    assert not download.stored("hub:some/one")
    assert not download.stored("hub:some/other")
    assert not download.stored("hub:a/b/c/d")


def test_the_size_is_that_of_the_files_that_would_come(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huggingface_hub, "HfApi", hub_with(FILES, 101))
    assert download.size("hub:some/one") == 11_000_007
    assert download.size("hub:some/one", HOSTED) == 0


def test_no_room_is_a_sentence(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huggingface_hub, "HfApi", hub_with(FILES, 3_000_000_000))
    monkeypatch.setattr(held, "free_memory", lambda: 10**9)
    with pytest.raises(ValueError, match=r"needs about 15\.6 GB of memory .* 1\.0 GB are free"):
        download.size("hub:some/one")
    monkeypatch.setattr(huggingface_hub, "HfApi", hub_with(FILES, 101))
    monkeypatch.setattr(download, "_free", lambda: 10_000_000)
    with pytest.raises(ValueError, match=r"some/one takes 0\.01 GB of disk, 0\.01 GB are free"):
        download.size("hub:some/one")
    with pytest.raises(ValueError, match=r"has 101 parameters, this page takes at most 97"):
        download.size("hub:some/one", Limits(parameters=97))


def test_an_id_that_the_hub_does_not_have_is_left_to_loading(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fault = errors.RepositoryNotFoundError("none", response=SimpleNamespace(headers={}, request=None, status_code=404))
    monkeypatch.setattr(huggingface_hub, "HfApi", hub_with(FILES, 101, fault))
    assert download.size("hub:some/one") == 0
    monkeypatch.setattr(huggingface_hub, "HfApi", hub_with(FILES, 101, OSError("no network")))
    with pytest.raises(ValueError, match="the hub cannot be reached and some/one is not stored here"):
        download.size("hub:some/one", LOCAL)
