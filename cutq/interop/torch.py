"""Programs and models as layers of PyTorch; needs the extra ``torch``."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cutq.compose.model import Model
from cutq.errors import ModuleError, ParameterError
from cutq.exact.program import Program
from cutq.interop.counts import Counts
from cutq.interop.extras import missing
from cutq.interop.face import Face, Pulled, listed

try:
    import torch
    from torch import Tensor, nn
except ImportError as cause:
    raise missing("PyTorch", "torch") from cause


class Layer(nn.Module):  # type: ignore[misc]  # PyTorch may be missing where types are checked
    """A program or a model as a layer, with its weights as parameters and derivatives by weights and data.

    Weights are parameters in a tree of plain modules, so that ``state_dict`` has their dotted names, such as
    ``mix.theta``. Those of a :class:`cutq.Program`, which knows no modules and no data, are one vector ``params``;
    ``layer.names`` says what its numbers are. Values are computed in double precision on the CPU whatever the layer's
    type. Derivatives are of first order; asking for a second one is an error.

    Args:
        program: what ``cutq.compile`` or ``composition.compile`` returns.
        params: the weights to begin with, (parameters,) or some by name; left out, those that the modules came with.
        init: seed of values for weights that have none, uniform in -pi to pi.
        dtype: ``torch.float64`` or ``torch.float32``, of weights and values.
        runner: a device, for models only. Each row of values is then estimated from counts, and ``backward`` measures
            the derivatives there; see :meth:`cutq.Model.estimate_vjp`.
        shots: for each row: for the values, and for the derivatives too where they are recorded.
        seed: of the jobs; each call and each row has its own.

    Raises:
        ParameterError: weights without values, another type, or a runner for a program.
        ShotsError: a runner without shots.

    >>> import cutq
    >>> chain = cutq.Composition("chain")
    >>> chain.add("encode", cutq.load_module("angle-encoder-4"))
    >>> chain.add("mix", cutq.ansatz.brickwork(4, layers=1, seed=0))
    >>> chain.connect("encode.out", "mix.in")
    >>> layer = Layer(chain.compile(["Z@mix.out[0]", "Z@mix.out[3]"]), dtype=torch.float32)
    >>> {name: tuple(weight.shape) for name, weight in layer.state_dict().items()}
    {'mix.theta': (1, 4, 2)}
    >>> layer(torch.zeros(5, 4)).shape
    torch.Size([5, 2])
    """

    def __init__(
        self,
        program: Program | Model,
        *,
        params: ArrayLike | Mapping[str, ArrayLike] | None = None,
        init: int | None = None,
        dtype: torch.dtype = torch.float64,
        runner: Any = None,
        shots: int | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__()
        _check_dtype(dtype)
        self.face = Face.of(program)
        if runner is None and shots is not None:
            raise ParameterError("shots are of a device, but there is no runner; give runner=cutq.SimulatedRunner()")
        self.source = self.face if runner is None else Counts.of(self.face, runner, shots, seed)
        # It has no entries, and follows the layer to other types and devices.
        self.register_buffer("like", torch.empty(0, dtype=dtype), persistent=False)
        initial = self.face.initial(params, init)
        self.places: list[tuple[nn.Module, str]] = []
        self.places.extend(_grown(self, name, _tensor(value, dtype)) for name, value in initial.items())

    @property
    def program(self) -> Program | Model:
        """What is run."""
        return self.face.program

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the numbers in all weights, in their order."""
        return self.face.names

    @property
    def weights(self) -> dict[str, nn.Parameter]:
        """The weights by their dotted names."""
        # Read from the tables of the tree: a module of a composition may have the name of a method.
        found = (holder._parameters[leaf] for holder, leaf in self.places)
        return dict(zip(self.face.weights, found, strict=True))

    def freeze(self, *prefixes: str) -> Layer:
        """Keep weights as they are: those at or below dotted names, such as ``"mix"``; all where none is given."""
        return self._require(False, prefixes)

    def unfreeze(self, *prefixes: str) -> Layer:
        """Let training move weights again; see :meth:`freeze`."""
        return self._require(True, prefixes)

    def forward(self, x: Tensor | Mapping[str, Tensor] | None = None) -> Tensor:
        """The values, (..., outputs), in the layer's type.

        Args:
            x: the numbers of all inputs, (..., data), in their order; or for each input a tensor (..., *its shape);
                or nothing where there are no inputs.

        Raises:
            ParameterError: tensors of other shapes or devices, or numbers out of the range of their input.
        """
        # A compiler would trace into compiled code; it leaves the layer as it is, and compiles what is around it.
        run = torch.compiler.disable(self._run) if torch.compiler.is_compiling() else self._run
        values: Tensor = run(x)
        return values

    def _run(self, x: Tensor | Mapping[str, Tensor] | None) -> Tensor:
        rows = self._rows(x)
        weights = self.weights.values()
        _check_dtype(self.like.dtype)
        for tensor in (self.like, rows, *weights):
            _check_device(tensor)
        # A copy: weights may change before derivatives are pulled back.
        params = torch.cat([self.like, *(weight.reshape(-1) for weight in weights)])
        if torch.is_grad_enabled() and (params.requires_grad or rows.requires_grad):
            return _Values.apply(self.source, self.like.dtype, params, rows)
        return _tensor(self.source.values(*_arrays(params, rows)), self.like.dtype)

    def extra_repr(self) -> str:
        """What ``print`` says about it."""
        inputs = ", ".join(f"{name} {shape}" for name, shape in self.face.inputs.items()) or "no inputs"
        return f"{len(self.names)} parameters, {inputs}, {self.face.outputs} outputs, {self.like.dtype}"

    def _require(self, grad: bool, prefixes: tuple[str, ...]) -> Layer:
        weights = self.weights
        chosen = {name for name in weights if not prefixes}
        for prefix in prefixes:
            own = {name for name in weights if f"{name}.".startswith(f"{prefix}.")}
            if not own:
                raise ParameterError(f"no weight is at or below {prefix!r}; the weights are {listed(weights)}")
            chosen |= own
        for name in chosen:
            weights[name].requires_grad_(grad)
        return self

    def _rows(self, x: Tensor | Mapping[str, Tensor] | None) -> Tensor:
        """Data as one tensor (..., data)."""
        if x is None:
            self.face.lead({})
            return self.like
        given = x.values() if isinstance(x, Mapping) else (x,)
        for one in given:
            if not isinstance(one, Tensor) or one.is_complex():
                raise ParameterError(f"data are tensors of real numbers, got {type(one).__name__}")
        if isinstance(x, Mapping):
            return self._joined(x)
        self.face.check_row(tuple(x.shape))
        return x

    def _joined(self, data: Mapping[str, Tensor]) -> Tensor:
        lead = self.face.lead({name: tuple(one.shape) for name, one in data.items()})
        if not data:
            return self.like
        parts = [
            data[name].expand(*lead, *shape).reshape(*lead, math.prod(shape))
            for name, shape in self.face.inputs.items()
        ]
        return torch.cat(parts, dim=-1)


