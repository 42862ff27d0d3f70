"""The public names for type checkers; ``__init__.py`` imports each when it is first asked for."""

from cutq import interop as interop
from cutq.circuits.angles import Angle, param
from cutq.circuits.circuit import Circuit, Group, Operation
from cutq.circuits.graph import from_graph, to_graph
from cutq.circuits.observable import Observable
from cutq.circuits.qasm.text import dump, dumps, load, loads
from cutq.circuits.qiskit.convert import from_qiskit, to_qiskit
from cutq.compose import ansatz, blocks
from cutq.compose.card import Card, Metric
from cutq.compose.chains import repeat
from cutq.compose.channel import channel, kraus
from cutq.compose.composition import Composition
from cutq.compose.folder import load_module
from cutq.compose.learn.capability import entangling_capability, expressibility
from cutq.compose.learn.fit import Epoch, Fit
from cutq.compose.learn.landscape import Landscape, gradient_variance
from cutq.compose.learn.train import train
from cutq.compose.model import Model
from cutq.compose.module import Module, classical
from cutq.compose.ports import ClassicalIn, ClassicalOut, QuantumIn, QuantumOut
from cutq.compose.published import modules
from cutq.compose.verify import Verification
from cutq.compose.weight import Weight
from cutq.errors import (
    CircuitError,
    CompositionError,
    CountsError,
    CutqError,
    DeviceError,
    ModuleError,
    ObservableError,
    ParameterError,
    PlanError,
    QasmError,
    ShotsError,
    TooLargeError,
    TrainingError,
)
from cutq.exact.compile import compile
from cutq.exact.distribution import probabilities
from cutq.exact.heavy import HeavyOutputs, heavy_outputs
from cutq.exact.program import Program
from cutq.exact.samples import sample
from cutq.exact.strings import amplitude, amplitudes
from cutq.exact.values import expectation, expectations, gradient
from cutq.network.cuts import GateCut, WireCut
from cutq.network.frames import Frame, own_frame
from cutq.network.network import Bond, Component, Fragment, Leg, Network, Segment, Slot, Step, merge
from cutq.network.plan import CutPlan, Found
from cutq.network.price import Price, Way
from cutq.network.split import split
from cutq.search.find import find_cuts
from cutq.search.front import find_plans
from cutq.search.options import Progress, Search
from cutq.shots.circuit import fragment_circuit
from cutq.shots.estimate import Estimate
from cutq.shots.estimating import estimate
from cutq.shots.files import export_jobs, import_counts
from cutq.shots.gradient import estimate_gradient
from cutq.shots.jobs import Counts, Job, Runner
from cutq.shots.manifest import Manifest
from cutq.shots.mlft import Projected, estimate_mlft, estimate_mlft_probabilities
from cutq.shots.observables import variants
from cutq.shots.pennylane import PennyLaneRunner
from cutq.shots.pricing import price
from cutq.shots.probabilities import estimate_probabilities
from cutq.shots.sampler import SamplerRunner
from cutq.shots.samples import Samples, estimate_samples
from cutq.shots.sampling import sampled_estimate
from cutq.shots.simulated import SimulatedRunner
from cutq.shots.variants import Choice, Variant

__version__: str

__all__ = [
    "Angle",
    "Bond",
    "Card",
    "Choice",
    "Circuit",
    "CircuitError",
    "ClassicalIn",
    "ClassicalOut",
    "Component",
    "Composition",
    "CompositionError",
    "Counts",
    "CountsError",
    "CutPlan",
    "CutqError",
    "DeviceError",
    "Epoch",
    "Estimate",
    "Fit",
    "Found",
    "Fragment",
    "Frame",
    "GateCut",
    "Group",
    "HeavyOutputs",
    "Job",
    "Landscape",
    "Leg",
    "Manifest",
    "Metric",
    "Model",
    "Module",
    "ModuleError",
    "Network",
    "Observable",
    "ObservableError",
    "Operation",
    "ParameterError",
    "PennyLaneRunner",
    "PlanError",
    "Price",
    "Program",
    "Progress",
    "Projected",
    "QasmError",
    "QuantumIn",
    "QuantumOut",
    "Runner",
    "SamplerRunner",
    "Samples",
    "Search",
    "Segment",
    "ShotsError",
    "SimulatedRunner",
    "Slot",
    "Step",
    "TooLargeError",
    "TrainingError",
    "Variant",
    "Verification",
    "Way",
    "Weight",
    "WireCut",
    "amplitude",
    "amplitudes",
    "ansatz",
    "blocks",
    "channel",
    "classical",
    "compile",
    "dump",
    "dumps",
    "entangling_capability",
    "estimate",
    "estimate_gradient",
    "estimate_mlft",
    "estimate_mlft_probabilities",
    "estimate_probabilities",
    "estimate_samples",
    "expectation",
    "expectations",
    "export_jobs",
    "expressibility",
    "find_cuts",
    "find_plans",
    "fragment_circuit",
    "from_graph",
    "from_qiskit",
    "gradient",
    "gradient_variance",
    "heavy_outputs",
    "import_counts",
    "interop",
    "kraus",
    "load",
    "load_module",
    "loads",
    "merge",
    "modules",
    "own_frame",
    "param",
    "price",
    "probabilities",
    "repeat",
    "sample",
    "sampled_estimate",
    "split",
    "to_graph",
    "to_qiskit",
    "train",
    "variants",
]
