"""Operations that treat each entry on its own: one operand, or several that are broadcast."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .call import Call
from .common import (
    accepts,
    at_least_float,
    can_hold,
    computes_with,
    empty,
    factor,
    is_operand,
    like,
    pointwise,
    same_dtype,
    title,
)  # fmt: skip
from .dtypes import COMPLEX_OF, FLOAT_OF, category, is_float, result_type
from .registry import enter, op
from .value import Value

# Names, the kinds of dtypes they are defined for (b, i, f, c; F: of 32 bits or more), and the
# dtype of the result.
UNARY = [
    ("""acos acosh arccos arccosh arcsin arcsinh arctan arctanh asin asinh atan atanh cos cosh
        exp exp2 expm1 log log10 log1p log2 reciprocal rsqrt sigmoid sin sinc sinh sqrt tan tanh
        special_exp2 special_expm1 special_expit special_log1p special_sinc""", "bifc", "float"),
    ("""deg2rad digamma erf erfc erfinv i0 lgamma logit rad2deg
        special_digamma special_entr special_erf special_erfc special_erfinv special_gammaln
        special_i0 special_i0e special_i1 special_i1e special_logit special_ndtr special_psi""",
     "bif", "float"),
    ("""special_airy_ai special_bessel_j0 special_bessel_j1 special_bessel_y0 special_bessel_y1
        special_erfcx special_log_ndtr special_modified_bessel_i0 special_modified_bessel_i1
        special_modified_bessel_k0 special_modified_bessel_k1 special_ndtri
        special_scaled_modified_bessel_k0 special_scaled_modified_bessel_k1
        special_spherical_bessel_j0""", "biF", "float"),
    ("frac special_round", "f", "same"),
    ("ceil floor fix round trunc", "if", "same"),
    ("neg negative __neg__", "ifc", "same"),
    ("sign", "bif", "same"),
    ("sgn nan_to_num", "bifc", "same"),
    ("bitwise_not __invert__", "bi", "same"),
    ("isneginf isposinf signbit", "bif", "bool"),
    ("isfinite isinf isnan isreal logical_not", "bifc", "bool"),
]  # fmt: skip

BINARY = [
    ("mul multiply __mul__ __rmul__ __imul__", "bifc", "promote"),
    ("maximum minimum fmax fmin", "bif", "promote"),
    ("""floor_divide fmod remainder __floordiv__ __rfloordiv__ __ifloordiv__ __mod__ __rmod__
        __imod__""", "if", "promote"),
    ("""bitwise_and bitwise_or bitwise_xor __and__ __rand__ __iand__ __or__ __ror__ __ior__
        __xor__ __rxor__ __ixor__""", "bi", "promote"),
    ("""bitwise_left_shift bitwise_right_shift gcd lcm __lshift__ __rlshift__ __ilshift__
        __rshift__ __rrshift__ __irshift__""", "i", "promote"),
    ("atan2 arctan2 copysign xlogy special_xlogy special_xlog1py", "bif", "float"),
    ("""special_zeta special_chebyshev_polynomial_t special_chebyshev_polynomial_u
        special_chebyshev_polynomial_v special_chebyshev_polynomial_w
        special_hermite_polynomial_h special_hermite_polynomial_he special_laguerre_polynomial_l
        special_legendre_polynomial_p special_shifted_chebyshev_polynomial_t
        special_shifted_chebyshev_polynomial_u special_shifted_chebyshev_polynomial_v
        special_shifted_chebyshev_polynomial_w""", "biF", "float"),
    ("""hypot logaddexp2 nextafter igamma igammac special_gammainc special_gammaincc""",
     "f", "promote"),
    ("logaddexp", "fc", "promote"),
    ("__idiv__ __itruediv__ __div__ __truediv__", "bifc", "float"),
    ("""lt le gt ge less less_equal greater greater_equal __lt__ __le__ __gt__ __ge__""",
     "bif", "bool"),
    ("eq ne not_equal __eq__ __ne__ logical_and logical_or logical_xor", "bifc", "bool"),
]  # fmt: skip


AS_NUMBER: tuple[Any, ...] = (True, 1, 1.0, 1j)
REFLECTED = "__rsub__ rsub __rfloordiv__ __rmod__ __rlshift__ __rrshift__ __rpow__".split()


def _unary(kinds: str, policy: str) -> Callable[..., Any]:
    def rule(call: Call, input: Value, *_: Any, **__: Any) -> Value:
        """(*S) -> (*S)"""
        accepts(call, input.dtype, kinds, "input")
        dtypes = {"same": input.dtype, "float": at_least_float(input.dtype, call)}
        return like(call, input, dtypes.get(policy, policy))

    return rule


def _binary(kinds: str, policy: str) -> Callable[..., Any]:
    def rule(call: Call, input: Any, other: Any, *_: Any, **__: Any) -> Any:
        """(*A), (*B) -> (*broadcast(A, B))"""
        if not is_operand(other):
            return NotImplemented
        return pointwise(call, in_order(call, input, other), kinds, policy)

    return rule


def in_order(call: Call, input: Any, other: Any) -> tuple[Any, Any]:
    """The operands from left to right, also where the tensor's reflected method was called."""
    reflected = title(call) in REFLECTED
    return (other, input) if reflected else (input, other)


