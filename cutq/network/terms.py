"""The table of protocols for shot-by-shot sampling: every bond as a signed sum of pairs of local instruments.

Gates are cut at the optimal gamma ``2 (sum_x |u_x|)**2 - 1`` of their operator-Schmidt form ``sum_x u_x A_x (x) B_x``,
several jointly with strings for ``x`` (Schmitt, Piveteau, Sutter, arXiv:2312.11638). With a phase ``g`` for which
``g A_x^+ A_y`` is its own inverse, the Hermitian parts ``R`` and ``I`` of ``conj(g) A_x rho A_y^+`` are the signed
instruments ``K_+ rho K_+^+ - K_- rho K_-^+`` of ``(A_x +- g A_y) / 2``, a measurement, and of ``(A_x +- i g A_y) / 2``,
half the difference of two unitaries. Then a pair ``x < y`` is, with ``w = u_x conj(u_y) g**2``,
``2 Re w (R (x) R - I (x) I) - 2 Im w (R (x) I + I (x) R)``. Where an ancilla chooses between ``A_x`` and ``A_y``, any
phase will do for ``g`` at one end, and one that makes ``w`` real is best. A pair ``x = y`` is two unitaries.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from cutq.errors import PlanError
from cutq.network.legspace import Complexes
from cutq.network.network import Bond
from cutq.network.operator_schmidt import OperatorSchmidt, operator_schmidt, strings
from cutq.network.signed import Signed, Term
from cutq.network.wire_terms import WIRES

NEGLIGIBLE = 1e-13
"""Coefficients of terms up to this are zero."""

MOST_TERMS = 4096
"""Joint bonds of more terms are not written out."""


def bond_terms(
    bond: Bond, values: Mapping[str, float], *, wires: str = "sic", ancilla: bool = True
) -> tuple[Term, ...]:
    """The terms of a bond by local operations; those of coefficient 0 are left out.

    Their gamma is that of the bond at these values, except for stars: theirs is always 4, also where ``bond.gamma`` is
    less because their gates, one by one, would be cheaper. That would need other letters than those of the star.

    Args:
        bond: the bond.
        values: numbers for its parameters.
        wires: which row of ``WIRES`` cuts wires.
        ancilla: whether ancillas may choose letters. Single gates of rank 2 never need one. Other pairs without one
            cost ``2 |cos| + 2 |sin|`` of a phase instead of 2 (Mitarai, Fujii, Quantum 5 388), and of several
            components their measurements and unitaries are such only if nothing is done between the components.

    Raises:
        PlanError: there is no such row, the terms are too many, or a star would need an ancilla.

    >>> from cutq.circuits.circuit import Circuit, Operation
    >>> from cutq.network.cuts import GateCut
    >>> from cutq.network.plan import CutPlan
    >>> from cutq.network.signed import gamma
    >>> from cutq.network.split import split
    >>> swap = split(Circuit(2, (Operation("swap", (0, 1)),)), CutPlan((GateCut((0,)),))).bonds[0]
    >>> len(bond_terms(swap, {})), len(bond_terms(swap, {}, ancilla=False)), round(gamma(bond_terms(swap, {})), 9)
    (16, 34, 7.0)
    """
    if wires not in WIRES:
        raise PlanError(f"wires are cut by one of the protocols {', '.join(WIRES)}, got {wires!r}")
    if not bond.ops:
        return WIRES[wires]
    hubs = [own.hub for own in bond.components if own.operation is None]
    if hubs and not ancilla:
        raise PlanError("a star is cut with an ancilla; without one, cut its gates one by one, each as its own GateCut")
    terms = _gate_terms(bond, values, ancilla, len(STAR) ** len(hubs))
    for hub in hubs:
        terms = [_both(term, star if hub == 0 else _mirrored(star)) for term in terms for star in STAR]
    return tuple(_in_order(term, bond) for term in terms)


# --- gates ---


def _gate_terms(bond: Bond, values: Mapping[str, float], ancilla: bool, times: int) -> list[Term]:
    """The terms of all components that are no stars together; ``times`` is how many terms each will become."""
    forms = [operator_schmidt(own, values) for own in bond.components if own.operation is not None]
    count = math.prod(len(form.weights) for form in forms)
    if count**2 * times > MOST_TERMS:
        raise PlanError(
            f"a joint bond of {count**2 * times} terms is not written out, {MOST_TERMS} are the most; cut fewer gates "
            "jointly"
        )
    form = strings(forms)
    # Of two strings, which is one gate of rank 2, the form without an ancilla is as cheap.
    pair = _ancilla_pair if ancilla and count > 2 else _plain_pair
    pairs = itertools.combinations(range(count), 2)
    terms = itertools.chain((_same(form, x) for x in range(count)), *(pair(form, x, y) for x, y in pairs))
    return [term for term in terms if abs(term.coefficient) > NEGLIGIBLE]


def _same(form: OperatorSchmidt, x: int) -> Term:
    return Term(float(abs(form.weights[x]) ** 2), Signed.of(form.left[[x]]), Signed.of(form.right[[x]]))


def _ancilla_pair(form: OperatorSchmidt, x: int, y: int) -> Iterator[Term]:
    """``R (x) R - I (x) I`` with the phase of the weights on the left.

    So on the right they are a measurement and unitaries where strings are side by side.
    """
    weight, near = form.weights[x] * form.weights[y].conj(), form.phases[x, y]
    far = np.exp(-1j * np.angle(weight)) * near.conj()
    for turn, sign in ((1, 2.0), (1j, -2.0)):
        left = _interference(form.left[[x, y]], turn * far)
        yield Term(sign * float(abs(weight)), left, _interference(form.right[[x, y]], turn * near))


def _plain_pair(form: OperatorSchmidt, x: int, y: int) -> Iterator[Term]:
    """All four products of ``R`` and ``I`` at the phases where they are a measurement and two unitaries."""
    phase = form.phases[x, y]
    weight = complex(2 * form.weights[x] * form.weights[y].conj() * phase**2)
    left, right = (_parts(side[[x, y]], phase) for side in (form.left, form.right))
    for share, r, s in ((weight.real, 0, 0), (-weight.real, 1, 1), (-weight.imag, 0, 1), (-weight.imag, 1, 0)):
        for (a, one), (b, two) in itertools.product(left[r], right[s]):
            yield Term(share * a * b, one, two)


def _interference(pair: Complexes, phase: complex) -> Signed:
    """The Hermitian part of ``conj(phase) A_0 rho A_1^+``: the Kraus operators ``(A_0 +- phase A_1) / 2``."""
    one, two = pair[0], phase * pair[1]
    return Signed.of(np.array([one + two, one - two]) / 2, [1, -1])


def _parts(pair: Complexes, phase: complex) -> tuple[list[tuple[float, Signed]], list[tuple[float, Signed]]]:
    """``R``, and ``I`` as half the difference of the unitaries ``(A_0 +- i phase A_1) / sqrt(2)``."""
    one, two = pair[0], 1j * phase * pair[1]
    unitaries = [(sign / 2, Signed.of([(one + sign * two) / math.sqrt(2)])) for sign in (1, -1)]
    return [(1.0, _interference(pair, phase))], unitaries


# --- stars ---


def _star_row() -> tuple[Term, ...]:
    """``sum_bc (Pi_b rho Pi_c) (x) (V_b rho V_c^+)`` with the hub at end 0.

    The two ``b = c`` are a measurement of which one outcome counts, and ``V_b``. Of ``b != c`` the parts ``R`` and
    ``I`` are on the hub a quarter of the differences of ``Pi_0 +- Pi_1`` and of ``Pi_0 +- i Pi_1``, all four unitary.
    """
    projectors, arms = np.array([[1, 1], [1, -1]], dtype=complex) / 2, np.eye(2, dtype=complex)
    found = [Term(1.0, Signed.of(projectors, arms[b].real), Signed.of(arms[[b]])) for b in (0, 1)]
    for turn, share in ((1, 0.5), (1j, -0.5)):
        for sign in (1, -1):
            hub = Signed.of([projectors[0] + sign * turn * projectors[1]])
            found.append(Term(share * sign, hub, _interference(arms, turn)))
    return tuple(found)


STAR: tuple[Term, ...] = _star_row()
"""The protocol of a star, gamma 4 whatever its gates are, with one ancilla away from the hub."""


def _mirrored(term: Term) -> Term:
    return Term(term.coefficient, term.right, term.left)


# --- several components ---


def _both(one: Term, two: Term) -> Term:
    """Two terms of different components, done together."""
    return Term(one.coefficient * two.coefficient, _kron(one.left, two.left), _kron(one.right, two.right))


def _kron(one: Signed, two: Signed) -> Signed:
    return Signed.of(np.kron(one.vectors, two.vectors), np.kron(one.scores, two.scores))


def _in_order(term: Term, bond: Bond) -> Term:
    """The letters of a term, stars last, in the order of the components."""
    order = sorted(range(len(bond.dims)), key=lambda k: bond.components[k].operation is None)
    if order == sorted(order):
        return term
    dims = [bond.dims[k] for k in order]
    return Term(term.coefficient, _moved(term.left, dims, order), _moved(term.right, dims, order))


def _moved(own: Signed, dims: Sequence[int], order: Sequence[int]) -> Signed:
    axes = [0, *(1 + order.index(k) for k in range(len(order)))]
    vectors = own.vectors.reshape(-1, *dims).transpose(axes)
    return Signed.of(vectors.reshape(own.vectors.shape), own.scores)
