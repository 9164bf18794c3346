"""What an input may be at most, by profile: `LOCAL` for a person's own machine, `HOSTED` for a shared small one."""

from dataclasses import dataclass

from models.pretrained.limits import ALLOWED


@dataclass(frozen=True)
class Limits:
    """Bounds on one request. None means that there is no bound of this kind."""

    text_tokens: int
    picture_megapixels: int
    picture_megabytes: int
    recording_seconds: int
    hub_parameters: int | None  # the largest model taken from the hub, in parameters
    hub_models: tuple[str, ...] | None  # "owner/name@revision" allowed; None: any
    local_folders: bool  # whether a model may be read from a folder of the machine
    other_models: int | None  # models in memory beside the bundled ones; None: as free memory allows
    training_seconds: int  # for one run
    training_at_once: int
    stack_weights: int  # of a stack that the reader shapes; each takes 16 bytes, for itself and its gradient
    picture_formats: tuple[str, ...] = ("PNG", "JPEG", "WEBP")


LOCAL = Limits(
    text_tokens=4096,
    picture_megapixels=20,
    picture_megabytes=10,
    recording_seconds=60,
    hub_parameters=None,
    hub_models=None,
    local_folders=True,
    other_models=None,
    training_seconds=60,
    training_at_once=2,
    stack_weights=50_000_000,
)

HOSTED = Limits(
    text_tokens=512,
    picture_megapixels=8,
    picture_megabytes=5,
    recording_seconds=20,
    hub_parameters=150_000_000,
    hub_models=ALLOWED,
    local_folders=False,
    other_models=2,
    training_seconds=20,
    training_at_once=1,
    stack_weights=4_000_000,
)
