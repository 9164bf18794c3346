"""Loading: what works gives the same numbers as the network that was saved; each fault gives its sentence."""

import gc
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from huggingface_hub import errors
from safetensors.torch import load_file, save_file

import models
from models.pretrained import HOSTED, LOCAL, Limits, hub, load, loading, offline, places, weights
from models.pretrained.stopping import Cancelled, asking
from tests.models.pretrained_folders import WORDS, byte_tokenizer, classifier, save, word_tokenizer, writer

TEXT = "the cat saw a dog."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return save(tmp_path / "small-bert", classifier(), word_tokenizer())


def edit(folder: Path, **changes: Any) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_a_folder_gives_the_numbers_of_the_network_that_was_saved(folder: Path) -> None:
    model = load(str(folder), "cpu")
    trace = model.trace(TEXT)
    network = classifier()
    network.set_attn_implementation("eager")
    ids = torch.tensor([[2, 4, 5, 11, 12, 6, 13, 3]])
    with torch.inference_mode():
        own = network(ids, output_attentions=True, output_hidden_states=True)
    assert trace.tokens == ("[CLS]", "the", "cat", "saw", "a", "dog", ".", "[SEP]")
    np.testing.assert_allclose(trace.hidden[2], own.hidden_states[2][0], atol=1e-5)
    np.testing.assert_allclose(trace.attention.map(1, 1), own.attentions[1][0, 1], atol=1e-6)
    expected = dict(zip(("no", "yes", "perhaps"), own.logits[0].softmax(0).tolist(), strict=True))
    assert trace.output == pytest.approx(expected, abs=1e-6)
    assert model.card.parameters == sum(p.numel() for p in network.parameters())


def test_a_folder_without_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    with pytest.raises(ValueError, match=r"holds a configuration but no weights"):
        load(str(folder))


def test_a_folder_without_a_configuration(folder: Path) -> None:
    (folder / "config.json").unlink()
    with pytest.raises(ValueError, match=r"holds no config\.json"):
        load(str(folder))


