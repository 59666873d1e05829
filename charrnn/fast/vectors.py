"""Sums of products of small integers, many at once, in a form that a CPU has instructions for.

numba makes vectors of loops, but does not find these instructions (such as VPDPWSSD) in one. LLVM
finds them in the operations below, cuts the vectors to the CPU's width, and where a CPU has no such
instruction takes others, with the same result to the last bit.
"""

from typing import Any

import llvmlite.ir as ir
from numba import types
from numba.extending import intrinsic, models, register_model

LANES = 128  # outputs: none waits for an instruction that is under way


def _vector(bits: int, lanes: int) -> ir.VectorType:
    return ir.VectorType(ir.IntType(bits), lanes)


class Sums(types.Type):
    """The sums of LANES outputs, int32, in registers."""

    def __init__(self) -> None:
        super().__init__(name="Sums")


SUMS = Sums()


@register_model(Sums)
class _SumsModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _vector(32, LANES))  # type: ignore[no-untyped-call]


def _place(context: Any, builder: Any, kind: Any, array: Any, at: Any, vector: Any) -> Any:
    """Return a pointer to a vector in an array, from `at` on."""
    data = context.make_array(kind)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [at]), vector.as_pointer())


@intrinsic
def zeros(_typing: Any = None) -> Any:
    """Return sums of nothing."""

    def make(_context: Any, _builder: Any, _signature: Any, _args: Any) -> Any:
        return ir.Constant(_vector(32, LANES), None)

    return SUMS(), make


@intrinsic
def add_products(_typing: Any, sums: Any, weights: Any, at: Any, pair: Any) -> Any:
    """Return sums + a·w + b·v for each output.

    weights: int8, in which from `at` on each output has its w and v beside each other. pair: a and
    b, int16 each, in one int32.
    """

    def make(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        sums, weights, at, pair = args
        pairs, wide = _vector(16, 2 * LANES), _vector(32, 2 * LANES)
        place = _place(context, builder, signature.args[1], weights, at, _vector(8, 2 * LANES))
        both = builder.sext(builder.load(place, align=1), pairs)
        nothing = ir.Constant(sums.type, ir.Undefined)
        first = builder.insert_element(nothing, pair, ir.IntType(32)(0))
        each = ir.Constant(_vector(32, LANES), [0] * LANES)
        inputs = builder.bitcast(builder.shuffle_vector(first, nothing, each), pairs)
        products = builder.mul(builder.sext(both, wide), builder.sext(inputs, wide))
        for odd in (0, 1):
            of_one = ir.Constant(_vector(32, LANES), list(range(odd, 2 * LANES, 2)))
            part = builder.shuffle_vector(products, ir.Constant(wide, ir.Undefined), of_one)
            sums = builder.add(sums, part)
        return sums

    return SUMS(sums, weights, at, pair), make


@intrinsic
def store(_typing: Any, sums: Any, out: Any, at: Any) -> Any:
    """Write sums into an array of int32 from `at` on."""

    def make(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        sums, out, at = args
        place = _place(context, builder, signature.args[1], out, at, sums.type)
        builder.store(sums, place, align=4)
        return context.get_dummy_value()

    return types.void(sums, out, at), make
