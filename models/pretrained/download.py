"""What the hub left on this machine, and what one more model would take: said before anything is fetched."""

import shutil
from pathlib import Path

from models.pretrained.limits import LOCAL, Limits


def snapshots() -> dict[str, Path]:
    """The newest files of every model in the hub's cache that has a configuration and weights, by "hub:owner/name".

    Looks at folders alone: the cache's own scan reads the size of every file, which takes seconds in a large cache.
    """
    found = {}
    for folder in sorted(_cache().glob("models--*")):
        if whole := [one for one in folder.glob("snapshots/*") if _whole(one)]:
            name = folder.name.removeprefix("models--").replace("--", "/")
            found[f"hub:{name}"] = max(whole, key=changed)
    return found


def changed(snapshot: Path) -> float:
    """When the weights of a snapshot came or changed, in seconds since 1970."""
    return max(file.stat().st_mtime for file in snapshot.glob("*.safetensors") if file.is_file())


def stored(name: str) -> bool:
    """Whether a model by "hub:owner/name[@revision]" is on this machine, with weights."""
    from huggingface_hub import try_to_load_from_cache

    from models.pretrained import hub

    try:
        repo, revision = hub.split(name)
        found = try_to_load_from_cache(repo, "config.json", cache_dir=_cache(), revision=revision)
    except ValueError:  # no id at all: loading says so
        return False
    return isinstance(found, str) and _whole(Path(found).parent)


def size(name: str, limits: Limits = LOCAL) -> int:
    """Bytes that loading "hub:owner/name[@revision]" would fetch; 0 where loading will refuse it before it fetches.

    ValueError where the hub cannot be reached, the model is above the profile's bound, or memory or disk are too small.
    """
    from huggingface_hub import HfApi, errors
    from huggingface_hub.utils import filter_repo_objects

    from models.pretrained import hub
    from models.pretrained.places import available
    from models.pretrained.weights import check_size, free_memory

    if limits.hub is not None and name.removeprefix("hub:") not in limits.hub:
        return 0
    repo, revision = hub.split(name)
    try:
        info = HfApi().model_info(repo, revision=revision, files_metadata=True)
    except (errors.HFValidationError, errors.RepositoryNotFoundError, errors.RevisionNotFoundError):
        return 0
    except (errors.HTTPError, OSError) as fault:
        raise ValueError(f"the hub cannot be reached and {repo} is not stored here; {available(limits)}") from fault
    check_size(info.safetensors.total if info.safetensors else 0, limits, free_memory())
    files = {file.rfilename: file.size or 0 for file in info.siblings or ()}
    wanted = sum(
        files[kept] for kept in filter_repo_objects(files, allow_patterns=hub.WANTED, ignore_patterns=hub.UNWANTED)
    )
    if wanted > (free := _free()):
        raise ValueError(f"{repo} takes {wanted / 1e9:.2f} GB of disk, {free / 1e9:.2f} GB are free")
    return wanted


def _cache() -> Path:
    from huggingface_hub import constants

    return Path(constants.HF_HUB_CACHE)


def _whole(snapshot: Path) -> bool:
    """Whether a snapshot holds a configuration and weights; its files are links, broken while a download is on."""
    return (snapshot / "config.json").is_file() and any(file.is_file() for file in snapshot.glob("*.safetensors"))


def _free() -> int:
    """Bytes of disk for the cache, which may not exist yet."""
    there = next(folder for folder in (_cache(), *_cache().absolute().parents) if folder.exists())
    return shutil.disk_usage(there).free
