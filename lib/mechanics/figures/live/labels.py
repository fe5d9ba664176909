"""Names of variables as formulas: for Matplotlib's axes and for the page."""

import unicodedata
from html import escape
from html.entities import html5

import sympy as sp
from sympy.printing.conventions import split_super_sub

ACCENTS = {"ddot": "\u0308", "dot": "\u0307", "hat": "\u0302", "bar": "\u0304"}


def tex_label(formula: sp.Expr) -> str:
    r"""Write an expression for Matplotlib.

    >>> tex_label(sp.Symbol("p_theta")), tex_label(sp.Symbol("energy"))
    ('$p_{\\theta}$', '$E$')
    """
    return f"${sp.latex(formula.subs(sp.Symbol('energy'), sp.Symbol('E')))}$"


def html_label(label) -> str:
    """Write the name of a variable, or any text, for the page.

    >>> html_label("p_theta"), html_label("omega_0"), html_label("length")
    ('<i>p</i><sub>θ</sub>', '<i>ω</i><sub>0</sub>', 'length')
    """
    text = str(label)
    name, above, below = (
        split_super_sub(text) if text.isidentifier() else (text, (), ())
    )
    letter = _letter(name)
    if len(unicodedata.normalize("NFD", letter).rstrip("".join(ACCENTS.values()))) > 1:
        return escape(text)  # a word
    html = f"<i>{letter}</i>"
    if below:
        html += f"<sub>{', '.join(map(_letter, below))}</sub>"
    if above:
        html += f"<sup>{', '.join(map(_letter, above))}</sup>"
    return html


def _letter(name: str) -> str:
    """Write one name, such as ``thetadot``, with letters and accents."""
    for accent, mark in ACCENTS.items():
        if name.endswith(accent) and len(name) > len(accent):
            return _letter(name.removesuffix(accent)) + mark
    return html5.get(f"{name};", escape(name)) if len(name) > 1 else escape(name)
