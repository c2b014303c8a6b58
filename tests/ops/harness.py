"""``ok`` and ``bad`` lines: what a rule says, judged by PyTorch at many sizes.

::

    ok ("cat", ["B 3", "B 5"], dim=1, out="B 8")
    ok ("cat", ["B H", "C W"], dim=1, out="B H+W", needs="B == C")
    bad("cat", ["2 3", "4 3"], dim=1, why="outside the joined axis")

A string is a tensor's spec ("B T:int64"), ``lit("mean")`` a real string, ``dt("int64")`` a dtype;
lists and tuples nest, and ``parse_size("2*B")`` is a size that is an argument.
``out`` is one spec or a list of them; "" is a scalar, None a result that is no tensor.
Each ``ok`` line is checked three ways: the symbolic answer is as printed and demands what ``needs``
says; at drawn sizes (1 and equal symbols among them, admissible or not) the rule and the real
operation agree on the verdict; and where both accept, on every shape, dtype and stride.
Every spelling that torch has (torch, Tensor, functional) is tried.
"""

from __future__ import annotations

import inspect
import itertools
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import torch

from shapeflow.core import constraint, dims
from shapeflow.core.constraint import Constraint
from shapeflow.core.notation import parse_fact, parse_size
from shapeflow.core.shape import product, symbols_in
from shapeflow.ops import Call, Fault, Value, lookup
from shapeflow.ops.apply import apply
from shapeflow.ops.layout import permuted, strides_of
from shapeflow.solve import Facts

DRAWS = 24
REFUSALS = (
    RuntimeError, ValueError, LookupError, AssertionError, AttributeError, ArithmeticError,
)  # fmt: skip
SMALL = (1, 2, 3, 4, 5, 6, 7, 8, 12)


class lit(str):
    """A string that is an argument, not a spec."""


class dt(str):
    """A dtype: the rule sees its name, torch its dtype."""


@dataclass(frozen=True)
class turned:
    """A tensor whose axes stand in another order than its memory."""

    spec: str
    order: tuple[int, ...]


class numbers(list):
    """An int64 tensor that holds these numbers, and is known to."""


@dataclass
class Case:
    """One line of a table."""

    name: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    out: Any = ()
    needs: str = ""
    why: str = ""
    where: str = ""
    sizes: dict[str, tuple[int, ...]] = field(default_factory=dict)
    data: str = ""
    module: dict[str, Any] | None = None

    def __str__(self) -> str:
        return f"{self.name}-{','.join(map(str, self.args))}"[:80]


CASES: list[Case] = []


def ok(name: str, *args: Any, out: Any, needs: str = "", where: str = "", sizes: Any = None,
       data: str = "zeros", module: Any = None, **kwargs: Any) -> None:
    """A call that has this result, under these conditions.

    ``module`` holds the constructor's arguments where the name is that of a module.

    ``data`` fills int tensors ("zeros", "ones"); "cpu" is zeros, and never asks meta tensors.
    """
    CASES.append(Case(name, args, kwargs, out, needs, "", where, sizes or {}, data, module))


def bad(name: str, *args: Any, why: str, data: str = "zeros", module: Any = None,
        **kwargs: Any) -> None:
    """A call that fails, and words of the reason."""
    CASES.append(Case(name, args, kwargs, why=why, data=data, module=module))


class Ask:
    """Answers from facts; demands are noted. With numbers for sizes it is a plain evaluation."""

    def __init__(self, facts: str = "") -> None:
        self.facts = Facts([parse_fact(facts)] if facts else [])
        self.demands: list[Constraint] = []
        self.count = 0

    def demand(self, requirement: Constraint) -> None:
        self.demands.append(requirement)
        if self.facts.decide(requirement) is None:
            self.facts.assume(requirement)

    def proved(self, requirement: Constraint) -> bool:
        return False

    def settle(self, question: Constraint) -> bool | None:
        return self.facts.decide(question)

    def choose(self, question: Constraint) -> bool:
        answer = self.facts.decide(question)
        if answer is None:  # the general case: sizes are not 1
            answer = question.kind != "equal"
            self.facts.assume(question if answer else question.negated())
        return answer

    def instantiate(self, size: Any, why: str) -> int:
        return size if isinstance(size, int) else 3

    def fresh(self, words: str, at_most: Any = None) -> Any:
        self.count += 1
        return dims.opaque(f"u{self.count}")

    def data_size(self, name: str, at_least: Any = None, at_most: Any = None) -> Any:
        size = dims.opaque(name)
        for low, high in ((at_least, size), (size, at_most)):
            if low is not None and high is not None:
                self.facts.assume(constraint.at_least(high, low))
        return size