def test_pickles_alone_are_refused_unopened(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(ValueError, match=r"only as a pickle \(pytorch_model\.bin\)"):
        load(str(folder))


def test_a_pointer_of_git_lfs(folder: Path) -> None:
    (folder / "model.safetensors").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 7\n")
    with pytest.raises(ValueError, match="pointer of Git LFS"):
        load(str(folder))


@pytest.mark.parametrize("kept", [0, 5, 1000, -1])
def test_a_download_that_broke_off(folder: Path, kept: int) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(ValueError, match=r"model\.safetensors is incomplete or damaged"):
        load(str(folder))


def test_a_missing_shard(folder: Path) -> None:
    tensors = load_file(folder / "model.safetensors")
    names = sorted(tensors)
    parts = {"a.safetensors": names[::2], "b.safetensors": names[1::2]}
    for part, of in parts.items():
        save_file({name: tensors[name] for name in of}, folder / part)
    (folder / "model.safetensors").unlink()
    index = {"metadata": {}, "weight_map": {name: part for part, of in parts.items() for name in of}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    assert weights.survey(folder) == sum(tensor.numel() for tensor in tensors.values())
    (folder / "b.safetensors").unlink()
    with pytest.raises(ValueError, match=r"1 of 2 weight files are missing, first b\.safetensors"):
        load(str(folder))


def test_weights_that_are_not_all_there_would_draw_noise(folder: Path) -> None:
    tensors = load_file(folder / "model.safetensors")
    del tensors["bert.encoder.layer.1.attention.self.query.weight"]
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ValueError, match=r"1 weights are missing .* first bert\.encoder\.layer\.1"):
        load(str(folder))


def test_weights_of_another_shape(folder: Path) -> None:
    edit(folder, intermediate_size=31)
    with pytest.raises(ValueError, match=r"cannot be loaded|another shape"):
        load(str(folder))


@pytest.mark.parametrize("named", [["pipeline"], ["AutoModel"], [7], 7, {"a": 1}])
def test_an_architecture_that_is_no_model(folder: Path, named: Any) -> None:
    edit(folder, architectures=named)
    with pytest.raises(ValueError, match=r"small-bert names .*architecture.*, which is no (model|name)"):
        load(str(folder))


@pytest.mark.parametrize("index", ["{}", "[]", "{", '{"weight_map": {}}', '{"weight_map": {"a": "../b.safetensors"}}'])
def test_an_index_that_names_no_files(folder: Path, index: str) -> None:
    (folder / "model.safetensors").rename(folder / "model-00001-of-00001.safetensors")
    (folder / "model.safetensors.index.json").write_text(index)
    with pytest.raises(ValueError, match=r"index\.json does not say which file holds which weight"):
        load(str(folder))


def test_a_vocabulary_that_belongs_to_another_model(tmp_path: Path) -> None:
    folder = save(tmp_path / "mixed", classifier(), byte_tokenizer())
    with pytest.raises(ValueError, match=f"ids up to 268, but {len(WORDS)} embeddings"):
        load(str(folder))


def test_a_family_with_code_of_its_own_is_never_run(folder: Path) -> None:
    edit(folder, model_type="homemade", auto_map={"AutoConfig": "evil.Config", "AutoModel": "evil.Model"})
    (folder / "evil.py").write_text("raise SystemExit('this ran')\n")
    with pytest.raises(ValueError, match="brings its own code, which is never run"):
        load(str(folder))


def test_a_configuration_that_cannot_be_read(folder: Path) -> None:
    (folder / "config.json").write_text("{")
    with pytest.raises(ValueError, match="configuration that this version cannot read"):
        load(str(folder))


def test_a_model_too_large_for_the_memory(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "free_memory", lambda: 10_000)
    with pytest.raises(ValueError, match=r"needs about 0\.0 GB of memory .* 0\.0 GB are free"):
        load(str(folder))


def test_free_memory_heeds_the_machine_and_the_container(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "MEMORY", tmp_path / "meminfo")
    monkeypatch.setattr(weights, "GROUP", tmp_path)
    assert (weights.free_memory(), weights.free_share()) == (None, 1.0)
    (tmp_path / "meminfo").write_text(
        "MemTotal:  1000 kB\nMemFree: 10 kB\nMemAvailable:  130 kB\nHugePages_Total:  0\n"
    )
    assert (weights.free_memory(), weights.free_share()) == (130 * 1024, pytest.approx(0.13))
    (tmp_path / "memory.max").write_text("max\n")
    (tmp_path / "memory.stat").write_text("anon 5\ninactive_file 7000\n")
    (tmp_path / "memory.current").write_text("101000\n")
    assert weights.free_share() == pytest.approx(0.13)
    (tmp_path / "memory.max").write_text("100000\n")
    assert (weights.free_memory(), weights.free_share()) == (6000, pytest.approx(0.06))


def test_memory_is_counted_in_float32_with_room_to_run() -> None:
    weights.check_size(1_000_000, LOCAL, 5_200_000)
    with pytest.raises(ValueError, match="1,000,000 parameters in float32"):
        weights.check_size(1_000_000, LOCAL, 5_199_999)


def test_a_fault_leaves_no_tensor_behind(folder: Path) -> None:
    load(str(folder))
    tensors = load_file(folder / "model.safetensors")
    del tensors["bert.encoder.layer.1.attention.self.query.weight"]
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    del tensors

    def held() -> int:
        gc.collect()
        return sum(type(one) in (torch.Tensor, torch.nn.Parameter) for one in gc.get_objects())

    before = held()
    with pytest.raises(ValueError, match="missing"):
        load(str(folder))
    assert held() <= before


def test_the_hosted_profile(folder: Path) -> None:
    with pytest.raises(ValueError, match="loads no local folders"):
        load(str(folder), limits=HOSTED)
    with pytest.raises(ValueError, match=r"permits hub:distilbert/.*, got 'hub:a/b'"):
        load("hub:a/b", limits=HOSTED)
    with pytest.raises(ValueError, match="permits no id of the hub"):
        load("hub:a/b", limits=Limits(hub=()))
    with pytest.raises(ValueError, match="takes at most 11"):
        load(str(folder), limits=Limits(parameters=11))


def test_limits_hold_through_the_public_door(folder: Path) -> None:
    with pytest.raises(ValueError, match="loads no local folders"):
        models.load(str(folder), limits=HOSTED)
    assert models.load(str(folder), "cpu", Limits(tokens=7)).limits.tokens == 7


def test_the_ids_of_the_hosted_profile_are_pinned_as_the_library_pins_them() -> None:
    from transformers.pipelines import SUPPORTED_TASKS

    defaults = [task["default"]["model"] for task in SUPPORTED_TASKS.values() if "default" in task]
    pinned = {f"{model[0]}@{model[1]}" for model in defaults if isinstance(model, tuple)}
    assert HOSTED.hub is not None
    assert set(HOSTED.hub) <= pinned


@pytest.mark.parametrize("name", ["hub:", "hub:a/b/c", "hub:a b/c", "hub:/b", "hub:a/"])
def test_a_hub_id_that_is_none(name: str) -> None:
    with pytest.raises(ValueError, match="hub id is written hub:owner/name"):
        load(name)


def test_a_name_that_is_nothing_says_what_is_there() -> None:
    with pytest.raises(ValueError, match=r"no folder is called 'nowhere'; .*available offline"):
        load("nowhere")


class Answer:
    """A response of the hub, as its errors want one."""

    def __init__(self) -> None:
        self.headers: dict[str, str] = {}
        self.request = None


def hub_fault(kind: type[Exception]) -> Exception:
    if issubclass(kind, errors.HfHubHTTPError):
        return kind("fault", response=Answer())  # type: ignore[call-arg]
    return kind("fault")


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (errors.GatedRepoError, "asks for an agreement"),
        (errors.RevisionNotFoundError, "has no revision 'abc'"),
        (errors.RepositoryNotFoundError, "no public model called 'some/one'"),
        (errors.LocalEntryNotFoundError, "hub cannot be reached and some/one is not stored here; .*available offline"),
        (errors.OfflineModeIsEnabled, "hub cannot be reached"),
        (ConnectionResetError, r"download of some/one broke off \(ConnectionResetError\)"),
    ],
)
def test_faults_of_the_hub(kind: type[Exception], sentence: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*given: Any, **wishes: Any) -> str:
        raise hub_fault(kind)

    monkeypatch.setattr(hub, "snapshot_download", broken)
    monkeypatch.setattr(hub, "_survey", lambda *given: "mit")
    with pytest.raises(ValueError, match=sentence):
        load("hub:some/one@abc")


