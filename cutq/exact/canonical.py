"""The state of a network in canonical form: fragments that can be measured one after another.

Fragments are taken off the network one by one: ``T = Q R``, where the ``Q`` of a fragment has orthonormal columns and
stays with it, and its ``R`` is multiplied into its parent, with all bonds that the fragment had to others. So a tree
is left whatever the network is. Read from its root, the last fragment, it draws: what is not yet measured is an
isometry, so the probability of the outcomes so far is the squared norm of the amplitudes on the open edges, and a
depth-first walk keeps these edges on a stack. For chains this is the canonical form of matrix product states (Ferris
and Vidal, PRB 85 165146).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cutq.exact.measuring import Form
from cutq.exact.state import Amplitudes, StateTensor, normalised, state_tensor
from cutq.network.network import Network


@dataclass(frozen=True, eq=False)
class Stage:
    """A fragment of the canonical form, in the order in which fragments are measured.

    Attributes:
        qubits: its outputs; the first is the most significant bit of an outcome.
        array: (2**len(qubits), new, rank): maps the edge on top of the stack, which it takes off, to the edges that it
            puts there. Summed over all outcomes ``A^+ A`` is the identity of dimension ``rank``.
    """

    qubits: tuple[int, ...]
    array: Amplitudes

    @property
    def rank(self) -> int:
        """Dimension of the edge it takes off the stack; 1 for the first stage of a part."""
        return int(self.array.shape[2])


def canonical_stages(network: Network, form: Form, values: Mapping[str, float]) -> tuple[Stage, ...]:
    """The canonical form of a network's state, its norm taken as 1.

    >>> from cutq.circuits.circuit import Circuit, Operation
    >>> from cutq.exact.measuring import plan_form
    >>> from cutq.network.plan import CutPlan
    >>> from cutq.network.split import split
    >>> circuit = Circuit(2, (Operation("h", (0,)), Operation("cx", (0, 1))))
    >>> network = split(circuit, CutPlan.from_partition(circuit, "AB"))
    >>> [stage.array.shape for stage in canonical_stages(network, plan_form(network), {})]
    [(2, 2, 1), (2, 1, 2)]
    """
    tensors = {f: state_tensor(network, f, values) for f in form.stages}
    arrays: dict[int, Amplitudes] = {}
    for fragment, parent in form.steps:
        arrays[fragment], factor = _factored(tensors.pop(fragment), form.children[fragment])
        tensors[parent] = _absorbed(tensors[parent], factor, _edge(fragment))
    for root, tensor in tensors.items():
        array = _columns(tensor, form.children[root])[0]
        arrays[root] = array / np.linalg.norm(array)
    outputs = {f: network.fragments[f].outputs for f in form.stages}
    return tuple(
        Stage(outputs[f], arrays[f].reshape(1 << len(outputs[f]), -1, arrays[f].shape[1])) for f in form.stages
    )


def _edge(child: int) -> int:
    """The number of the edge between a fragment that was taken off and its parent; no bond has it."""
    return -1 - child


def _columns(tensor: StateTensor, children: Sequence[int]) -> tuple[Amplitudes, tuple[int, ...]]:
    """A tensor as matrix (rows * edges to children, bonds), and these bonds."""
    edges = [1 + tensor.bonds.index(_edge(child)) for child in children]
    bonds = [axis for axis in range(1, tensor.array.ndim) if axis not in edges]
    size = math.prod(tensor.array.shape[axis] for axis in bonds)
    array = tensor.array.transpose(0, *edges, *bonds).reshape(-1, size)
    return array, tuple(tensor.bonds[axis - 1] for axis in bonds)


def _factored(tensor: StateTensor, children: Sequence[int]) -> tuple[Amplitudes, StateTensor]:
    """Q as a matrix (rows * edges to children, rank), and R with its rank as axis 0."""
    matrix, bonds = _columns(tensor, children)
    dims = [tensor.array.shape[1 + tensor.bonds.index(bond)] for bond in bonds]
    isometry, factor = (np.eye(len(matrix)), matrix) if len(matrix) <= matrix.shape[1] else np.linalg.qr(matrix)
    return isometry.astype(complex, copy=False), StateTensor(normalised(factor)[0].reshape(-1, *dims), (), bonds)


def _absorbed(parent: StateTensor, factor: StateTensor, edge: int) -> StateTensor:
    """A tensor times the R of its child, whose rank becomes a new edge."""
    shared = [bond for bond in factor.bonds if bond in parent.bonds]
    axes = [1 + parent.bonds.index(bond) for bond in shared], [1 + factor.bonds.index(bond) for bond in shared]
    array = np.tensordot(parent.array, factor.array, axes)
    own, others = ([bond for bond in tensor.bonds if bond not in shared] for tensor in (parent, factor))
    return StateTensor(array, parent.qubits, (*own, edge, *others))
