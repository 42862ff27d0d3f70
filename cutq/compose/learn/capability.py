"""What a module can do before it is trained: how evenly its states fill their space, and how entangled they are."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from cutq.circuits.angles import Angle
from cutq.circuits.circuit import Operation
from cutq.circuits.gates import Factor, Matrix, gate
from cutq.compose.assembly import Assembly, Node
from cutq.compose.circuits import Laid, Source, lay
from cutq.compose.composition import Composition
from cutq.compose.flatten import Flat, flatten
from cutq.compose.module import Module
from cutq.compose.wiring import Wiring
from cutq.errors import CompositionError, ParameterError, TooLargeError

Reals = NDArray[np.float64]

MOST_QUBITS = 14
"""Qubits of a module whose states are drawn."""

BATCH = 2**18
"""Amplitudes that are moved at a time, few enough to stay in a cache."""


def expressibility(module: Module | Composition, draws: int = 2000, bins: int = 75, seed: int = 0) -> float:
    """How far the fidelities of pairs of its states are from those of random states; 0 is best.

    The Kullback-Leibler divergence ``sum p log(p/q)`` in nats of a histogram p of ``|<a|b>|**2`` from that of Haar
    random states, ``P(F) = (N - 1)(1 - F)**(N - 2)`` with N the dimension. All qubits of the circuit count, before any
    is traced out, and open wires begin in 0. A finite sample gives about ``bins/(2 draws)`` for Haar random states.

    Args:
        module: wires only, up to 14 qubits.
        draws: pairs of states, with weights (frozen ones stay) uniform in -pi to pi and data as in
            :func:`random_states`.
        bins: of the histogram over 0 to 1.
        seed: of the draws.

    Source: Sim, Johnson and Aspuru-Guzik, Adv. Quantum Technol. 2, 1900070 (2019), equations 9 and 10.

    Raises:
        CompositionError: classical links drive it.
        ParameterError: draws or bins that are not positive.
        TooLargeError: more qubits than fit.

    >>> from cutq.circuits.circuit import Circuit
    >>> idle = Module("idle", Circuit(1, (Operation("id", (0,)),)))
    >>> round(expressibility(idle), 3), round(math.log(75), 3)  # all fidelities are 1
    (4.317, 4.317)
    """
    draws, bins, seed = counted("draws", draws), counted("bins", bins), counted("seed", seed, 0)
    first = random_states(module, draws, 2 * seed)
    second = random_states(module, draws, 2 * seed + 1)
    fidelities = [abs(np.einsum("dn,dn->d", a.conj(), b)) ** 2 for a, b in zip(first, second, strict=True)]
    counts, edges = np.histogram(np.clip(np.concatenate(fidelities), 0, 1), bins=bins, range=(0, 1))
    return _divergence(counts / draws, edges, _qubits(module))


def entangling_capability(module: Module | Composition, draws: int = 500, seed: int = 0) -> float:
    """The mean Meyer-Wallach entanglement of its states, 0 for products to 1.

    ``Q = 2 (1 - mean over qubits of tr rho_k**2)``; its mean over Haar random states of n qubits is
    ``(2**n - 2)/(2**n + 1)``. Arguments, errors and which qubits count as in :func:`expressibility`.

    Source: Meyer and Wallach, J. Math. Phys. 43, 4273 (2002), in the form of Brennen, Quantum Inf. Comput. 3, 619
    (2003); Sim, Johnson and Aspuru-Guzik (2019), equation 14.

    >>> from cutq.circuits.circuit import Circuit
    >>> bell = Module("bell", Circuit(2, (Operation("h", (0,)), Operation("cx", (0, 1)))))
    >>> round(entangling_capability(bell, draws=3), 12)
    1.0
    """
    values = [meyer_wallach(states) for states in random_states(module, counted("draws", draws), seed)]
    return float(np.concatenate(values).mean())


def meyer_wallach(states: Matrix) -> Reals:
    """The Meyer-Wallach entanglement of states (draws, 2**n), (draws,)."""
    qubits = states.shape[1].bit_length() - 1
    purities = np.zeros(len(states))
    for qubit in range(qubits):
        split = states.reshape(len(states), 2**qubit, 2, -1)
        reduced = np.einsum("daxb,dayb->dxy", split, split.conj(), optimize=True)
        purities += (abs(reduced) ** 2).sum(axis=(1, 2)) / qubits
    return 2 * (1 - purities)


def random_states(module: Module | Composition, draws: int, seed: int) -> Iterator[Matrix]:
    """States of all qubits of a module's circuit for drawn weights and data, in batches (rows, 2**n).

    Weights are uniform in -pi to pi, data uniform in their range, and in -pi to pi where it has no end; open wires
    begin in 0. Qubit 0 is most significant.
    """
    flat, prefix, whole = _flat(module)
    laid = lay(Wiring(flat), range(len(flat.leaves)))
    qubits = _checked_qubits(whole, laid)
    ranges = _ranges(whole, flat, prefix)
    rng = np.random.default_rng([counted("seed", seed, 0), 2])
    step = max(1, BATCH >> qubits)
    for start in range(0, draws, step):
        yield _states(laid, _angles(whole, laid, ranges, rng, min(step, draws - start)), min(step, draws - start))


def _divergence(found: Reals, edges: Reals, qubits: int) -> float:
    """The divergence of a histogram from the Haar one; empty bins count nothing."""
    tails = (2**qubits - 1) * np.log1p(-edges[:-1])  # log of the chance to be above the lower edge
    with np.errstate(divide="ignore"):
        ends = (2**qubits - 1) * np.log1p(-edges[1:])
    haar = tails + np.log1p(-np.exp(ends - tails))
    full = found > 0
    return float((found[full] * (np.log(found[full]) - haar[full])).sum())


def _states(laid: Laid, angles: Mapping[str, Reals], rows: int) -> Matrix:
    qubits = laid.circuit.num_qubits
    state = np.zeros((rows, 2**qubits), dtype=complex)
    state[:, 0] = 1
    for op in laid.circuit.operations:
        state = _applied(op, state.reshape((rows, *(2,) * qubits)), angles).reshape(rows, -1)
    return state


def _applied(op: Operation, state: Matrix, angles: Mapping[str, Reals]) -> Matrix:
    width, axes = len(op.qubits), [1 + qubit for qubit in op.qubits]
    moved = np.moveaxis(state, axes, range(1, width + 1))
    acted = _unitaries(op, angles) @ moved.reshape(len(state), 2**width, -1)
    return np.moveaxis(acted.reshape(moved.shape), range(1, width + 1), axes)


def _unitaries(op: Operation, angles: Mapping[str, Reals]) -> Matrix:
    """The matrices of an operation for all rows, (rows or 1, d, d)."""
    if not op.parameters:
        return op.unitary({})[None]
    values = [_value(one, angles) for one in op.params]
    factors = [_factor(factor, values) for factor in gate(op.name).factors]
    found = factors[0]
    for factor in factors[1:]:
        found = found @ factor
    return found


def _factor(factor: Factor, values: list[Reals]) -> Matrix:
    if factor.angle is None:
        return factor.matrix[None]
    energies, states = np.linalg.eigh(factor.matrix)
    phases = np.exp(-1j * values[factor.angle][:, None] * energies)
    return np.asarray((states * phases[:, None, :]) @ states.conj().T)


def _value(one: Angle, angles: Mapping[str, Reals]) -> Reals:
    return np.atleast_1d(one.constant + sum(c * angles[name] for name, c in one.terms))


def _angles(
    module: Module, laid: Laid, ranges: Mapping[str, tuple[float, float]], rng: np.random.Generator, rows: int
) -> dict[str, Reals]:
    """The parameters of the circuit from drawn weights and data, (rows,) each."""
    drawn: dict[str, Reals] = {}
    for source in laid.sources.values():
        for element in source.names.values():
            if element not in ranges:
                raise CompositionError(f"{module.name!r} is driven by classical links, so that no states can be drawn")
            if element not in drawn:
                drawn[element] = rng.uniform(*ranges[element], rows)
    return {name: _driven(name, source, drawn) for name, source in laid.sources.items()}


def _driven(name: str, source: Source, drawn: Mapping[str, Reals]) -> Reals:
    if source.expression is None:
        return drawn[next(iter(source.names.values()))]
    return source.expression.value({one: drawn[whole] for one, whole in source.names.items()})


def _flat(module: Module | Composition) -> tuple[Flat, str, Module]:
    """Its leaves, and what the names of its ports and weights begin with there."""
    whole = module.module if isinstance(module, Composition) else module
    if isinstance(whole.body, Assembly):
        return flatten(whole.body), "", whole
    return flatten(Assembly((Node("m", whole),))), "m.", whole


def _ranges(module: Module, flat: Flat, prefix: str) -> dict[str, tuple[float, float]]:
    """Between which numbers each element of a weight or an input is drawn."""
    found = {f"{prefix}{name}": (-math.pi, math.pi) for one in module.weights for name in one.elements}
    for port in module.classical_inputs:
        low = port.low if math.isfinite(port.low) else -math.pi
        high = port.high if math.isfinite(port.high) else math.pi
        for leaf, inner in flat.lookup[f"{prefix}{port.name}"]:
            found[f"{flat.leaves[leaf].path}.{inner}"] = (min(low, high), max(low, high))
    return found


def _qubits(module: Module | Composition) -> int:
    flat, _, whole = _flat(module)
    return _checked_qubits(whole, lay(Wiring(flat), range(len(flat.leaves))))


def _checked_qubits(module: Module, laid: Laid) -> int:
    qubits = laid.circuit.num_qubits
    if not 0 < qubits <= MOST_QUBITS:
        raise TooLargeError(f"states are drawn of 1 to {MOST_QUBITS} qubits, but {module.name!r} has {qubits} in total")
    return qubits


def counted(name: str, value: int, least: int = 1) -> int:
    """A whole number that is not too small."""
    if not isinstance(value, int | np.integer) or isinstance(value, bool) or value < least:
        raise ParameterError(f"{name} is a whole number from {least}, got {value!r}")
    return int(value)
