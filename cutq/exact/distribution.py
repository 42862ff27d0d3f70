"""Probabilities of outcomes: the whole distribution of a network, or that of some of its qubits.

Fragments are multiplied together at amplitude level, where a bond costs its rank and not the square of it. Qubits that
are not asked for stay as a traced index, which is cut down to the rank of the bonds around it by a QR decomposition:
only the R of ``A = Q R`` can be seen from outside. The last product is squared block by block as it is formed, so that
no complex array of the size of the result ever exists.
"""

from __future__ import annotations

import itertools
import math
import operator
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cutq.circuits.checks import shown
from cutq.errors import ObservableError
from cutq.exact.checks import bound_values, check_bytes
from cutq.exact.merging import Merging, Outline, plan_merges
from cutq.exact.state import (
    AMPLITUDE_BYTES,
    Amplitudes,
    StateTensor,
    bond_dims,
    normalised,
    parts,
    shifted,
    simulation_bytes,
    state_tensor,
)
from cutq.network.blas import one_thread
from cutq.network.cone import light_cone
from cutq.network.contraction import MAX_BYTES
from cutq.network.network import Fragment, Network

BLOCK_BITS = 16
"""The last product is worked on in blocks of ``2**16`` entries, which stay in the cache."""

BLOCK_BYTES = 1 << 22
"""Memory for the blocks and for the copies of the small side of the last product."""


def probabilities(
    network: Network, qubits: Sequence[int], params: ArrayLike | None = None, *, max_bytes: float = MAX_BYTES
) -> NDArray[np.float64]:
    """The probability of each outcome of some qubits, all at once.

    Args:
        network: the network.
        qubits: different qubits, in the order of the result's axes; ``range(n)`` for the whole distribution.
        params: values in the order of ``network.parameters``, (P,); left out where there are none.
        max_bytes: cap on memory, the result included.

    Returns:
        The probabilities, (2,) * len(qubits).

    Raises:
        ObservableError: a qubit is repeated or not there.
        ParameterError: values are missing, too many or not finite.
        TooLargeError: it would take more than ``max_bytes``.

    >>> from cutq.circuits.circuit import Circuit, Operation
    >>> from cutq.network.plan import CutPlan
    >>> from cutq.network.split import split
    >>> circuit = Circuit(2, (Operation("h", (0,)), Operation("cx", (0, 1))))
    >>> probabilities(split(circuit, CutPlan.from_partition(circuit, "AB")), [0, 1]).round(12)
    array([[0.5, 0. ],
           [0. , 0.5]])
    """
    values = bound_values(network, params)
    asked = checked_qubits(qubits, network.num_qubits)
    cone = light_cone(network, dict.fromkeys(asked, "z"))
    seen = [part for part in parts(cone) if not set(asked).isdisjoint(_outputs(cone, part))]
    plans = [plan_merges([_outline(cone.fragments[f], asked) for f in part]) for part in seen]
    need = _bytes(cone, seen, plans, len(asked))
    check_bytes(need, max_bytes, f"the distribution of {len(asked)} qubits")
    result = np.empty((2,) * len(asked))
    with one_thread():
        if len(seen) == 1:
            _write_part(cone, seen[0], plans[0], values, asked, result)
        else:
            _write_product(cone, seen, plans, values, asked, result)
    return result


def checked_qubits(qubits: Sequence[int], num_qubits: int) -> tuple[int, ...]:
    """Different qubits of a circuit.

    Raises:
        ObservableError: a qubit is repeated or not there.
    """
    try:
        asked = tuple(operator.index(qubit) for qubit in qubits)
    except TypeError as cause:
        raise ObservableError(
            f"probabilities are those of a list of qubits such as [0, 3], got {shown(qubits)}; range(n) stands for all"
        ) from cause
    for position, qubit in enumerate(asked):
        if not 0 <= qubit < num_qubits:
            raise ObservableError(
                f"qubit {qubit} is asked for, but the circuit has {num_qubits} qubits, numbered from 0"
            )
        if qubit in asked[:position]:
            raise ObservableError(f"each qubit is one axis of the result, but qubit {qubit} is asked for twice")
    return asked


def _outputs(network: Network, part: Iterable[int]) -> list[int]:
    return [qubit for f in part for qubit in network.fragments[f].outputs]


def _outline(fragment: Fragment, asked: Sequence[int]) -> Outline:
    kept = len(set(fragment.outputs).intersection(asked))
    return Outline(1 << kept, 1 << (len(fragment.outputs) - kept), bond_dims(fragment))


