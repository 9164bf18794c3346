"""The schemes: name, formula in the paper's symbols, paper, where it enters, and how it is drawn."""

from dataclasses import dataclass

from viz.theme import Look


@dataclass(frozen=True)
class Scheme:
    """key: its name in models.lens.positional; entry: where it meets the network; grid: for two dimensions."""

    key: str
    title: str
    formula: str
    paper: str
    link: str
    entry: str
    look: Look
    grid: bool = False
    more: tuple[tuple[str, str], ...] = ()  # further papers on screen: name, link


def _look(title: str, colour: str, dash: str, symbol: str) -> Look:
    return Look(title, colour, dash, symbol)


NONE = Scheme(
    "none",
    "No positions",
    r"\mathrm{softmax}\!\left(QK^\top/\sqrt{d}\right)V",
    "Kazemnejad et al. 2023",
    "https://arxiv.org/abs/2305.19466",
    "Nothing is added. Without a causal mask the order of the words is invisible; with one it can be recovered.",
    _look("none", "#808080", "dot", "square"),
)
SINUSOIDAL = Scheme(
    "sinusoidal",
    "Sinusoidal",
    r"PE_{(pos,\,2i)}=\sin\!\left(pos/10000^{2i/d}\right)\quad PE_{(pos,\,2i+1)}=\cos\!\left(pos/10000^{2i/d}\right)",
    "Vaswani et al. 2017, section 3.5",
    "https://arxiv.org/abs/1706.03762",
    "Added to the word's embedding, once, before the first layer. The base replaces 10000.",
    _look("sinusoidal", "#0072B2", "solid", "circle"),
)
LEARNED = Scheme(
    "learned",
    "Learned table",
    r"x_{pos}=E_{word}+P_{pos},\qquad P\in\mathbb{R}^{L\times d}\ \text{learned}",
    "Gehring et al. 2017; Devlin et al. 2019",
    "https://arxiv.org/abs/1810.04805",
    "Added to the word's embedding, once. A row that the table does not have does not exist.",
    _look("learned", "#56B4E9", "dash", "circle-open"),
)
ROPE = Scheme(
    "rope",
    "RoPE",
    r"\begin{gathered}q_m^\top k_n=\left(R^d_{\Theta,m}W_q x_m\right)^{\!\top}\!\left(R^d_{\Theta,n}W_k x_n\right)"
    r"=x_m^\top W_q^\top R^d_{\Theta,n-m}W_k x_n\\"
    r"R_{\Theta,m}\text{ turns pair }i\text{ by }\frac{m}{s}\,\theta_i,\quad \theta_i=10000^{-2(i-1)/d_r}"
    r"\end{gathered}",
    "Su et al. 2021, section 3.2",
    "https://arxiv.org/abs/2104.09864",
    "Turns queries and keys in every layer. The base replaces 10000; d_r features turn, and s is the interpolation.",
    _look("RoPE", "#7A5CC9", "solid", "diamond"),
    more=(("interpolation: Chen et al. 2023", "https://arxiv.org/abs/2306.15595"),),
)
ALIBI = Scheme(
    "alibi",
    "ALiBi",
    r"\mathrm{softmax}\!\left(q_iK^\top+m\cdot[-(i-1),\ldots,-2,-1,0]\right),\quad m_h=2^{-8h/H}\ \text{for}\ H=2^n",
    "Press et al. 2022, section 3",
    "https://arxiv.org/abs/2108.12409",
    "Added to the scores in every layer; each head h of H has its own slope m. Between powers of two: the slopes of "
    "the power below, then every other one of the power above.",
    _look("ALiBi", "#1A8A8A", "solid", "triangle-up"),
)
T5 = Scheme(
    "t5",
    "T5 relative bias",
    r"\begin{gathered}\mathrm{softmax}_j\!\left(q_i k_j^\top+b_{h,\,\mathrm{bucket}(j-i)}\right),"
    r"\quad b\ \text{learned}\\"
    r"\mathrm{bucket}(r)=|r|\text{ for }|r|<\tfrac n2,\text{ else }\min\!\left(n-1,\left\lfloor\tfrac n2+\tfrac n2"
    r"\frac{\ln(2|r|/n)}{\ln(2\cdot128/n)}\right\rfloor\right)\end{gathered}",
    "Raffel et al. 2020, section 2.1",
    "https://arxiv.org/abs/1910.10683",
    "Added to the scores in every layer. n is 32 where only earlier keys are read; else 16 a direction, and later keys "
    "have the buckets from 16 on.",
    _look("T5", "#A65628", "solid", "square"),
)
SINUSOIDAL_2D = Scheme(
    "sinusoidal-2d",
    "Sinusoidal, 2-D",
    r"PE_{(r,c)}=\left[\,PE^{d/2}_{r}\ ;\ PE^{d/2}_{c}\,\right]",
    "Parmar et al. 2018, section 3.1",
    "https://arxiv.org/abs/1802.05751",
    "Added to a patch's embedding: half of the features say the row, half the column.",
    _look("sinusoidal, 2-D", "#0072B2", "dashdot", "hexagon"),
    True,
)
LEARNED_2D = Scheme(
    "learned-2d",
    "Learned, 2-D",
    r"z_0=[x_{class};\,x_p^1E;\ldots;x_p^NE]+E_{pos},\quad E_{pos}\in\mathbb{R}^{(N+1)\times D}",
    "Dosovitskiy et al. 2021, section 3.1",
    "https://arxiv.org/abs/2010.11929",
    "A Vision Transformer's learned code of each patch, added once; nothing tells it rows from columns.",
    _look("learned, 2-D", "#56B4E9", "dashdot", "hexagon-open"),
    True,
)

SCHEMES = {each.title: each for each in (SINUSOIDAL, LEARNED, ROPE, ALIBI, T5, SINUSOIDAL_2D, LEARNED_2D, NONE)}
TEXT = tuple(each for each in (NONE, SINUSOIDAL, LEARNED, ROPE, ALIBI, T5))
