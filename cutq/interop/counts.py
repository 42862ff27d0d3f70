"""Models on a device, row by row: values from counts, and derivatives measured where they are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from cutq.compose.evaluation import Gradients
from cutq.compose.model import Model
from cutq.errors import ParameterError, ShotsError
from cutq.exact.checks import whole_number
from cutq.interop.face import Face, Pulled, Reals


@dataclass
class Counts:
    """What stands for a :class:`~cutq.interop.face.Face` where a device gives the numbers.

    Attributes:
        face: the model.
        runner: the device.
        shots: for each row.
        seed: of the jobs.
        calls: how often it was asked; each call and each row has jobs of its own seeds.
    """

    face: Face
    runner: Any
    shots: int
    seed: int
    calls: int = 0

    @classmethod
    def of(cls, face: Face, runner: Any, shots: int | None, seed: int) -> Counts:
        """A model on a runner.

        Raises:
            ParameterError: a program, which does not know its network.
            ShotsError: no shots.
        """
        if not isinstance(face.program, Model):
            raise ParameterError(
                "a runner needs a model, which knows its networks, but a program was given; compile a composition, or "
                "use cutq.estimate"
            )
        if shots is None:
            raise ShotsError("a runner needs shots=..., how many for each row")
        return cls(face, runner, whole_number("shots", shots, 1), whole_number("seed", seed, 0))

    def values(self, params: Reals, x: Reals, precision: float = 0.0) -> Reals:
        """The estimated values, (..., outputs), of data (..., data)."""
        rows = [
            self._model.estimate(params, data, runner=self.runner, shots=self.shots, seed=seed).values
            for data, seed in self._jobs(x, precision)
        ]
        return np.array(rows).reshape(*x.shape[:-1], self.face.outputs)

    def vjp(self, params: Reals, x: Reals, precision: float = 0.0, *, by_data: bool = True) -> tuple[Reals, Pulled]:
        """The estimated values, and the pullback that measures derivatives by parameters and, if needed, by data."""
        run = self._model.estimate_vjp_all if by_data else self._model.estimate_vjp
        found = [
            run(params, data, runner=self.runner, shots=self.shots, seed=seed)
            for data, seed in self._jobs(x, precision)
        ]

        def pulled(weights: Reals) -> tuple[Reals, Reals]:
            by_params, by_rows = np.zeros_like(params), np.zeros((len(found), self.face.size))
            for k, (_, pullback) in enumerate(found):
                bar = pullback(weights.reshape(len(found), self.face.outputs)[k])
                by_params += bar.params if isinstance(bar, Gradients) else bar
                if isinstance(bar, Gradients):
                    by_rows[k] = self.face.joined(bar.data, ())
            return by_params, by_rows.reshape(x.shape)

        values = np.array([one.values for one, _ in found]).reshape(*x.shape[:-1], self.face.outputs)
        return values, pulled

    @property
    def _model(self) -> Model:
        assert isinstance(self.face.program, Model)
        return self.face.program

    def _jobs(self, x: Reals, precision: float) -> list[tuple[dict[str, Reals] | None, int]]:
        """Each row's data and seed."""
        self.calls += 1
        rows = x.reshape(int(np.prod(x.shape[:-1])), x.shape[-1])
        return [(self.face.data(row, precision), self._seed(number)) for number, row in enumerate(rows)]

    def _seed(self, row: int) -> int:
        return int(np.random.SeedSequence([self.seed, self.calls, row]).generate_state(1, np.uint64)[0])
