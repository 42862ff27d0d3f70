"""Eight numbers at a time: a vector register as a value in compiled code.

A compiler that cannot know that two rows of an array do not overlap handles their entries one by one. Kernels
written with these lanes keep eight entries of a row in one register from load to store, whatever rows they come from.
Lanes are loaded and stored by the position of their first entry in a flat array; ``+``, ``-`` and ``*`` act on each.
"""

from __future__ import annotations

import operator
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic, lower_builtin, models, register_model, type_callable

LANES = 8
"""Entries of one register: one of AVX-512, two of AVX2 in double precision."""


class Lanes(types.Type):  # type: ignore[misc]
    """The type of a register of eight floating-point numbers."""

    def __init__(self, dtype: types.Float) -> None:
        self.dtype = dtype
        super().__init__(name=f"Lanes({dtype})")


@register_model(Lanes)
class _LanesModel(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, kind: Lanes) -> None:
        element = manager.lookup(kind.dtype).get_value_type()
        super().__init__(manager, kind, ir.VectorType(element, LANES))


def _pointer(context: Any, builder: Any, array_type: Any, array: Any, index: Any, kind: Lanes) -> tuple[Any, int]:
    """The address of eight entries of a flat array, and its alignment in bytes."""
    data = context.make_array(array_type)(context, builder, array).data
    vector = context.get_value_type(kind)
    return builder.bitcast(builder.gep(data, [index]), vector.as_pointer()), kind.dtype.bitwidth // 8


@intrinsic
def load(_: Any, array: Any, index: Any) -> Any:
    """The lanes ``array[index : index + 8]``."""
    kind = Lanes(array.dtype)

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        pointer, align = _pointer(context, builder, array, args[0], args[1], kind)
        value = builder.load(pointer)
        value.align = align
        return value

    return kind(array, types.intp), generate


@intrinsic
def store(_: Any, array: Any, index: Any, value: Any) -> Any:
    """Write lanes to ``array[index : index + 8]``."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        pointer, align = _pointer(context, builder, array, args[0], args[1], value)
        written = builder.store(args[2], pointer)
        written.align = align
        return context.get_dummy_value()

    return types.void(array, types.intp, value), generate


@intrinsic
def fill(_: Any, number: Any) -> Any:
    """The same number in every lane."""
    kind = Lanes(number)

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        vector = context.get_value_type(kind)
        undefined = ir.Constant(vector, ir.Undefined)
        first = builder.insert_element(undefined, args[0], ir.Constant(ir.IntType(32), 0))
        mask = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
        return builder.shuffle_vector(first, undefined, mask)

    return kind(number), generate


@type_callable(operator.add)
@type_callable(operator.sub)
@type_callable(operator.mul)
def _typed(context: Any) -> Any:
    def typer(left: Any, right: Any) -> Any:
        return left if isinstance(left, Lanes) and left == right else None

    return typer


@type_callable(operator.neg)
def _typed_unary(context: Any) -> Any:
    def typer(value: Any) -> Any:
        return value if isinstance(value, Lanes) else None

    return typer


def _entrywise(operation: Any, instruction: str) -> None:
    @lower_builtin(operation, Lanes, Lanes)  # type: ignore[untyped-decorator]
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        # "contract" lets a product and a sum become one fused operation, and nothing else.
        return getattr(builder, instruction)(*args, flags=("contract",))


_entrywise(operator.add, "fadd")
_entrywise(operator.sub, "fsub")
_entrywise(operator.mul, "fmul")


@lower_builtin(operator.neg, Lanes)  # type: ignore[untyped-decorator]
def _negated(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    return builder.fneg(args[0])
