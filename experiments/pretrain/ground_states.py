"""Ground states of 4 sites of a spin chain, and longer chains of such blocks joined by glue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np

import cutq
from cutq import Card, Circuit, Composition, Metric, Module, Operation, QuantumIn, QuantumOut, Weight
from cutq.compose.checks import CHECKS
from cutq.compose.physics import chain_energy, product_energy
from cutq.compose.trained_checks import energy_text
from experiments.pretrain.physics import capability_metrics, yz
from experiments.pretrain.recipe import Recipe, Trained

BLOCK, LAYERS, STARTS, EPOCHS = 4, 3, 8, 300
LENGTHS = {"tfim": (8, 16, 32, 64), "heisenberg": (8, 12)}
"""Chains whose energy is known: by free fermions at any length, by diagonalisation up to 12 sites."""

HAMILTONIAN = {
    "tfim": "H = -sum Z_j Z_(j+1) - sum X_j (ferromagnetic, J = field = 1, open chain)",
    "heisenberg": "H = sum X_j X_(j+1) + Y_j Y_(j+1) + Z_j Z_(j+1) (antiferromagnetic, open chain)",
}


# --- blocks ---


def block(model: str) -> Module:
    """The Hamiltonian variational ansatz on its product state: all spins along X, or singlets on even bonds."""
    ansatz = cutq.ansatz.hva(BLOCK, LAYERS, model)
    assert isinstance(ansatz.body, Circuit)
    begin = [Operation("h", (site,)) for site in range(BLOCK)] if model == "tfim" else [*_singlet(0), *_singlet(2)]
    ports = (QuantumOut("left", (0, 1)), QuantumOut("right", (2, 3)))
    return Module(f"{model}-ground-4", Circuit(BLOCK, (*begin, *ansatz.body.operations)), ports, ansatz.weights)


def _singlet(first: int) -> tuple[Operation, ...]:
    pair = (first, first + 1)
    return (*(Operation("x", (q,)) for q in pair), Operation("h", (first,)), Operation("cx", pair))


def train_block(model: str, seed: int, starts: int = STARTS, epochs: int = EPOCHS) -> tuple[Module, cutq.Fit]:
    """The best of some starts."""
    whole = Composition("block")
    whole.add("b0", block(model))
    fit = cutq.train(whole, "energy", outputs=[text(model, BLOCK, 1)], optimiser="l-bfgs", epochs=epochs,
                     seed=seed, seeds=starts, scale=0.8)  # fmt: skip
    return own(whole, "b0"), fit


def own(whole: Composition, name: str) -> Module:
    """A module of a composition with the weights that it has there."""
    node = next(one for one in whole.assembly.nodes if one.name == name)
    values = {one.name: one.values for one in whole.weights}
    key = node.tie or name
    return node.module.with_weights({one.name: values[f"{key}.{one.name}"] for one in node.module.weights})


# --- glue and chains ---


def glue(model: str, wires: int) -> Module:
    """What joins two blocks, on one wire or two wires of each; near nothing at first.

    For the Ising chain, turns by YZ and ZY: of all generators on two sites these keep the state real and even under
    flips. For the Heisenberg chain, exchange of neighbours, which keeps the total spin.
    """
    if model == "heisenberg":
        made = cutq.ansatz.hva(2 * wires, 2, "heisenberg")
        return made.with_weights({one.name: np.full(2, 0.1 if one.name == "gamma" else 0.3) for one in made.weights})
    layers = wires
    operations = [op for layer in range(layers) for op in _turns(layer, wires)]
    size = (layers,)
    weights = [Weight("middle", size, np.full(size, 0.1))]
    if wires == 2:
        weights += [Weight("inner", size, np.full(size, 0.02)), Weight("outer", size, np.full(size, 0.03))]
    qubits = tuple(range(2 * wires))
    ports = (QuantumIn("in", qubits), QuantumOut("out", qubits))
    return Module(f"tfim-glue-{2 * wires}", Circuit(2 * wires, tuple(operations)), ports, tuple(weights))


def _turns(layer: int, wires: int) -> list[Operation]:
    left, right = wires - 1, wires
    found = [*yz(left, right, f"middle[{layer}]"), *yz(right, left, f"middle[{layer}]")]
    if wires == 2:
        for near, far in ((left, 0), (right, 3)):
            found += [*yz(near, far, f"inner[{layer}]"), *yz(far, near, f"outer[{layer}]")]
    return found


def chain(first: Module, joint: Module, blocks: int, *, tuned: bool = False, name: str = "chain") -> Composition:
    """Blocks with glue between neighbours: all blocks frozen and all glue one group, or everything of its own."""
    wires = len(joint.quantum_inputs[0].qubits) // 2
    whole = Composition(name)
    for k in range(blocks):
        whole.add(f"b{k}", first, frozen=not tuned, tie=None if tuned else "block")
        if k < blocks - 1:  # in this order the open wires are the sites
            whole.add(f"g{k}", joint, tie=None if tuned else "glue")
    for k in range(blocks - 1):
        left, right = (f"b{k}.right", f"b{k + 1}.left") if wires == 2 else (f"b{k}.right[1]", f"b{k + 1}.left[0]")
        whole.connect(left, f"g{k}.in[{'0:2' if wires == 2 else '0'}]")
        whole.connect(right, f"g{k}.in[{'2:4' if wires == 2 else '1'}]")
    return whole


def text(model: str, sites: int, wires: int) -> str:
    """The Hamiltonian of a chain as an output of its composition."""
    return energy_text(model, [_place(site, sites, wires) for site in range(sites)])


def _place(site: int, sites: int, wires: int) -> str:
    """Where a site is at the end: in the glue beside its block, or in its block."""
    k, inside = divmod(site, BLOCK)
    if inside >= BLOCK - wires and site + wires < sites:
        return f"g{k}.out[{inside - BLOCK + wires}]"
    if inside < wires and k > 0:
        return f"g{k - 1}.out[{wires + inside}]"
    return f"b{k}.{'left' if inside < 2 else 'right'}[{inside % 2}]"


def train_chain(
    model: str, first: Module, joint: Module, sites: int, *, tuned: bool, epochs: int
) -> tuple[Composition, cutq.Fit]:
    """A chain of minimal energy, from the weights that its modules have."""
    whole = chain(first, joint, sites // BLOCK, tuned=tuned)
    wires = len(joint.quantum_inputs[0].qubits) // 2
    fit = cutq.train(whole, "energy", outputs=[text(model, sites, wires)], optimiser="l-bfgs", epochs=epochs)
    return whole, fit


def error(model: str, whole: Composition, sites: int, wires: int) -> float:
    """How far the energy is above the ground state's, as a share of it."""
    found = float(whole.compile([text(model, sites, wires)])()[0])
    exact = chain_energy(model, sites)
    return (found - exact) / abs(exact)