class _Values(torch.autograd.Function):  # type: ignore[misc]
    """Values of a layer, whose derivatives are pulled back by the program or measured."""

    @staticmethod
    def forward(ctx: Any, source: Face | Counts, dtype: torch.dtype, params: Tensor, rows: Tensor) -> Tensor:
        values, ctx.pulled = source.vjp(*_arrays(params, rows), by_data=ctx.needs_input_grad[3])
        ctx.save_for_backward(params, rows)
        return _tensor(values, dtype)

    @staticmethod
    def backward(ctx: Any, weights: Tensor) -> tuple[Tensor | None, ...]:
        return None, None, *_Pulled.apply(ctx.pulled, weights, *ctx.saved_tensors)


class _Pulled(torch.autograd.Function):  # type: ignore[misc]
    """Derivatives of a layer. They say themselves that they have none: once_differentiable is silent where the weights
    are constant, although the derivatives depend on parameters and data."""

    @staticmethod
    def forward(ctx: Any, pulled: Pulled, weights: Tensor, params: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
        by_params, by_rows = pulled(_array(weights))
        return _tensor(by_params, params.dtype), _tensor(by_rows, rows.dtype)

    @staticmethod
    def backward(ctx: Any, *weights: Tensor) -> None:
        raise ModuleError(
            "a layer of cutq is differentiated once, but this is a derivative of its derivative; a gradient penalty "
            "takes finite differences, or the cost is written without one"
        )


def _grown(root: nn.Module, name: str, value: Tensor) -> tuple[nn.Module, str]:
    """Put a weight into the tree at its dotted name; the module that holds it, and its name there."""
    *path, leaf = name.split(".")
    if "training" in path:
        raise ParameterError(f"PyTorch keeps the mode of a layer as 'training', so {name!r} needs another module name")
    for step in path:
        # Into the table itself: add_module refuses names of methods, which modules of a composition may have.
        root = root._modules.setdefault(step, nn.Module())
    root._parameters[leaf] = nn.Parameter(value)
    return root, leaf


def _arrays(params: Tensor, rows: Tensor) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Tensors as arrays, and the relative rounding of data."""
    return _array(params), _array(rows), torch.finfo(rows.dtype).eps if rows.is_floating_point() else 0.0


def _array(tensor: Tensor) -> NDArray[np.float64]:
    found: NDArray[np.float64] = tensor.detach().to(torch.float64).numpy()
    return found


def _tensor(array: NDArray[np.float64], dtype: torch.dtype) -> Tensor:
    # Copied by NumPy: that is faster than by PyTorch.
    return torch.from_numpy(np.array(array, dtype=float)).to(dtype)


def _check_dtype(dtype: torch.dtype) -> None:
    if dtype not in (torch.float64, torch.float32):
        raise ParameterError(f"a layer is of torch.float64 or torch.float32, got {dtype}")


def _check_device(tensor: Tensor) -> None:
    if tensor.device.type != "cpu":
        raise ParameterError(f"cutq computes on the CPU, but a tensor is on {tensor.device}; move it with .cpu()")
