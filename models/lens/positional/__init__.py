"""How a network is told where a token stands, in NumPy and float64: every scheme in use, and what it does by offset.

sinusoid   codes of sines and cosines, in one and two dimensions     rotary   pairs of features turned by position
bias       numbers added to a score by offset (ALiBi, T5)            tables   codes and biases that a model learned
likeness   how alike two positions are, and how much the offset alone decides
nearness   the score and the weight of a key by its offset, and what happens beyond the trained length

`relative` is always key minus query, as in T5: negative looks back.
"""

from models.lens.positional.bias import alibi, alibi_slopes, t5, t5_bucket, t5_example, t5_met
from models.lens.positional.rotary import angles, raised_base, rope, rope_scores
from models.lens.positional.sinusoid import shift, shift_error, sinusoidal, sinusoidal_2d, sinusoidal_at, wavelengths

__all__ = [
    "alibi",
    "alibi_slopes",
    "angles",
    "raised_base",
    "rope",
    "rope_scores",
    "shift",
    "shift_error",
    "sinusoidal",
    "sinusoidal_2d",
    "sinusoidal_at",
    "t5",
    "t5_bucket",
    "t5_example",
    "t5_met",
    "wavelengths",
]
