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
from cutq.exact.values import expectation, expectations
from cutq.network.cuts import GateCut, WireCut
from cutq.network.network import Bond, Fragment, Leg, Network, Segment, Slot, Step, merge
from cutq.network.plan import CutPlan, Found
from cutq.network.price import Price, price
from cutq.network.split import split
from cutq.search.find import Search, find_cuts

__version__: str

__all__ = [
    "Angle",
    "Bond",
    "Circuit",
    "CircuitError",
    "CutPlan",
    "CutqError",
    "Found",
    "Fragment",
    "GateCut",
    "Group",
    "Leg",
    "Network",
    "Observable",
    "ObservableError",
    "Operation",
    "ParameterError",
    "PlanError",
    "Price",
    "QasmError",
    "Search",
    "Segment",
    "Slot",
    "Step",
    "TooLargeError",
    "WireCut",
    "dump",
    "dumps",
    "expectation",
    "expectations",
    "find_cuts",
    "from_graph",
    "from_qiskit",
    "load",
    "loads",
    "merge",
    "param",
    "price",
    "split",
    "to_graph",
    "to_qiskit",
]
