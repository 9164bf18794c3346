"""The one door to the hub: safetensors, configuration and tokenizer come through it, and never code or pickles."""

from pathlib import Path
from typing import Any

from huggingface_hub import HfApi, errors, snapshot_download
from huggingface_hub.utils import tqdm

from models.pretrained.limits import Limits
from models.pretrained.stopping import asker
from models.pretrained.weights import check_files, check_size, free_memory

WANTED = ["*.json", "*.safetensors", "*.txt", "*.model", "*.spm", "*.jinja"]
UNWANTED = ["onnx/*", "openvino/*", "*/*.safetensors", "*fp16*.safetensors", "*.index.fp*.json"]
UNREACHABLE = (errors.LocalEntryNotFoundError, errors.OfflineModeIsEnabled)


def split(name: str) -> tuple[str, str | None]:
    """ "hub:owner/name@revision" -> ("owner/name", "revision")."""
    repo, _, revision = name.removeprefix("hub:").partition("@")
    parts = repo.split("/")
    if len(parts) not in (1, 2) or not all(parts) or any(char.isspace() for char in name):
        raise ValueError(f"a hub id is written hub:owner/name or hub:owner/name@revision, got {name!r}")
    return repo, revision or None


def fetch(repo: str, revision: str | None, limits: Limits, offline: str) -> tuple[Path, str]:
    """Folder and licence of a model, downloaded or found in the cache. Every fault becomes one sentence."""
    try:
        licence = _survey(repo, revision, limits)
        folder = snapshot_download(
            repo, revision=revision, allow_patterns=WANTED, ignore_patterns=UNWANTED, tqdm_class=_stoppable()
        )
    except errors.GatedRepoError as fault:
        raise ValueError(f"{repo} asks for an agreement on its page before it can be fetched") from fault
    except errors.RevisionNotFoundError as fault:
        raise ValueError(f"{repo} has no revision {revision!r}") from fault
    except errors.RepositoryNotFoundError as fault:
        raise ValueError(f"the hub has no public model called {repo!r}") from fault
    except errors.HFValidationError as fault:
        raise ValueError(f"a hub id is written hub:owner/name, got {repo!r}") from fault
    except UNREACHABLE as fault:
        raise ValueError(f"the hub cannot be reached and {repo} is not stored here; {offline}") from fault
    except (errors.HTTPError, OSError) as fault:
        raise ValueError(f"the download of {repo} broke off ({type(fault).__name__}); try again; {offline}") from fault
    return Path(folder), licence


def _stoppable() -> type[tqdm]:
    """A progress bar, seen by nobody, that asks at each piece of a file whether the download is still wanted."""
    asked = asker()  # files come in threads of their own

    class Bar(tqdm):
        def update(self, n: float | None = 1) -> bool | None:
            asked()
            return super().update(n)

    return Bar


def _survey(repo: str, revision: str | None, limits: Limits) -> str:
    """Look before fetching: safetensors there, room for them. Returns the licence, "not stated" without a network."""
    try:
        info = HfApi().model_info(repo, revision=revision, files_metadata=True)
    except (errors.RepositoryNotFoundError, errors.RevisionNotFoundError):
        raise
    except (errors.HTTPError, OSError):
        return "not stated"
    check_files((file.rfilename for file in info.siblings or ()), repo)
    check_size(info.safetensors.total if info.safetensors else 0, limits, free_memory())
    facts: Any = info.card_data
    return str(facts.get("license") or "not stated") if facts else "not stated"