def unglued(model: str, first: Module, sites: int) -> float:
    """The error of blocks beside each other, without any glue."""
    whole = Composition("apart")
    for k in range(sites // BLOCK):
        whole.add(f"b{k}", first, frozen=True)
    return error(model, whole, sites, 0)


def chain_scores(model: str, first: Module, lengths: Sequence[int], epochs: int) -> dict[str, float]:
    """Relative energy errors of chains, each from the glue of the one before."""
    found = {score(sites, 0): unglued(model, first, sites) for sites in lengths}
    for wires in (1, 2):
        joint = glue(model, wires)
        for sites in lengths:
            for tuned in (False, True):
                whole, _ = train_chain(model, first, joint, sites, tuned=tuned, epochs=epochs)
                joint = joint if tuned else own(whole, "g0")
                found[score(sites, wires, tuned)] = error(model, whole, sites, wires)
    return found


def score(sites: int, wires: int, tuned: bool = False) -> str:
    """What a score is called."""
    kind = f"glue of {2 * wires} qubits, {'tuned' if tuned else 'frozen blocks'}" if wires else "no glue"
    return f"energy error, {sites} sites, {kind}"


# --- recipes ---


def train(model: str, seed: int, starts: int = STARTS, epochs: int = EPOCHS, most: int = 64) -> Trained:
    """A block, and the chains that are made of it."""
    module, fit = train_block(model, seed, starts, epochs)
    history = above(model, BLOCK, fit)
    scores = {"energy error": history[-1] / abs(chain_energy(model, BLOCK))}
    scores |= chain_scores(model, module, [one for one in LENGTHS[model] if one <= most], epochs // 3)
    return Trained(module, scores, history)


def train_whole(model: str, sites: int, seed: int, starts: int = STARTS, epochs: int = EPOCHS) -> Trained:
    """A chain with frozen blocks and one kind of glue of four qubits, as one module."""
    first, _ = train_block(model, seed, starts, epochs)
    whole, fit = train_chain(model, first, glue(model, 2), sites, tuned=False, epochs=epochs)
    whole.name = f"{model}-chain-{sites}"
    return Trained(whole.module, {"energy error": error(model, whole, sites, 2)}, above(model, sites, fit))


def above(model: str, sites: int, fit: cutq.Fit) -> tuple[float, ...]:
    """How far the energy of the best run was above that of the ground state, step by step; not below rounding."""
    return tuple(max(float(one) - chain_energy(model, sites), 1e-15) for one in fit.losses[:, fit.best])


def card(model: str, trained: Trained) -> Card:
    value = trained.scores["energy error"]
    options = {"reference": model, "qubits": BLOCK}
    promise = Metric("relative energy error", "energy", value, 1e-7, baseline(model, BLOCK), options)
    return Card(
        summary=f"ground state of four sites of the {NAMES[model]} chain",
        task=f"Prepares the state of lowest energy of {HAMILTONIAN[model]}. Ports left and right are two sites each; "
        "the baseline is the best product state.",
        limits="Four sites of an open chain; joined by glue the error of the energy is about one per cent.",
        source="ansatz: Wecker, Hastings and Troyer, PRA 92, 042303 (2015); reference: diagonalisation",
        metrics=(promise, *capability_metrics(trained.module)),
    )


def whole_card(model: str, sites: int, trained: Trained) -> Card:
    options = {"model": model, "sites": sites}
    promise = Metric("relative energy error", "chain_energy_error", trained.scores["energy error"], 1e-7,
                     baseline(model, sites), options)  # fmt: skip
    reference = "free fermions, Pfeuty, Ann. Phys. 57, 79 (1970)" if model == "tfim" else "diagonalisation"
    return Card(
        summary=f"low energy state of {sites} sites of the {NAMES[model]} chain, of blocks and glue",
        task=f"A state of low energy of {HAMILTONIAN[model]}: frozen modules {model}-ground-4 and between neighbours "
        "glue on two sites of each, all glue with the same trained weights. Outputs in their order are the sites.",
        limits="A variational state of small depth; correlations beyond two blocks are not in it.",
        source=f"reference: {reference}",
        metrics=(
            promise,
            Metric("two-qubit gates", "two_qubit_gates", CHECKS["two_qubit_gates"](trained.module, {}), 0.0),
        ),
    )


NAMES = {"tfim": "transverse field Ising", "heisenberg": "Heisenberg"}


def baseline(model: str, sites: int) -> float:
    """The relative error of the best product state."""
    exact = chain_energy(model, sites)
    return (product_energy(model, sites) - exact) / abs(exact)


def baselines(model: str) -> Mapping[str, float]:
    """Product states of every length."""
    kinds = ((0, False), (1, False), (1, True), (2, False), (2, True))
    found = {score(sites, *kind): baseline(model, sites) for sites in LENGTHS[model] for kind in kinds}
    return {"energy error": baseline(model, BLOCK)} | found


ABOUT = {"optimiser": "l-bfgs", "epochs": EPOCHS, "starts": STARTS, "data": "none: the energy of a Hamiltonian"}

TEXT = """
Chains are made of copies of this block with glue between neighbours. With frozen blocks only the weights of the glue
are trained, the same for all glue; tuned means that from there every block and every glue is trained on its own. The
baseline is the best product state of as many sites (one angle for each site). Energies are exact values of the cut
network, errors are relative to {reference}. Each seed takes the best of {starts} starts, so that seeds agree.
{found}"""

FOUND = {
    "tfim": """
Glue of two qubits halves the error that blocks without glue have, but from 32 sites on the best product state, which
breaks the symmetry, is better; glue of four qubits beats it at all lengths. Training the blocks as well gains next to
nothing from there.
""",
    "heisenberg": """
Glue of two qubits gains nothing: the total spin of each block is 0, so that the two sites that it joins are maximally
mixed, and what it does to either is a unital channel, which cannot lower the energy inside of the block. Glue of four
qubits brings the error to a third.
""",
}
"""What the numbers say."""

RECIPES = (
    *(
        Recipe(f"{model}-ground-4", partial(train, model), partial(card, model), partial(baselines, model),
               ABOUT | {"hamiltonian": HAMILTONIAN[model]},
               text=TEXT.format(reference=reference, starts=STARTS, found=FOUND[model]))
        for model, reference in (("tfim", "the formula of free fermions"), ("heisenberg", "exact diagonalisation"))
    ),
    *(
        Recipe(f"{model}-chain-{sites}", partial(train_whole, model, sites), partial(whole_card, model, sites),
               partial(lambda model, sites: {"energy error": baseline(model, sites)}, model, sites),
               ABOUT | {"hamiltonian": HAMILTONIAN[model]})
        for model, sites in (("tfim", 16), ("heisenberg", 12))
    ),
)  # fmt: skip