@pytest.mark.parametrize(
    ("files", "total", "sentence"),
    [
        (("config.json", "pytorch_model.bin"), 7, "only as a pickle"),
        (("config.json",), 7, "no weights"),
        (("README.md",), 7, "no config"),
        (("config.json", "model.safetensors"), 150_000_001, "has 150,000,001 parameters, this page takes at most"),
    ],
)
def test_the_hub_is_asked_before_anything_is_fetched(
    files: tuple[str, ...], total: int, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Hub:
        def model_info(self, repo: str, **wishes: Any) -> Any:
            siblings = [SimpleNamespace(rfilename=name) for name in files]
            return SimpleNamespace(siblings=siblings, safetensors=SimpleNamespace(total=total), card_data=None)

    monkeypatch.setattr(hub, "HfApi", Hub)
    monkeypatch.setattr(hub, "snapshot_download", lambda *given, **wishes: pytest.fail("fetched"))
    with pytest.raises(ValueError, match=sentence):
        load("hub:some/one", limits=Limits(parameters=150_000_000))


def test_what_the_hub_brought_is_loaded_like_a_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}

    def brought(repo: str, **wishes: Any) -> str:
        asked.update(wishes, repo=repo)
        return str(folder)

    monkeypatch.setattr(hub, "snapshot_download", brought)
    monkeypatch.setattr(hub, "_survey", lambda *given: "mit")
    model = load("hub:some/one@abc")
    assert (asked["repo"], asked["revision"]) == ("some/one", "abc")
    assert not any(pattern.endswith((".bin", ".py", ".pt")) for pattern in asked["allow_patterns"])
    assert (model.card.source, model.card.licence) == ("hub: some/one", "mit")


