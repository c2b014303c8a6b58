"""Tensors that fit: out of the pool, made of others, or given from outside."""

from __future__ import annotations

from collections.abc import Sequence

from shapeflow.core import dims
from shapeflow.core.dims import Dim, Size
from shapeflow.core.shape import product, substitute
from shapeflow.ops import Value

from ..ops import harness
from .workshop import Unfit, Workshop, opaque, spec_of


class Operands(Workshop):
    """Finds operands, and makes those that are not there."""

    def text(self, size: Size) -> str:
        """A size as Python text."""
        text = str(size)
        if "min" in text or "max" in text or not set(dims.symbols_of(size)) <= set(self.shown()):
            raise Unfit
        return text

    def shown(self) -> set[str]:
        """The symbols that can be read off an input."""
        return {w for s in self.inputs.values() for w in s.partition(":")[0].split() if w.isalpha()}

    def texts(self, shape: Sequence[Size]) -> str:
        """A shape as arguments."""
        return ", ".join(map(self.text, shape))

    def pick(self, ranks: Sequence[int] = (), dtype: str = "float32") -> str:
        """A tensor out of the pool, a late one rather than an early one."""
        names = [n for n, v in self.pool.items() if v.dtype == dtype]
        names = [n for n in names if not ranks or len(self.pool[n]) in ranks]
        if not names:
            raise Unfit
        return names[int(len(names) * self.rng.random() ** 0.6)]

    def operand(self, spec: str, binding: dict[str, Size]) -> str:
        """A tensor that fits a spec of a template, whose symbols are bound as they are met."""
        wanted = harness.read(spec, None)
        shape = [substitute(size, binding) for size in wanted]
        same = [n for n, v in self.pool.items() if len(v) == len(shape) and v.dtype == wanted.dtype]
        if same and wanted.dtype in ("float32", "bool"):
            def score(name: str) -> float:
                pairs = zip(self.pool[name], shape, strict=True)
                return sum(a == b for a, b in pairs) + 0.9 * self.rng.random()

            name = max(same, key=score) if self.rng.random() < 0.9 else self.rng.choice(same)
            for size, axis in zip(wanted, self.pool[name], strict=True):
                if isinstance(size, Dim) and str(size).isalpha() and str(size) not in binding:
                    binding[str(size)] = axis
        for symbol in (n for size in wanted for n in dims.symbols_of(size)):
            if symbol not in binding:
                shown = sorted(self.shown())
                choices: list[Size] = [*map(dims.symbol, shown), 1, 2, 3, 4, 6]
                binding[symbol] = self.rng.choice(choices)
        target = Value((substitute(size, binding) for size in wanted), wanted.dtype)
        exact = [n for n in same if tuple(self.pool[n]) == tuple(target)]
        if exact and wanted.dtype in ("float32", "bool") and self.rng.random() < 0.9:
            return self.rng.choice(exact)
        if same and wanted.dtype == "float32" and self.mood != "sound" and self.rng.random() < 0.12:
            return self.rng.choice(same)
        return self.made(target)

    def made(self, target: Value) -> str:
        """A tensor of a shape and dtype, out of another one if that can be."""
        ways = [self.cast, self.stretched, self.reshaped, self.lined, self.widened, self.narrowed]
        if len(self.inputs) < 4:
            ways += [self.fed]
        self.rng.shuffle(ways)
        if target.dtype not in ("float32", "bool"):
            ways = [self.cast] if target.dtype not in ("int64", "int32") else []
            ways += [self.fed] if len(self.inputs) < 4 else []
        for way in (*ways, self.fresh):
            try:
                return way(target)
            except Unfit:
                continue
        raise Unfit

    def one(self, text: str, kind: str, target: Value, layers: Sequence[str] = ()) -> str:
        """The name of the only result of a step."""
        name = self.name()
        self.add(f"{name} = {text}", kind, {name: target}, layers, guessed=True)
        return name

    def fed(self, target: Value) -> str:
        negative = any(isinstance(size, int) and size < 0 for size in target)
        if negative or opaque(target) or self.rng.random() < 0.3:
            raise Unfit
        renamed = target
        if self.mood == "condition" and target and self.rng.random() < 0.4:
            axis = self.rng.randrange(len(target))
            other = dims.symbol(self.rng.choice("BTHN"))
            renamed = Value((*target[:axis], other, *target[axis + 1 :]), target.dtype)
        return self.input(spec_of(renamed))

    def fresh(self, target: Value) -> str:
        sizes = self.texts(target)
        options = [f"torch.zeros({sizes or '()'}, dtype=torch.{target.dtype})"]
        if target.dtype == "float32":
            options += [f"torch.ones({sizes or '()'})", f"torch.rand({sizes or '()'})"]
            options += [f"{next(iter(self.pool))}.new_ones(({sizes}{',' if sizes else ''}))"]
            if self.pool[next(iter(self.pool))].dtype != "float32":
                options.pop()
        return self.one(self.rng.choice(options), "factory", target)

    def cast(self, target: Value) -> str:
        for name, value in self.pool.items():
            if tuple(value) == tuple(target) and value.dtype != target.dtype:
                if target.dtype == "bool":
                    return self.one(f"{name} > 0", "compare", target)
                return self.one(f"{name}.to(torch.{target.dtype})", "to", target)
        raise Unfit

    def stretched(self, target: Value) -> str:
        """From a tensor of the same rank: summed over the axes that differ, then expanded."""
        name = self.pick((len(target),), target.dtype)
        differing = [i for i, size in enumerate(self.pool[name]) if size != target[i]]
        if target.dtype != "float32" or not differing or not target:
            raise Unfit
        sizes = ", ".join(self.text(s) if i in differing else "-1" for i, s in enumerate(target))
        how = self.rng.choice(("mean", "sum", "amax"))
        text = f"{name}.{how}({tuple(differing)}, keepdim=True).expand({sizes})"
        return self.one(text, "expand", target)

    def reshaped(self, target: Value) -> str:
        for name, value in self.pool.items():
            fits = product(value) == product(target) and tuple(value) != tuple(target)
            if fits and value.dtype == target.dtype:
                how = self.rng.choice(("reshape", "contiguous().view"))
                return self.one(f"{name}.{how}({self.texts(target) or '()'})", "reshape", target)
        raise Unfit

    def lined(self, target: Value) -> str:
        """A linear layer to another last size."""
        if target.dtype != "float32" or not target or not isinstance(target[-1], int):
            raise Unfit
        if not target[-1]:
            raise Unfit
        for name, value in self.pool.items():
            last = value[-1] if value else 0
            if value.dtype == "float32" and len(value) == len(target) and isinstance(last, int):
                if last and tuple(value[:-1]) == tuple(target[:-1]):
                    layer, line = self.layer(f"nn.Linear({last}, {target[-1]})")
                    return self.one(f"{layer}({name})", "nn.Linear", target, [line])
        raise Unfit

    def widened(self, target: Value) -> str:
        """From a tensor with fewer axes."""
        name = self.pick((len(target) - 1,), target.dtype)
        for axis in range(len(target)):
            if tuple(self.pool[name]) == (*target[:axis], *target[axis + 1 :]):
                repeat = ", ".join(self.text(s) if i == axis else "1" for i, s in enumerate(target))
                return self.one(f"{name}.unsqueeze({axis}).repeat({repeat})", "repeat", target)
        raise Unfit

    def narrowed(self, target: Value) -> str:
        """From a tensor with one axis more."""
        name = self.pick((len(target) + 1,), target.dtype)
        for axis in range(len(target) + 1):
            value = self.pool[name]
            if (*value[:axis], *value[axis + 1 :]) == tuple(target):
                texts = [f"{name}.select({axis}, 0)", f"{name}[{':, ' * axis}-1]"]
                return self.one(self.rng.choice(texts), "select", target)
        raise Unfit
