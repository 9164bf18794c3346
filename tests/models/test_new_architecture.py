"""What a new architecture must say of itself, and that nothing is assumed where it is silent."""

import pytest

from models.cards import TITLES, WEIGHTS, write_card
from models.lens import cost, mixing, receptive_field
from models.zoo import ARCHITECTURES, build
from models.zoo.network import Mixer
from pages.rows.view import article
from tests.models.tiny import SEVEN, around
from viz.theme import look


class Silent(Mixer):
    """Lets every position through and says nothing of itself."""

    def forward(self, x, mask):  # type: ignore[no-untyped-def]
        return x


class Telling(Silent):
    kind = "gru"

    @property
    def reach(self) -> tuple[int | None, int | None]:
        return 3, 1


def test_a_mixer_that_says_nothing_is_refused_not_taken_for_attention() -> None:
    model = around([Silent()])
    with pytest.raises(ValueError, match="layer_kind must be one of"):
        cost.of_model(model, SEVEN, repeats=1)
    with pytest.raises(NotImplementedError, match="Silent does not say how far it reaches"):
        receptive_field.reach_by_depth(model.network)


def test_a_new_mixer_is_costed_and_reaches_as_it_says() -> None:
    model = around([Telling(), Telling()])
    width, inner = model.network.embedding.embedding_dim, model.network.blocks[0].feed[0].out_features
    layer = cost.macs("gru", 7, width) + cost.macs("feed_forward", 7, width, inner=inner)
    head = model.network.head.in_features * model.network.head.out_features
    assert cost.of_model(model, SEVEN, repeats=1).macs == 2 * layer + head
    assert receptive_field.reach_by_depth(model.network) == [(0, 0), (3, 1), (6, 2)]
    assert not mixing.fixed(model)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_architecture_stands_in_every_list_that_the_readme_names(name: str) -> None:
    assert TITLES[name]
    assert look(name).title
    assert article(name)
    shape = {"vocabulary": 5, "classes": 2, "readout": "last", "causal": True, "dropout": 0.0, "shift": 0}
    for block in build({"architecture": name, **shape}, seed=0).blocks:
        assert block.mix.kind in cost.KINDS
        assert len(block.mix.reach) == 2


def test_a_card_without_a_title_says_where_to_add_one() -> None:
    with pytest.raises(ValueError, match="no title for the architecture 'abacus'"):
        write_card("x", WEIGHTS / "none.safetensors", settings={"architecture": "abacus"})