def test_a_model_too_large_for_the_memory_is_not_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    class Hub:
        def model_info(self, repo: str, **wishes: Any) -> Any:
            siblings = [SimpleNamespace(rfilename=name) for name in ("config.json", "model.safetensors")]
            return SimpleNamespace(siblings=siblings, safetensors=SimpleNamespace(total=7_000_000_000), card_data=None)

    monkeypatch.setattr(hub, "HfApi", Hub)
    monkeypatch.setattr(hub, "free_memory", lambda: 16_000_000_000)
    monkeypatch.setattr(hub, "snapshot_download", lambda *given, **wishes: pytest.fail("fetched"))
    with pytest.raises(ValueError, match=r"needs about 36\.4 GB of memory .* 16\.0 GB are free"):
        load("hub:some/one")


def test_a_download_ends_when_it_is_no_longer_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    pieces, wanted = [], [True, True, False]

    def fetching(repo: str, *, tqdm_class: Any, **wishes: Any) -> str:
        bar = tqdm_class(disable=True)

        def file() -> None:
            for piece in range(7):
                pieces.append(piece)
                bar.update(1)

        with ThreadPoolExecutor(1) as threads:  # as the library fetches files: in threads of its own
            threads.submit(file).result()
        return ""

    monkeypatch.setattr(hub, "snapshot_download", fetching)
    monkeypatch.setattr(hub, "_survey", lambda *given: "mit")
    with pytest.raises(Cancelled), asking(lambda: not wanted.pop(0)):
        load("hub:some/one")
    assert pieces == [0, 1, 2]


def test_loading_ends_between_its_steps(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "_network", lambda *given: pytest.fail("read"))
    with pytest.raises(Cancelled), asking(lambda: True):
        load(str(folder))


def test_a_device_without_room_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(network: Any, device: str) -> Any:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20 MiB")

    monkeypatch.setattr(torch.nn.Module, "to", full)
    with pytest.raises(ValueError, match=r"needs about 0\.0 GB on cuda, more than is free there; choose the CPU"):
        load(str(folder), "cuda")


@pytest.mark.skipif(find_spec(places.MINILM_PACKAGE) is None, reason="the offline package is not installed")
class TestMiniLM:
    def test_the_real_bert_agrees_with_its_own_eager_maps(self) -> None:
        model = load("minilm", "cpu")
        found = model.verify("The cat sat on the mat because it was tired.")
        assert found.heads == 72
        assert found.maps <= 1e-5
        assert found.hidden <= 1e-4
        assert model.token_limit == 512
        assert "minilm" in offline()

    def test_other_weights_than_the_published_ones_are_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(places, "MINILM_SHA256", "0" * 64)
        with pytest.raises(ValueError, match="not the published ones"):
            load("minilm")

    def test_too_many_tokens(self) -> None:
        with pytest.raises(ValueError, match="at most 512 tokens, got 602"):
            load("minilm", "cpu").trace("word " * 600)


def test_without_the_package_the_way_to_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "find_spec", lambda name: None)
    with pytest.raises(ValueError, match=r"requirements-offline\.txt"):
        load("minilm")


def test_a_language_model_answers_with_its_next_token(tmp_path: Path) -> None:
    model = load(str(save(tmp_path / "small-gpt", writer(), byte_tokenizer())), "cpu")
    trace = model.trace("the cat")
    with torch.inference_mode():
        ids = torch.tensor([byte_tokenizer()("the cat")["input_ids"]])
        chance = writer()(ids).logits[0, -1].softmax(0)
    assert max(trace.output.values()) == pytest.approx(float(chance.max()), abs=1e-6)
    assert trace.read_at == len(trace.tokens) - 1
    assert f"{1 - sum(trace.output.values()):.1%}" in trace.notes[0]


def test_the_package_imports_without_torch() -> None:
    import subprocess

    asked = "import sys, models.pretrained; print({'torch', 'transformers'} & set(sys.modules))"
    answer = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "set()"