def read(arg: Any, sizes: dict[str, int] | None) -> Any:
    """Specs to Values, at sizes where some are given."""
    if isinstance(arg, str) and not isinstance(arg, lit | dt):
        text, _, dtype = arg.partition(":")
        shape = [parse_size(word) for word in text.split()]
        if sizes is not None:
            shape = [dims.evaluate(size, sizes) for size in shape]
        return Value(shape, dtype or "float32")
    if isinstance(arg, turned):
        return permuted(read(arg.spec, sizes), arg.order)
    if isinstance(arg, numbers):
        return Value((len(arg),), "int64", known=list(arg))
    if isinstance(arg, slice):
        return slice(*(read(part, sizes) for part in (arg.start, arg.stop, arg.step)))
    if isinstance(arg, list | tuple):
        return type(arg)(read(item, sizes) for item in arg)
    if isinstance(arg, dims.Dim) and sizes is not None:
        return dims.evaluate(arg, sizes)
    return arg


def real(arg: Any, device: str, data: str) -> Any:
    """Values to torch's own arguments."""
    if isinstance(arg, Value):
        dtype = getattr(torch, arg.dtype)
        if isinstance(arg.known, list):
            return torch.tensor(arg.known, dtype=dtype)
        fill = torch.ones if data == "ones" or dtype.is_floating_point else torch.zeros
        if arg.strides is None:
            return fill(tuple(arg), dtype=dtype, device=device)
        whole = fill((math.prod(arg),), dtype=dtype, device=device)
        return whole.as_strided(tuple(arg), arg.strides)
    if isinstance(arg, list | tuple):
        return type(arg)(real(item, device, data) for item in arg)
    return getattr(torch, arg) if isinstance(arg, dt) else arg


def spellings(name: str) -> list[Any]:
    """The callables of torch that a name stands for."""
    family, _, inner = name.partition("_")
    if family in ("special", "linalg", "fft"):  # torch.linalg.norm is called linalg_norm
        return [getattr(getattr(torch, family), inner)]
    prefix, _, short = name.rpartition(".")
    homes = {"torch": torch, "Tensor": torch.Tensor, "F": torch.nn.functional}
    chosen = [homes[prefix]] if prefix in homes else list(homes.values())
    if prefix and prefix not in homes:
        home: Any = torch
        for part in name.split("."):
            home = getattr(home, part)
        return [home]
    found = [getattr(home, short) for home in chosen if hasattr(home, short)]
    if not found:  # a builtin behind one of torch.nn.functional's
        found = [getattr(torch._C._nn, short)] if hasattr(torch._C._nn, short) else []
    if not found and hasattr(torch.ops.aten, short):
        found = [getattr(torch.ops.aten, short)]
    calls = [f for f in found if callable(f)]
    if not calls and found:  # a property
        return [lambda x: getattr(x, short)]
    return calls


def judge(case: Case, args: Any, kwargs: Any) -> list[tuple[bool, Any]]:
    """What torch says to each spelling: (accepted, result or message)."""
    answers, misfits = [], []
    for call in spellings(case.name):
        for device in ("cpu",) if case.data == "cpu" or case.why else ("meta", "cpu"):
            given = real(args, device, case.data)
            named = {k: real(v, device, case.data) for k, v in kwargs.items()}
            one = call if case.module is None else built(call, case.module, device)
            try:
                answers.append((True, one(*given, **named)))
            except NotImplementedError as error:
                if device == "meta":
                    continue
                answers.append((False, str(error)))
            except TypeError as error:  # this spelling takes other arguments
                if case.why and "must" in str(error) and "argument" not in str(error):
                    answers.append((False, str(error)))
                misfits.append((False, str(error)))
                break
            except REFUSALS as error:
                if "meta" in str(error) and device == "meta":
                    continue
                answers.append((False, f"{type(error).__name__}: {error}"))
            break
    return answers or (misfits if case.why else [])


def flat(result: Any) -> list[Any]:
    """The tensors of a result, in order."""
    if isinstance(result, Value | torch.Tensor):
        return [result]
    if isinstance(result, dict):
        result = list(result.values())
    if isinstance(result, list | tuple):
        return [leaf for item in result for leaf in flat(item)]
    return []


def run(case: Case, ask: Ask, args: Any, kwargs: Any) -> tuple[Any, list[Constraint]]:
    """The rule's answer and its demands; Fault gives no answer."""
    rule = lookup(case.name)
    assert rule is not None, f"no rule for {case.name}"
    if case.module is not None:
        kwargs = {**kwargs, **attributes(case.name, rule.attributes, case.module)}
    call = Call(case.name, ask)
    if args and isinstance(args[0], Value):
        call.memory = product(args[0]), 0
    try:
        return apply(rule, call, args, kwargs), ask.demands
    except Fault:
        return Fault, ask.demands


def attributes(name: str, wanted: tuple[str, ...], options: dict[str, Any]) -> dict[str, Any]:
    """What the tracer hands over of a module."""
    made = built(spellings(name)[0], options, "meta")
    dtypes = [str(p.dtype).removeprefix("torch.") for p in made.parameters()]
    return {a: dtypes[0] if a == "dtype" else getattr(made, a) for a in wanted}


def built(kind: Any, options: dict[str, Any], device: str) -> Any:
    """A module on a device, where it has tensors that lie on one."""
    where = {"device": device} if "device" in inspect.signature(kind).parameters else {}
    return kind(**options, **where)


