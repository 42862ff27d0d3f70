"""Cut quantum circuits into fragments, run them, and recombine their results by tensor-network contraction."""

from importlib import import_module

__version__ = "0.1.0"

_FILES = {
    "cutq.circuits.angles": "Angle param",
    "cutq.circuits.circuit": "Circuit Group Operation",
    "cutq.circuits.graph": "from_graph to_graph",
    "cutq.circuits.observable": "Observable",
    "cutq.circuits.qasm.text": "dump dumps load loads",
    "cutq.circuits.qiskit.convert": "from_qiskit to_qiskit",
    "cutq.compose.ansatz": "ansatz",
    "cutq.compose.blocks": "blocks",
    "cutq.compose.card": "Card Metric",
    "cutq.compose.chains": "repeat",
    "cutq.compose.channel": "channel kraus",
    "cutq.compose.composition": "Composition",
    "cutq.compose.folder": "load_module",
    "cutq.compose.learn.capability": "entangling_capability expressibility",
    "cutq.compose.learn.fit": "Epoch Fit",
    "cutq.compose.learn.landscape": "Landscape gradient_variance",
    "cutq.compose.learn.train": "train",
    "cutq.compose.model": "Model",
    "cutq.compose.module": "Module classical",
    "cutq.compose.ports": "ClassicalIn ClassicalOut QuantumIn QuantumOut",
    "cutq.compose.published": "modules",
    "cutq.compose.verify": "Verification",
    "cutq.compose.weight": "Weight",
    "cutq.errors": (
        "CircuitError CompositionError CountsError CutqError DeviceError ModuleError ObservableError ParameterError "
        "PlanError QasmError ShotsError TooLargeError TrainingError"
    ),
    "cutq.exact.compile": "compile",
    "cutq.exact.distribution": "probabilities",
    "cutq.exact.heavy": "HeavyOutputs heavy_outputs",
    "cutq.exact.program": "Program",
    "cutq.exact.samples": "sample",
    "cutq.exact.strings": "amplitude amplitudes",
    "cutq.exact.values": "expectation expectations gradient",
    "cutq.interop": "interop",
    "cutq.network.cuts": "GateCut WireCut",
    "cutq.network.frames": "Frame own_frame",
    "cutq.network.network": "Bond Component Fragment Leg Network Segment Slot Step merge",
    "cutq.network.plan": "CutPlan Found",
    "cutq.network.price": "Price Way",
    "cutq.network.split": "split",
    "cutq.shots.circuit": "fragment_circuit",
    "cutq.shots.estimate": "Estimate",
    "cutq.shots.estimating": "estimate",
    "cutq.shots.files": "export_jobs import_counts",
    "cutq.shots.gradient": "estimate_gradient",
    "cutq.shots.jobs": "Counts Job Runner",
    "cutq.shots.manifest": "Manifest",
    "cutq.shots.mlft": "Projected estimate_mlft estimate_mlft_probabilities",
    "cutq.shots.observables": "variants",
    "cutq.shots.pennylane": "PennyLaneRunner",
    "cutq.shots.pricing": "price",
    "cutq.shots.probabilities": "estimate_probabilities",
    "cutq.shots.sampler": "SamplerRunner",
    "cutq.shots.samples": "Samples estimate_samples",
    "cutq.shots.sampling": "sampled_estimate",
    "cutq.shots.simulated": "SimulatedRunner",
    "cutq.shots.variants": "Choice Variant",
    "cutq.search.find": "find_cuts",
    "cutq.search.front": "find_plans",
    "cutq.search.options": "Progress Search",
}
"""The files that hold the public names. Each is imported when one of its names is first asked for, so that
``import cutq`` takes no time; ``__init__.pyi`` tells type checkers the same."""

_HOMES = {name: file for file, names in _FILES.items() for name in names.split()}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'cutq' has no attribute {name!r}")
    home = import_module(_HOMES[name])
    value = getattr(home, name, home)  # a room of builders, such as ansatz, is a name itself
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
