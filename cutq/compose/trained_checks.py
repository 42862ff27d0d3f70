"""Checks of modules that were trained for physics: energies of chains, compression, phases, and chains of parity.

Each takes a module and the options of its metric and returns one number. What it is held against is that of
:mod:`cutq.compose.physics`, or whole numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutq.compose.assembly import size
from cutq.compose.blocks.states import zero
from cutq.compose.chains import repeat
from cutq.compose.channel import dense, kraus
from cutq.compose.composition import Composition
from cutq.compose.module import Module
from cutq.compose.physics import TERMS, chain_energy, fields, ising_states
from cutq.errors import ModuleError

Options = Mapping[str, Any]
Reals = NDArray[np.float64]


def chain_energy_error(module: Module, options: Options) -> float:
    """How far the energy of a chain is above the ground state's, as a share of it; its wires out are the sites.

    Options: ``model``, ``sites``.
    """
    model, sites = str(options["model"]), int(options["sites"])
    places = [f"m.{port.name}[{k}]" for port in module.quantum_outputs for k in range(size(port))]
    if len(places) != sites:
        raise ModuleError(f"a chain of {sites} sites has as many wires out, but {module.name!r} has {len(places)}")
    whole = Composition("checked")
    whole.add("m", module)
    found = float(whole.compile([energy_text(model, places)])()[0])
    exact = chain_energy(model, sites)
    return (found - exact) / abs(exact)


def energy_text(model: str, places: list[str]) -> str:
    """The Hamiltonian of a chain as an output of a composition, whose sites are at these addresses.

    >>> energy_text("tfim", ["a.out", "b.out"])
    '- 1.0*Z@a.out Z@b.out - 1.0*X@a.out - 1.0*X@b.out'
    """
    words = [
        f"{'-' if weight < 0 else '+'} {abs(weight)}*" + " ".join(f"{letter}@{places[site]}" for site, letter in word)
        for weight, word in TERMS[model](len(places))
    ]
    return " ".join(words)


def compression(module: Module, options: Options) -> float:
    """The mean probability that all thrown away qubits of an encoder are 0, over ground states of Ising chains.

    Options: ``sites``; ``low``, ``high``, ``count``, ``part`` of :func:`cutq.compose.physics.fields`.
    """
    whole = dense(module)
    return float(np.mean([whole.values(state.astype(complex))[0] for state in chosen_states(options)]))


def reconstruction(module: Module, options: Options) -> float:
    """The mean fidelity of ground states that an encoder compressed, and its inverse with fresh zeros brought back.

    ``<psi|U^+ (tr_trash(U psi psi^+ U^+) (x) |0><0|) U|psi>``: with the operators K that :func:`cutq.kraus` gives, one
    for each string of the trash, ``sum_s |<psi|K_0^+ K_s|psi>|**2``. Options as for :func:`compression`.
    """
    operators = kraus(module)
    after = np.einsum("sox,rx->rso", operators, chosen_states(options), optimize=True)
    return float((abs(np.einsum("ro,rso->rs", after[:, 0].conj(), after)) ** 2).sum(axis=1).mean())


def chosen_states(options: Options) -> Reals:
    """The ground states that options name, (rows, 2**sites)."""
    chosen = fields(options["low"], options["high"], options["count"], options["part"])
    return ising_states(options["sites"], chosen)


def phase_accuracy(module: Module, options: Options) -> float:
    """The share of ground states of Ising chains that a classifier puts into the right phase.

    Its first number is positive for the ferromagnetic one, ``field < 1``. Options as for :func:`compression`.
    """
    chosen = fields(options["low"], options["high"], options["count"], options["part"])
    whole = dense(module)
    found = np.array([whole.values(state.astype(complex))[0] for state in chosen_states(options)])
    return float(((found > 0) == (chosen < 1)).mean())


def parity_margin(module: Module, options: Options) -> float:
    """The least ``<Z>`` of the right sign at the end of chains of cells, over random strings of bits.

    1 for a perfect cell, 0 or less where a string is got wrong. Options: ``length``, ``draws``, ``seed``.
    """
    return float(parity_values(module, options).min())


def parity_accuracy(module: Module, options: Options) -> float:
    """The share of random strings whose parity a chain of cells gets right; options as for :func:`parity_margin`."""
    return float((parity_values(module, options) > 0).mean())


def parity_values(module: Module, options: Options) -> Reals:
    """``<Z>`` times the right sign at the end of a chain of cells, for each random string of bits, (draws,)."""
    length, draws = int(options["length"]), int(options["draws"])
    bits = np.random.default_rng(options.get("seed", 0)).integers(0, 2, (draws, length))
    chain = zero() >> repeat(module, length, tie="cell", frozen=True)
    model = chain.compile([f"Z@c{length - 1}.out"])
    found = model(data={f"c{k}.bit": bits[:, k].astype(float) for k in range(length)})[:, 0]
    return np.asarray(found * (1 - 2 * (bits.sum(axis=1) % 2)))


def kept(qubits: tuple[int, ...]) -> str:
    """The observable whose value is the probability that these qubits are all 0.

    >>> kept((2,))
    '0.5 + 0.5*Z2'
    """
    words = [""]
    for qubit in qubits:
        words += [f"{word} Z{qubit}".strip() for word in words]
    return " + ".join(f"{1 / len(words)}*{word}" if word else f"{1 / len(words)}" for word in words)


TRAINED: dict[str, Callable[[Module, Options], float]] = {
    check.__name__: check
    for check in (
        chain_energy_error, compression, reconstruction, phase_accuracy, parity_margin, parity_accuracy,
    )
}  # fmt: skip
"""The checks by name."""
