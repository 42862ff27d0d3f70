"""Amplitudes of given bit strings, for any number of qubits.

Of each fragment only the rows are taken that a string selects. Products of rows are formed for all strings together,
each different combination once, with the powers of 2 of every row kept apart, so that nothing becomes too small.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cutq.exact.bitstrings import Bits, BitString, checked_bits
from cutq.exact.checks import bound_values, check_bytes
from cutq.exact.merging import Merging, Outline, plan_merges
from cutq.exact.settings import ADDRESSABLE
from cutq.exact.state import (
    AMPLITUDE_BYTES,
    Amplitudes,
    bond_dims,
    parts,
    simulation_bytes,
    state_tensor,
)
from cutq.network.blas import one_thread
from cutq.network.cone import light_cone
from cutq.network.contraction import MAX_BYTES
from cutq.network.network import Network

Exponents = NDArray[np.int64]

STRING_BYTES, QUBIT_BYTES = 256, 9
"""Memory for numbers that belong to a string, and to each of its bits."""

BATCH_BYTES = 1 << 26
"""Memory for the products of a batch of strings, where one string does not need more."""


def amplitude(
    network: Network, bits: BitString, params: ArrayLike | None = None, *, max_bytes: float = MAX_BYTES
) -> complex:
    """The amplitude of one bit string, global phase included; see :func:`amplitudes`.

    >>> from cutq.circuits.circuit import Circuit, Operation
    >>> from cutq.network.plan import CutPlan
    >>> from cutq.network.split import split
    >>> circuit = Circuit(2, (Operation("h", (0,)), Operation("cx", (0, 1))))
    >>> round(amplitude(split(circuit, CutPlan.from_partition(circuit, "AB")), "11").real, 12)
    0.707106781187
    """
    return complex(amplitudes(network, [bits], params, max_bytes=max_bytes)[0])


def amplitudes(
    network: Network,
    strings: Iterable[BitString],
    params: ArrayLike | None = None,
    *,
    max_bytes: float = MAX_BYTES,
) -> NDArray[np.complex128]:
    """The amplitudes ``<bits|psi>`` of bit strings, exactly, global phase included.

    Args:
        network: the network.
        strings: bit strings as texts such as ``"0101"``, as lists of 0 and 1, or as the array that ``sample`` gives;
            qubit 0 is leftmost.
        params: values in the order of ``network.parameters``, (P,); left out where there are none.
        max_bytes: cap on memory.

    Returns:
        The amplitudes, (len(strings),).

    Raises:
        ObservableError: a string has the wrong length or something else than 0 and 1.
        ParameterError: values are missing, too many or not finite.
        TooLargeError: it would take more than ``max_bytes``.
    """
    values = bound_values(network, params)
    bits = checked_bits(strings, network.num_qubits)
    cone = light_cone(network, range(network.num_qubits))
    groups = parts(cone)
    plans = [plan_merges([Outline(1, 1, bond_dims(cone.fragments[f])) for f in group]) for group in groups]
    held = max((simulation_bytes(cone.fragments[f] for f in group) for group in groups), default=0)
    each = 4 * AMPLITUDE_BYTES * max((plan.peak for plan in plans), default=1)
    held += len(bits) * (STRING_BYTES + QUBIT_BYTES * network.num_qubits)
    check_bytes(held + each, max_bytes, f"finding the amplitudes of {len(bits)} bit strings")
    batch = max(1, min(BATCH_BYTES, int(min(max_bytes, ADDRESSABLE)) - held) // each)
    total, exponents = np.ones(len(bits), dtype=complex), np.zeros(len(bits), dtype=np.int64)
    with one_thread():
        for group, plan in zip(groups, plans, strict=True):
            found, powers = _part_amplitudes(cone, group, plan, values, bits, batch)
            total, more = _normalised_rows(total * found)
            exponents += powers + more
    return _shifted_rows(total * cmath.exp(1j * network.global_phase.at(values)), exponents)


@dataclass(frozen=True, eq=False)
class _Rows:
    """What strings select of a product of fragments, each different combination once.

    Attributes:
        array: (different combinations, dimension of each bond ...), each row scaled to a size of about 1.
        exponents: the power of 2 that was taken out of each row.
        bonds: numbers of the bonds of axes 1, 2, ...
        of: the row of each string.
    """

    array: Amplitudes
    exponents: Exponents
    bonds: tuple[int, ...]
    of: NDArray[np.intp]

    def matrices(self, rows: NDArray[np.intp], shared: Sequence[int]) -> Amplitudes:
        """Some rows as (len(rows), other bonds, shared bonds)."""
        axes = [1 + self.bonds.index(bond) for bond in shared]
        others = [axis for axis in range(1, self.array.ndim) if axis not in axes]
        size = math.prod(self.array.shape[axis] for axis in axes)
        return self.array[rows].transpose(0, *others, *axes).reshape(len(rows), -1, size)


def _part_amplitudes(
    network: Network, group: Sequence[int], plan: Merging, values: Mapping[str, float], bits: Bits, batch: int
) -> tuple[Amplitudes, Exponents]:
    """What fragments that bonds join contribute to each string: a number and a power of 2."""
    tensors = [state_tensor(network, f, values) for f in group]
    found, exponents = np.empty(len(bits), dtype=complex), np.empty(len(bits), dtype=np.int64)
    for start in range(0, len(bits), batch):
        own = slice(start, start + batch)
        rows = {k: _selected(tensor.array, tensor.bonds, bits[own, tensor.qubits]) for k, tensor in enumerate(tensors)}
        for step, (first, second) in enumerate(plan.pairs):
            rows[len(group) + step] = _merged(rows.pop(first), rows.pop(second))
        (whole,) = rows.values()
        found[own], exponents[own] = whole.array[whole.of], whole.exponents[whole.of]
    return found, exponents


def _selected(array: Amplitudes, bonds: tuple[int, ...], bits: Bits) -> _Rows:
    """The rows of a fragment that its bits of the strings, (strings, outputs), select."""
    weights = 1 << np.arange(bits.shape[1], dtype=np.int64)[::-1]
    different, of = np.unique(bits @ weights, return_inverse=True)
    return _Rows(*_normalised_rows(array[different.astype(np.intp)]), bonds, of)


def _merged(one: _Rows, two: _Rows) -> _Rows:
    """The products of the rows that occur together, summed over common bonds."""
    shared = [bond for bond in one.bonds if bond in two.bonds]
    pairs, of = np.unique(one.of * len(two.array) + two.of, return_inverse=True)
    first, second = np.divmod(pairs, len(two.array))
    product = one.matrices(first, shared) @ two.matrices(second, shared).transpose(0, 2, 1)
    axes = [(rows, axis) for rows in (one, two) for axis, bond in enumerate(rows.bonds, 1) if bond not in shared]
    array = product.reshape(len(pairs), *(rows.array.shape[axis] for rows, axis in axes))
    array, powers = _normalised_rows(array)
    exponents = one.exponents[first] + two.exponents[second] + powers
    return _Rows(array, exponents, tuple(rows.bonds[axis - 1] for rows, axis in axes), of)


def _normalised_rows(array: Amplitudes) -> tuple[Amplitudes, Exponents]:
    """Each row with the power of 2 of its largest entry taken out, and these powers."""
    largest = np.abs(array).max(axis=tuple(range(1, array.ndim)), initial=0.0)
    powers = np.frexp(largest)[1].astype(np.int64)
    return _shifted_rows(array, -powers), powers


def _shifted_rows(array: Amplitudes, powers: Exponents) -> Amplitudes:
    """Each row times its power of 2."""
    column = powers.reshape(-1, *[1] * (array.ndim - 1))
    return np.ldexp(array.real, column) + 1j * np.ldexp(array.imag, column)
