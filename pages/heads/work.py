"""The jobs of the page. Each gets `report`, which ends the work when it is no longer wanted, and plain values."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from models.pretrained.stopping import asking
from pages.heads import attending
from pages.heads.subject import About, Given, Request, Subject, Upload
from pages.shared.jobs import Passing

Report = Callable[..., None]
VERIFIED = ("maps", "hidden", "heads", "reason")


@contextmanager
def said(kind: type[ValueError] = ValueError) -> Iterator[None]:
    """A ValueError of the models as a whole sentence; one that was raised as passing stays so."""
    try:
        yield
    except ValueError as error:
        text = str(error)
        wanted = type(error) if isinstance(error, Passing) else kind
        raise wanted(text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")) from error


def about(report: Report, name: str, device: str) -> About:
    """Load a model and say what it takes."""
    return facts(loaded(report, name, device), name)


def loaded(report: Report, name: str, device: str) -> Any:
    """The shared model. What keeps it away (a download, a folder, a full memory) may pass: it can be tried again."""
    text = "Loading the model and checking it against its own eager run"
    report(0.1, text)
    with said(Passing), asking(stop(report, 0.1, text)):
        return attending.model(name, device)


def facts(model: Any, name: str) -> About:
    """What the page needs to know of a loaded model."""
    card = model.card
    if not hasattr(model, "takes"):
        return About(name, f"{card.title}, {card.task}", sha256=card.sha256, source=card.source, task=card.task)
    return About(
        name=name,
        title=card.title,
        takes=model.takes,
        paired=model.paired,
        pairs=model.takes == "text" and not model.paired and not model.causal,
        writes=(model.causal or model.paired) and model.own.can_generate(),
        trusted=model.route == "recorded",
        reason=model.agreement.reason,
        limit=model.token_limit,
        seconds=model.reader.seconds,
        revision=str(card.settings.get("revision", "")),
        sha256=card.sha256,
        source=card.source,
    )


def traced(report: Report, request: Request, values: bool = False) -> Subject:
    """Load the model and run it once; `values` keeps the value vectors too."""
    model = loaded(report, request.model, request.device)
    with said():
        report(0.4, "Running the model")
        given, seen = decoded(model, request.given), None
        if hasattr(model, "takes"):
            trace = model.trace(given, values, stop(report))
            source = given[0] if isinstance(given, tuple) else given
            seen = model.seen(source) if model.takes != "text" else None
        else:
            trace = model.trace(given)
    return Subject(request, facts(model, request.model), trace, seen, _seconds(given))


def _seconds(given: Any) -> float:
    """Length of a recording, alone or with its target; 0 for any other input."""
    first = given[0] if isinstance(given, tuple) else given
    return first.samples.size / first.rate if hasattr(first, "samples") else 0.0


def stop(report: Report, fraction: float = 0.6, text: str = "Running the model") -> Callable[[], bool]:
    """For the models: looked at before each layer; `report` raises where the work is no longer wanted."""

    def asked() -> bool:
        report(fraction, text)
        return False

    return asked


def decoded(model: Any, given: Given) -> Any:
    """An upload as the model's own kind of input, a recording with its target where there is one; texts as they are."""
    if not isinstance(given, Upload):
        return given
    from models.pretrained import media

    if given.kind == "picture":
        return media.picture(given.content, model.limits)
    sound = media.sound(given.content)
    return (sound, given.words) if given.words else sound


def verified(report: Report, request: Request) -> dict[str, Any]:
    """maps and hidden: max |difference| to the model's own attention for this input; heads compared; reason, and
    `against`, whose attention it was."""
    from models.lens import attention_check

    model = loaded(report, request.model, request.device)
    text = "Running the model's own attention"
    report(0.2, text)
    with said():
        if not hasattr(model, "verify"):
            found = attention_check.difference(model, str(request.given))
            return {**vars(found), "reason": "", "against": "torch's own attention kernel"}
        agreed = model.verify(decoded(model, request.given), stop(report, 0.4, text))
    return {**{name: getattr(agreed, name) for name in VERIFIED}, "against": "the model's own eager run"}
