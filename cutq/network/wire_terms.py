"""The table of protocols by which wires are cut shot by shot: by local operations, and jointly with feed-forward."""

from __future__ import annotations

import numpy as np

from cutq.network.frames import BASES, FRAMES, STATES
from cutq.network.legspace import Place
from cutq.network.mub import mub_bases
from cutq.network.signed import Signed, Steered, Term


def _pauli_score(letter: str) -> Signed:
    """The value of a Pauli letter, measured in its basis; the identity in that of Z."""
    states = [STATES[name] for name in BASES["Z" if letter == "I" else letter]]
    return Signed.of(np.conj(states), [1, 1 if letter == "I" else -1])


def _wire_row(*rows: tuple[str, str, float]) -> tuple[Term, ...]:
    """Terms from Pauli letters upstream, states downstream and coefficients."""
    return tuple(Term(c, _pauli_score(letter), Signed.of([STATES[state]])) for letter, state, c in rows)


def _sic_row() -> tuple[Term, ...]:
    """``rho = sum_k Tr(O_k rho) s_k`` with ``O_k = (1 + 3 n_k sigma) / 4``, of eigenvalues 1 and -1/2, in the SICs."""
    states = [vectors for _, vectors in FRAMES["sic"].rows(Place(0, 0, 2, "in"))]
    pairs = [(state, np.conj([[-state[0, 1], state[0, 0]]])) for state in states]
    return tuple(
        Term(1.0, Signed.of(np.conj(np.concatenate([state, opposite])), [1, -0.5]), Signed.of(state))
        for state, opposite in pairs
    )


_PLUS, _MINUS = (0.5, -0.5)

WIRES: dict[str, tuple[Term, ...]] = {
    "sic": _sic_row(),
    "pauli": _wire_row(
        ("I", "0", _PLUS), ("I", "1", _PLUS), ("X", "+", _PLUS), ("X", "-", _MINUS), ("Y", "r", _PLUS),
        ("Y", "l", _MINUS), ("Z", "0", _PLUS), ("Z", "1", _MINUS),
    ),
    "std4": _wire_row(
        ("I", "0", _PLUS), ("I", "1", _PLUS), ("Z", "0", _PLUS), ("Z", "1", _MINUS), ("X", "+", 1.0),
        ("X", "0", _MINUS), ("X", "1", _MINUS), ("Y", "r", 1.0), ("Y", "0", _MINUS), ("Y", "1", _MINUS),
    ),
}  # fmt: skip
"""Protocols of one wire by local operations. ``pauli``: Peng et al., PRL 125 150504, gamma 4; ``sic`` with the same
gamma in fewer circuits and with a smaller second moment; ``std4`` with four simple states, gamma 6."""


def steered_wires(count: int) -> tuple[Steered, ...]:
    """The terms of parallel wires that are cut together, with feed-forward from upstream to downstream.

    Measured and prepared again in every mutually unbiased basis but the computational one; in that, measured and
    prepared as any other string (Harada, Wada, Yamamoto, arXiv:2303.07340; Pednault, arXiv:2303.08287). Optimal, at
    gamma ``2**(count + 1) - 1``. The transfer matrix is that of the product of the wires, the first one slowest.

    Args:
        count: how many wires, 1 to 4.

    Raises:
        PlanError: the bases of so many qubits are not in the table.

    >>> [term.coefficient for term in steered_wires(2)]
    [1.0, 1.0, 1.0, 1.0, -3.0]
    """
    computational, *others = mub_bases(count)
    same = np.eye(len(computational))
    again = [Steered(1.0, basis.conj(), basis, same) for basis in others]
    other = (1 - same) / (len(same) - 1)
    return (*again, Steered(1.0 - len(same), computational, computational, other))
