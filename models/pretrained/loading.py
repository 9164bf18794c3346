"""Load a pretrained model from where it lies, refuse what is unsafe or broken, and check it before it is trusted."""

from pathlib import Path
from typing import Any

import torch
import transformers
from huggingface_hub.errors import StrictDataclassError
from transformers import AutoConfig, AutoModel

from models.cards import ModelCard
from models.pretrained.limits import LOCAL, Limits
from models.pretrained.model import PretrainedModel, Processors
from models.pretrained.places import Place, locate
from models.pretrained.stopping import ask
from models.pretrained.weights import FLOAT, check_size, free_memory, survey

PROCESSORS = ("preprocessor_config.json", "processor_config.json")
SAFE: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}


def load(name: str, device: str = "auto", limits: Limits = LOCAL) -> PretrainedModel:
    """A model by "minilm", a local folder or "hub:owner/name[@revision]"; weights in float32, evaluation mode.

    Raises ValueError with a sentence for every fault of the name, the folder, the weights or the vocabulary. Between
    its steps, and while files come from the hub, `stopping` is asked whether the model is still wanted.
    """
    place = locate(name, limits)
    parameters = survey(place.folder)
    check_size(parameters, limits, free_memory())
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    config = _config(place.folder)
    ask()
    network = _network(place.folder, config)
    ask()
    processors = read_processors(place.folder)
    _check_vocabulary(processors.tokenizer, network)
    card = _card(place, config, network, parameters)
    ask()
    return PretrainedModel(_moved(network, choose_device(device), parameters), card, processors, limits)


def _moved(network: Any, device: str, parameters: int) -> Any:
    """The network on its device; ValueError where the device's memory is too small."""
    try:
        return network.to(device)
    except torch.OutOfMemoryError as fault:
        raise ValueError(
            f"the model needs about {parameters * FLOAT / 1e9:.1f} GB on {device}, more than is free there; "
            "choose the CPU"
        ) from fault


def choose_device(device: str) -> str:
    """ "auto" takes the GPU where there is one."""
    if device != "auto":
        return device
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _config(folder: Path) -> Any:
    try:
        config: Any = AutoConfig.from_pretrained(folder, **SAFE)
    except (OSError, ValueError, KeyError, TypeError, StrictDataclassError) as fault:
        reason = str(fault).splitlines()[0]
        if "trust_remote_code" in str(fault):
            reason = "it brings its own code, which is never run"
        raise ValueError(f"{folder.name} has a configuration that this version cannot read: {reason}") from fault
    return config


def _network(folder: Path, config: Any) -> Any:
    """The class that the configuration names, or its family's plain encoder, with every weight found in the file."""
    kind = _kind(folder, getattr(config, "architectures", None))
    try:
        network, report = kind.from_pretrained(
            folder,
            config=config,
            attn_implementation="eager",
            dtype=torch.float32,
            use_safetensors=True,
            output_loading_info=True,
            **SAFE,
        )
    except (OSError, ValueError, RuntimeError, KeyError, ImportError) as fault:
        raise ValueError(f"{folder.name} cannot be loaded: {str(fault).strip().splitlines()[0]}") from fault
    missing = sorted(key for key in report["missing_keys"] if "pooler" not in key)
    wrong = sorted(str(key) for key in report["mismatched_keys"])
    if missing or wrong:
        raise ValueError(
            f"{folder.name} does not fit its configuration: {len(missing)} weights are missing and {len(wrong)} have "
            f"another shape, first {(missing or wrong)[0]}; drawing it would draw random numbers"
        )
    return network.eval().requires_grad_(False)


def _kind(folder: Path, named: Any) -> Any:
    """The model class that the first of `architectures` names; its family's plain encoder where that is not known."""
    if not named:
        return AutoModel
    first = named[0] if isinstance(named, list | tuple) else named
    if not isinstance(first, str):
        raise ValueError(f"{folder.name} names its architecture by {first!r}, which is no name")
    kind = getattr(transformers, first, None)
    if kind is None:
        return AutoModel
    if not (isinstance(kind, type) and issubclass(kind, transformers.PreTrainedModel)):
        raise ValueError(f"{folder.name} names {first!r} as its architecture, which is no model")
    return kind


def read_processors(folder: Path) -> "Processors":
    """Whatever turns text, pictures and sound into numbers: each None where the folder does not hold it."""
    files = {path.name for path in folder.iterdir()}
    text = files & {"tokenizer.json", "tokenizer_config.json", "vocab.txt", "vocab.json", "spiece.model", "source.spm"}
    tokenizer = _read("tokenizer", folder, transformers.AutoTokenizer) if text else None
    picture = sound = None
    # one file a processor before transformers 5; since then one for all of them, a part each
    facts = "".join((folder / name).read_text(encoding="utf-8") for name in PROCESSORS if name in files)
    if "feature_extractor_type" in facts or "sampling_rate" in facts:
        sound = _read("feature extractor", folder, transformers.AutoFeatureExtractor)
    elif "preprocessor_config.json" in files or "image_processor" in facts:
        picture = _read("picture processor", folder, transformers.AutoImageProcessor)
    return Processors(tokenizer, picture, sound)


def _read(what: str, folder: Path, kind: Any) -> Any:
    try:
        return kind.from_pretrained(folder, **SAFE)
    except (OSError, ValueError, KeyError, ImportError, TypeError) as fault:
        raise ValueError(f"the {what} of {folder.name} cannot be read: {str(fault).splitlines()[0]}") from fault


def _check_vocabulary(tokenizer: Any, network: Any) -> None:
    if tokenizer is None or network.main_input_name != "input_ids":
        return
    rows = network.get_input_embeddings().weight.shape[0]
    highest = max(tokenizer.get_vocab().values())
    if highest >= rows:
        raise ValueError(
            f"the tokenizer and the model do not belong together: ids up to {highest}, but {rows} embeddings"
        )


def _card(place: Place, config: Any, network: Any, parameters: int) -> ModelCard:
    return ModelCard(
        name=place.name,
        title=place.title,
        task=type(network).__name__,
        family=str(config.model_type),
        parameters=parameters,
        licence=place.licence,
        source=place.source,
        sha256=place.digest,
        metrics={},
        limits=(),
        settings={"revision": place.revision},
        trained={},
    )