def _bytes(network: Network, seen: Sequence[Sequence[int]], plans: Sequence[Merging], num_qubits: int) -> int:
    """Memory at the worst moment: simulating, multiplying, or forming the result."""
    result = 8 << num_qubits
    largest = max((plan.outlines[-1].outcomes for plan in plans), default=1)
    factors = 8 * (largest + (1 << num_qubits) // largest) if len(plans) > 1 else 0
    work = [0]
    for part, plan in zip(seen, plans, strict=True):
        simulating = simulation_bytes(network.fragments[f] for f in part)
        last_two = [plan.outlines[k] for k in (plan.pairs[-1] if plan.pairs else (0,))]
        block = 2 * math.prod(outline.traced for outline in last_two)
        forming = 4 * sum(outline.entries for outline in last_two) + block
        work += [simulating, AMPLITUDE_BYTES * max(plan.peak + 2 * plan.largest, forming)]
    return result + factors + max(work) + BLOCK_BYTES


@dataclass(frozen=True, eq=False)
class _Table:
    """Amplitudes of the outcomes of some qubits.

    Attributes:
        array: (outcomes, traced, dimension of each bond ...), scaled to a size of about 1.
        qubits: the first is the most significant bit of axis 0.
        bonds: numbers of the bonds of axes 2, 3, ...
        exponent: the power of 2 that was taken out.
    """

    array: Amplitudes
    qubits: tuple[int, ...]
    bonds: tuple[int, ...]
    exponent: int = 0

    def matrix(self, shared: Sequence[int]) -> Amplitudes:
        """As (outcomes * traced * other bonds, shared bonds)."""
        axes = [2 + self.bonds.index(bond) for bond in shared]
        others = [axis for axis in range(2, self.array.ndim) if axis not in axes]
        size = math.prod(self.array.shape[axis] for axis in axes)
        return self.array.transpose(0, 1, *others, *axes).reshape(-1, size)

    def ordered(self, asked: Sequence[int]) -> _Table:
        """With its outcomes in the order in which its qubits are asked for."""
        order = sorted(range(len(self.qubits)), key=lambda k: asked.index(self.qubits[k]))
        whole = self.array.reshape((2,) * len(order) + self.array.shape[1:])
        array = whole.transpose(*order, *range(len(order), whole.ndim)).reshape(self.array.shape)
        return _Table(array, tuple(self.qubits[k] for k in order), self.bonds, self.exponent)


def _write_product(
    network: Network,
    seen: Sequence[Sequence[int]],
    plans: Sequence[Merging],
    values: Mapping[str, float],
    asked: Sequence[int],
    result: NDArray[np.float64],
) -> None:
    """The distribution of parts that are independent of each other, into ``result``; small factors first."""
    factors: list[NDArray[np.float64]] = [np.ones((1,) * len(asked))] * (2 - min(2, len(seen)))
    for part, plan in zip(seen, plans, strict=True):
        own = [qubit for qubit in asked if qubit in _outputs(network, part)]
        factor = np.empty((2,) * len(own))
        _write_part(network, part, plan, values, own, factor)
        factors.append(factor.reshape([2 if qubit in own else 1 for qubit in asked]))
    while len(factors) > 2:
        factors.sort(key=lambda factor: -factor.size)
        factors.append(factors.pop() * factors.pop())
    first, second = factors
    np.multiply(first, second, out=result)


def _write_part(
    network: Network,
    part: Sequence[int],
    plan: Merging,
    values: Mapping[str, float],
    asked: Sequence[int],
    out: NDArray[np.float64],
) -> None:
    """The distribution of fragments that bonds join, into ``out``, one axis for each qubit."""
    tables: dict[int, _Table] = {}
    for k, f in enumerate(part):
        tables[k] = _compressed(_table(state_tensor(network, f, values), asked))
    for step, (first, second) in enumerate(plan.pairs[:-1]):
        tables[len(part) + step] = _compressed(_merged(tables.pop(first), tables.pop(second)))
    left, right = tables.values() if plan.pairs else (tables[0], _Table(np.ones((1, 1), dtype=complex), (), ()))
    if right.qubits and (not left.qubits or asked.index(right.qubits[0]) < asked.index(left.qubits[0])):
        left, right = right, left
    _square(left.ordered(asked), right.ordered(asked), asked, out)


def _table(tensor: StateTensor, asked: Sequence[int]) -> _Table:
    """A fragment's tensor with the qubits that are not asked for traced."""
    qubits = [qubit for qubit in asked if qubit in tensor.qubits]
    axes = [tensor.qubits.index(qubit) for qubit in qubits]
    traced = [axis for axis in range(len(tensor.qubits)) if axis not in axes]
    dims = tensor.array.shape[1:]
    whole = tensor.array.reshape((2,) * len(tensor.qubits) + dims)
    array = whole.transpose(*axes, *traced, *range(len(tensor.qubits), whole.ndim))
    return _scaled(_Table(array.reshape(1 << len(axes), 1 << len(traced), *dims), tuple(qubits), tensor.bonds))


def _compressed(table: _Table) -> _Table:
    """A table with no more traced indices than its bonds can tell apart."""
    outcomes, traced, *dims = table.array.shape
    size = math.prod(dims)
    if traced <= size:
        return table
    array = np.asarray(np.linalg.qr(table.array.reshape(outcomes, traced, size), mode="r"))
    return _Table(array.reshape(outcomes, size, *dims), table.qubits, table.bonds, table.exponent)


def _merged(one: _Table, two: _Table) -> _Table:
    """The product of two tables, summed over their common bonds."""
    shared = [bond for bond in one.bonds if bond in two.bonds]
    product = one.matrix(shared) @ two.matrix(shared).T
    (kept, traced), (more, also) = one.array.shape[:2], two.array.shape[:2]
    inner = [[k for k, bond in enumerate(table.bonds) if bond not in shared] for table in (one, two)]
    dims = [[table.array.shape[2 + k] for k in own] for table, own in zip((one, two), inner, strict=True)]
    array = product.reshape(kept, traced, math.prod(dims[0]), more, also, math.prod(dims[1]))
    array = array.transpose(0, 3, 1, 4, 2, 5).reshape(kept * more, traced * also, *dims[0], *dims[1])
    bonds = tuple(table.bonds[k] for table, own in zip((one, two), inner, strict=True) for k in own)
    return _scaled(_Table(array, one.qubits + two.qubits, bonds, one.exponent + two.exponent))


def _scaled(table: _Table) -> _Table:
    """With the power of 2 of its largest entry taken out, which is exact."""
    array, power = normalised(table.array)
    return _Table(array, table.qubits, table.bonds, table.exponent + power)


def _square(left: _Table, right: _Table, asked: Sequence[int], out: NDArray[np.float64]) -> None:
    """``sum |left right|^2`` over traced indices, into ``out``, block by block.

    Real and imaginary part of a block are real products of twice the inner dimension; they are squared in place and
    added into the result, so that a block is written to memory once.
    """
    shared = left.bonds
    exponent = left.exponent + right.exponent
    one = shifted(left.matrix(shared), exponent)
    two = right.matrix(shared)
    columns = np.concatenate([two.real, two.imag], axis=1)
    target = out.transpose([asked.index(qubit) for qubit in left.qubits + right.qubits])
    traced = left.array.shape[1], right.array.shape[1]
    for row_bits, column_bits in _blocks(len(left.qubits), len(right.qubits), traced):
        own = _of_block(row_bits, len(left.qubits), traced[0])
        other = _of_block(column_bits, len(right.qubits), traced[1])
        re = np.concatenate([one[own].real, -one[own].imag], axis=1) @ columns[other].T
        im = np.concatenate([one[own].imag, one[own].real], axis=1) @ columns[other].T
        np.multiply(re, re, out=re)
        np.multiply(im, im, out=im)
        index: tuple[Any, ...] = (*row_bits, *(slice(None),) * (len(left.qubits) - len(row_bits)), *column_bits, ...)
        block = target[index]
        if traced == (1, 1):
            np.add(re.reshape(block.shape), im.reshape(block.shape), out=block)
        else:
            total = np.add(re, im, out=re).reshape(-1, traced[0], re.shape[1] // traced[1], traced[1])
            block[...] = total.sum(axis=(1, 3)).reshape(block.shape)


def _blocks(left: int, right: int, traced: tuple[int, int]) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    """The leading bits of the rows and of the columns of each block."""
    room = max(0, BLOCK_BITS - math.prod(traced).bit_length() + 1)
    free_columns = min(right, room)
    free_rows = min(left, room - free_columns)
    for row_bits in itertools.product((0, 1), repeat=left - free_rows):
        for column_bits in itertools.product((0, 1), repeat=right - free_columns):
            yield row_bits, column_bits


def _of_block(bits: Sequence[int], num_qubits: int, traced: int) -> slice:
    """The rows of a matrix (outcomes * traced, ...) whose outcome begins with these bits."""
    size = traced << (num_qubits - len(bits))
    start = sum(bit << (len(bits) - 1 - k) for k, bit in enumerate(bits)) * size
    return slice(start, start + size)