for _names, _kinds, _dtype in UNARY:
    enter(tuple(_names.split()), _unary(_kinds, _dtype), "same", "contiguous")
for _names, _kinds, _dtype in BINARY:
    enter(tuple(_names.split()), _binary(_kinds, _dtype), "promote", "contiguous")


@op("add __add__ __radd__ __iadd__")
def add(call: Call, input: Any, other: Any, *, alpha: Any = 1) -> Any:
    """(*A), (*B) -> (*broadcast(A, B))"""
    if not is_operand(other):
        return NotImplemented
    result = pointwise(call, in_order(call, input, other))
    factor(call, result.dtype, alpha)
    return result


@op("sub subtract rsub __sub__ __rsub__ __isub__")
def sub(call: Call, input: Any, other: Any, alpha: Any = 1) -> Any:
    """(*A), (*B) -> (*broadcast(A, B))"""
    if any(isinstance(x, bool) or (isinstance(x, Value) and x.dtype == "bool") for x in (input,
                                                                                       other)):
        call.wrong("bools cannot be subtracted: use ^ or logical_not", kind="dtype")
    return add(call, input, other, alpha=alpha)


@op("div divide true_divide")
def div(call: Call, input: Any, other: Any, *, rounding_mode: str | None = None) -> Value:
    """(*A), (*B) -> (*broadcast(A, B))"""
    if rounding_mode is None:
        return pointwise(call, (input, other), policy="float")
    if rounding_mode not in ("floor", "trunc"):
        call.wrong("rounding_mode must be None, 'floor' or 'trunc'", kind="argument")
    return pointwise(call, (input, other), "if")


@op("ldexp")
def ldexp(call: Call, input: Value, other: Value) -> Value:
    """(*A), (*B) -> (*broadcast(A, B))"""
    if is_float(input.dtype) and other.dtype == "bool":
        call.wrong("bools are no exponents of floats", kind="dtype", of="other")
    return pointwise(call, (input, other), policy="float")


@op("__rdiv__ __rtruediv__")
def reflected_div(call: Call, input: Value, other: Any) -> Any:
    """(*A), (*B) -> (*broadcast(A, B))"""
    if not is_operand(other):
        return NotImplemented
    inverse = call.tensor(input, at_least_float(input.dtype, call), input.strides)
    return pointwise(call, (inverse, other))


@op("pow __pow__ __rpow__ __ipow__")
def pow(call: Call, input: Any, exponent: Any) -> Any:
    """(*A), (*B) -> (*broadcast(A, B))"""
    if not is_operand(exponent):
        return NotImplemented
    first, second = in_order(call, input, exponent)
    kinds = "bifc" if isinstance(second, bool) else "ifc"
    result = pointwise(call, (first, second), kinds)
    if isinstance(second, int) and second < 0 and category(result.dtype) == 1:
        call.wrong("integers have no negative integer powers", kind="dtype", of="exponent")
    if category(result.dtype) == 1 or result.dtype.endswith("float16"):
        can_hold(call, result.dtype, second, "exponent")
    return result if isinstance(first, Value) else call.tensor(result, result.dtype)


@op("float_power")
def float_power(call: Call, input: Any, exponent: Any) -> Value:
    """(*A), (*B) -> (*broadcast(A, B))"""
    common = result_type((input, exponent), call.default_dtype)
    policy = "complex128" if category(common) == 3 else "float64"
    result = pointwise(call, (input, exponent), policy=policy)
    return result if isinstance(input, Value) else call.tensor(result, policy)


@op("clamp clip")
def clamp(call: Call, input: Value, min: Any = None, max: Any = None) -> Value:
    """(*A), (*B), (*C) -> (*broadcast(A, B, C))"""
    if min is None and max is None:
        call.fail("at least one of min and max must be given", kind="argument")
    bounds = [bound for bound in (min, max) if bound is not None]
    if not all(isinstance(bound,
                          Value) for bound in bounds):  # a tensor beside a number is read out
        bounds = [AS_NUMBER[category(b.dtype)] if isinstance(b, Value) else b for b in bounds]
        result = pointwise(call, (input, *bounds), "if")
        for bound in bounds:
            can_hold(call, result.dtype, bound, "a bound")
        return result
    return pointwise(call, (input, *bounds), "bif" if len(bounds) == 1 else "if")


