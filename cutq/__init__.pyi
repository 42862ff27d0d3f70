"""The public names for type checkers; ``__init__.py`` imports each when it is first asked for."""

from cutq.circuits.angles import Angle, param
from cutq.circuits.circuit import Circuit, Group, Operation
from cutq.circuits.graph import from_graph, to_graph
from cutq.circuits.observable import Observable
from cutq.circuits.qasm.text import dump, dumps, load, loads
from cutq.circuits.qiskit.convert import from_qiskit, to_qiskit
from cutq.errors import (
    CircuitError,
    CutqError,
    ObservableError,
    ParameterError,
    PlanError,
    QasmError,
    TooLargeError,
)
from cutq.exact.compile import compile
from cutq.exact.distribution import probabilities
from cutq.exact.heavy import HeavyOutputs, heavy_outputs
from cutq.exact.program import Program
from cutq.exact.samples import sample
from cutq.exact.strings import amplitude, amplitudes
from cutq.exact.values import expectation, expectations, gradient
from cutq.network.cuts import GateCut, WireCut
from cutq.network.network import Bond, Component, Fragment, Leg, Network, Segment, Slot, Step, merge
from cutq.network.plan import CutPlan, Found
from cutq.network.price import Price, price
from cutq.network.split import split
from cutq.search.find import find_cuts
from cutq.search.front import find_plans
from cutq.search.options import Progress, Search
from cutq.shots.circuit import fragment_circuit

__version__: str

__all__ = [
    "Angle",
    "Bond",
    "Circuit",
    "CircuitError",
    "Component",
    "CutPlan",
    "CutqError",
    "Found",
    "Fragment",
    "GateCut",
    "Group",
    "HeavyOutputs",
    "Leg",
    "Network",
    "Observable",
    "ObservableError",
    "Operation",
    "ParameterError",
    "PlanError",
    "Price",
    "Program",
    "Progress",
    "QasmError",
    "Search",
    "Segment",
    "Slot",
    "Step",
    "TooLargeError",
    "WireCut",
    "amplitude",
    "amplitudes",
    "compile",
    "dump",
    "dumps",
    "expectation",
    "expectations",
    "find_cuts",
    "find_plans",
    "fragment_circuit",
    "from_graph",
    "from_qiskit",
    "gradient",
    "heavy_outputs",
    "load",
    "loads",
    "merge",
    "param",
    "price",
    "probabilities",
    "sample",
    "split",
    "to_graph",
    "to_qiskit",
]