def check(case: Case) -> None:
    """The line's three checks; AssertionError tells what differs."""
    if case.why:
        check_bad(case)
    else:
        check_symbolic(case)
        check_drawn(case)


def check_bad(case: Case) -> None:
    args, kwargs = read(case.args, {}), {k: read(v, {}) for k, v in case.kwargs.items()}
    ask = Ask()
    _, demands = run(case, ask, args, kwargs)
    broken = [d for d in demands if not d.symbols and not d.at({})]
    assert broken, "the rule accepts it"
    assert any(case.why in d.origin.because for d in broken if d.origin), [
        d.origin.because for d in broken if d.origin]
    answers = judge(case, args, kwargs)
    assert answers, "torch was not asked"
    assert not any(good for good, _ in answers), "torch accepts it"


def check_symbolic(case: Case) -> None:
    args, kwargs = read(case.args, None), {k: read(v, None) for k, v in case.kwargs.items()}
    ask = Ask(case.where)
    result, demands = run(case, ask, args, kwargs)
    assert result is not Fault, [d.origin.because for d in demands if d.origin]
    wanted = case.out if isinstance(case.out, list) else [case.out]
    found = [tuple(str(ask.facts.reduce(d)) for d in leaf) for leaf in flat(result)]
    expected = [
        tuple(str(ask.facts.reduce(d)) for d in read(w, None)) for w in wanted if w is not None
    ]
    assert found == expected, f"{found} is not {expected}"


def check_drawn(case: Case) -> None:
    names = symbols_in(list(specs(case.args)) + list(specs(tuple(case.kwargs.values()))))
    needs = parse_fact(case.needs) if case.needs else constraint.ALWAYS
    where = parse_fact(case.where) if case.where else constraint.ALWAYS
    agreed = 0
    for sizes in draws(case, names):
        args, kwargs = read(case.args, sizes), {k: read(v, sizes) for k, v in case.kwargs.items()}
        if any(d < 0 for leaf in flat([args, kwargs]) for d in leaf) or not where.at(sizes):
            continue
        result, demands = run(case, Ask(), args, kwargs)
        accepted = result is not Fault and all(d.at({}) for d in demands if not d.symbols)
        assert accepted == needs.at(sizes), f"at {sizes} the rule says {accepted}, needs {needs}"
        answers = judge(case, args, kwargs)
        assert answers, "torch was not asked"
        for good, answer in answers:
            assert good == accepted, f"at {sizes} torch says {good} ({answer}), the rule {accepted}"
            if good:
                compare(flat(result), flat(answer), sizes)
                agreed += 1
    assert agreed, "no drawn size was admissible"


def compare(mine: list[Any], theirs: list[Any], sizes: dict[str, int]) -> None:
    """Shapes, dtypes and strides."""
    assert len(mine) == len(theirs), f"{len(mine)} results, torch has {len(theirs)}"
    for a, b in zip(mine, theirs, strict=True):
        if any(isinstance(d, dims.Dim) for d in a):  # data-dependent
            assert len(a) == b.dim()
            continue
        assert tuple(a) == tuple(b.shape), f"at {sizes}: {tuple(a)}, torch {tuple(b.shape)}"
        assert f"torch.{a.dtype}" == str(b.dtype), f"dtype {a.dtype}, torch {b.dtype}"
        if 0 not in b.shape:
            pairs = zip(a, strides_of(a), b.stride(), strict=True)
            assert all(s == 1 or x == y for s, x, y in pairs), (
                f"at {sizes}: strides {strides_of(a)}, torch {b.stride()} of {tuple(a)}")


def specs(arg: Any) -> list[Any]:
    """The shapes in arguments, for their symbols."""
    found = read(arg, None)
    return [tuple(leaf) for leaf in flat(found)] + list(sizes_in(found))


def sizes_in(arg: Any) -> Iterator[dims.Dim]:
    """The symbolic sizes that are arguments, however deep."""
    if isinstance(arg, dims.Dim):
        yield arg
    if isinstance(arg, slice):
        arg = (arg.start, arg.stop, arg.step)
    if isinstance(arg, list | tuple) and not isinstance(arg, Value):
        for item in arg:
            yield from sizes_in(item)


def draws(case: Case, names: list[str]) -> list[dict[str, int]]:
    """Sizes to try: ones, all equal, small ones, and ones that the line asks for."""
    rng = random.Random(str(case))
    choices = {n: case.sizes.get(n, SMALL) for n in names}
    tried = [dict.fromkeys(names, 1), dict.fromkeys(names, 4)]
    tried = [t for t in tried if all(t[n] in choices[n] for n in names)]
    tried += [{n: rng.choice(choices[n]) for n in names} for _ in range(DRAWS)]
    for pair in itertools.combinations(names, 2):
        same = {n: rng.choice(choices[n]) for n in names}
        same[pair[0]] = same[pair[1]]
        tried.append(same)
    unique: list[dict[str, int]] = []
    for t in tried:
        if t not in unique:
            unique.append(t)
    return unique or [{}]