@op("clamp_min clamp_max")
def clamp_min(call: Call, input: Value, bound: Any) -> Value:
    """(*A), (*B) -> (*broadcast(A, B))"""
    return clamp(call, input, bound)


@op("addcmul addcdiv")
def addcmul(call: Call, input: Value, tensor1: Value, tensor2: Value, *, value: Any = 1) -> Value:
    """(*A), (*B), (*C) -> (*broadcast(A, B, C))"""
    result = pointwise(call, (input, tensor1, tensor2), "ifc")
    if "addcdiv" in call.op and category(tensor1.dtype) < 2 and category(tensor2.dtype) < 2:
        call.wrong("addcdiv does not divide integers", kind="dtype", of="tensor1")
    computes_with(call, result.dtype, value)
    return result


@op("heaviside")
def heaviside(call: Call, input: Value, values: Value) -> Value:
    """(*A), (*B) -> (*broadcast(A, B))"""
    same_dtype(call, input, values)
    return pointwise(call, (input, values), "bif")


@op("bernoulli poisson")
def draw(call: Call, input: Value, *_: Any, **__: Any) -> Value:
    """(*S) -> (*S)"""
    if title(call) == "poisson" or not empty(input):
        accepts(call, input.dtype, "f", "input")
    return call.tensor(input, input.dtype)


@op("positive __pos__ conj_physical")
def unchanged(call: Call, input: Value) -> Value:
    """(*S) -> (*S)"""
    if not title(call).startswith("conj_physical"):
        accepts(call, input.dtype, "ifc", "input")
    return like(call, input) if category(input.dtype) == 3 and "conj" in call.op else input


@op("lerp")
def lerp(call: Call, input: Value, end: Value, weight: Any) -> Value:
    """(*A), (*B), (*C) -> (*broadcast(A, B, C))"""
    same_dtype(call, input, end, weight if isinstance(weight, Value) and len(weight) else None)
    computes_with(call, input.dtype, weight, "weight")
    weights = (weight,) if isinstance(weight, Value) else ()
    return pointwise(call, (input, end, *weights), "fc")


@op("isclose")
def isclose(call: Call, input: Value, other: Value, *_: Any, **__: Any) -> Value:
    """(*A), (*B) -> (*broadcast(A, B))"""
    same_dtype(call, input, other)
    return pointwise(call, (input, other), policy="bool")


@op("polygamma special_polygamma")
def polygamma(call: Call, n: Any, input: Any) -> Value:
    """(*S) -> (*S)"""
    x, order = (n, input) if isinstance(n, Value) else (input, n)
    call.at_least(order, 0, "the order of a derivative cannot be negative", kind="argument", of="n")
    accepts(call, x.dtype, "bif", "input")
    return like(call, x, at_least_float(x.dtype, call))


@op("mvlgamma special_multigammaln")
def mvlgamma(call: Call, input: Value, p: int) -> Value:
    """(*S) -> (*S)"""
    accepts(call, input.dtype, "if", "input")
    call.at_least(p, 1, "the order of a gamma function must be at least one", kind="argument",
                  of="p")
    return call.tensor(input, at_least_float(input.dtype, call))


@op("abs absolute __abs__")
def absolute(call: Call, input: Value) -> Value:
    """(*S) -> (*S)"""
    accepts(call, input.dtype, "ifc", "input")
    return like(call, input, FLOAT_OF.get(input.dtype, input.dtype))


@op("angle")
def angle(call: Call, input: Value) -> Value:
    """(*S) -> (*S)"""
    return like(call, input, at_least_float(FLOAT_OF.get(input.dtype, input.dtype), call))


@op("square")
def square(call: Call, input: Value) -> Value:
    """(*S) -> (*S)"""
    return like(call, input, "int64" if input.dtype == "bool" else input.dtype)


@op("complex polar")
def complex_(call: Call, real: Value, imag: Value) -> Value:
    """(*A), (*B) -> (*broadcast(A, B))"""
    same_dtype(call, real, imag)
    if real.dtype == "bfloat16":
        call.wrong("there is no complex dtype of bfloat16 parts", kind="dtype")
    return pointwise(call, (real, imag), "f", COMPLEX_OF.get(real.dtype, "complex64"))
