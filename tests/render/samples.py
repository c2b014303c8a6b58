"""Reports built by hand, one for each thing that a renderer has to cope with."""

from types import MappingProxyType

from shapeflow.core import constraint, dims
from shapeflow.core.constraint import Constraint, Location, Origin
from shapeflow.diagnose.diagnostic import Finding, Fix, Reason, Verdict
from shapeflow.report import Path, Report

B, H, N, T = map(dims.symbol, "BHNT")

CALL = Location("net.py", 31, 18, 31, 34, "        out, _ = self.rnn(x, hx)  # the encoder")
INIT = Location("net.py", 12, 20, 12, 46, "        self.rnn = nn.GRU(3, 5, batch_first=True)")
VIEW = Location("net.py", 33, 13, 35, 10, "        y = out.view(")


def demand(relation: Constraint, because: str, place: Location) -> Constraint:
    """A relation with who demands it."""
    return relation.because(Origin(because, location=place))


SAME_BATCH = demand(constraint.equal(N, B), "batch of hx and of the input", CALL)
LONG = demand(constraint.at_least(T, 5), "the window must fit into the time", VIEW)
EVEN = demand(constraint.divides(4, H), "heads split the features evenly", VIEW)

BATCH = Finding(
    "SF204",
    "error",
    "hx must have one row per sequence of the input, but its batch N and the input's batch B "
    "were declared as different sizes",
    CALL,
    related=((INIT, "batch_first=True puts the batch of the input first, not that of hx"),),
    because=(
        Reason("x is (B, T, 3)"),
        Reason("hx is (1, N, 5)"),
        Reason("batch_first=True, so axis 0 of x is the batch: B", INIT),
        Reason("nn.GRU needs axis 1 of hx to be that batch", CALL),
    ),
    constraints=(SAME_BATCH,),
    witness=MappingProxyType({"B": 2, "T": 1, "N": 3}),
    pytorch_message="Expected hidden size (1, 2, 5),\n  got [1, 3, 5]",
    fixes=(
        Fix("declare hx as (1, B, 5)", None, True),
        Fix("make the state in forward: hx = x.new_zeros(1, x.size(0), 5)", CALL),
    ),
    operation="nn.GRU",
    signature="(*B, T, in), (L, *B, H) -> (*B, T, H), (L, *B, H)",
    operands=(("input", "(B, T, 3)"), ("hx", "(1, N, 5)")),
)
SCRAMBLED = Finding(
    "SF209",
    "warning",
    "the view mixes batch and layers",
    VIEW,
    constraints=(EVEN,),
    witness={"H": 3},
    fixes=(Fix("permute the axes first: out.permute(1, 0, 2)", VIEW),),
)
NOTE = Finding("SF302", "note", "runs only where T >= 5", VIEW, constraints=(LONG,))
NOWHERE = Finding("SF401", "error", "no rule for net.twice")


def report(verdict: Verdict = Verdict.VALID, **changes: object) -> Report:
    """A report on one small model, with some attributes of its own."""
    fields: dict[str, object] = {
        "findings": (),
        "constraints": (),
        "inputs": {"x": (B, T, 3), "hx": (1, B, 5)},
        "outputs": ((B, T, 5), (1, B, 5)),
        "symbols": ("B", "T"),
        "model": "Encoder",
    }
    return Report(verdict, **(fields | changes))  # type: ignore[arg-type]


ONE_STEP, MORE_STEPS = constraint.equal(T, 1), constraint.distinct(T, 1)
SAMPLES = {
    "valid": report(),
    "facts": report(facts=(constraint.divides(8, H),), symbols=("B", "T", "H")),
    "plain_sizes": report(inputs={"x": (4, 7, 3), "mask": None, "n": 3}, outputs=(), symbols=()),
    "conditional": report(
        Verdict.CONDITIONAL,
        findings=(BATCH, SCRAMBLED, NOTE),
        constraints=(SAME_BATCH, LONG),
        inputs={"x": (B, T, 3), "hx": (1, N, 5)},
        outputs=((B, T, 5), (1, N, 5)),
        symbols=("B", "T", "N"),
        notes=("checked for T in {1, 2, 3, 5}",),
    ),
    "one_condition": report(Verdict.CONDITIONAL, findings=(NOTE,), constraints=(LONG,)),
    "unsatisfiable": report(Verdict.UNSATISFIABLE, findings=(BATCH,), outputs=None),
    "incomplete": report(Verdict.INCOMPLETE, findings=(NOWHERE,), outputs=None),
    "alternatives": report(
        inputs={"x": (B, T, 3)},
        outputs=(B, T, 5),
        alternatives=(
            report(inputs={"x": (B, T, 3), "hx": (1, B, 5)}, outputs=(B, T, 5)),
            report(Verdict.CONDITIONAL, inputs={"x": (T, 3)}, outputs=(T, 5), constraints=(LONG,)),
        ),
    ),
    "ways": report(
        outputs={"last": (B, 5), "states": [(1, B, 5), (1, B, 5)]},
        paths=(
            Path((ONE_STEP,), (), (), (B, 5), main=True),
            Path((MORE_STEPS,), ("x.sum() > 0 holds (net.py:9)",), (LONG,), ((B, T, 5),)),
            Path((MORE_STEPS,), ("x.sum() > 0 does not hold (net.py:9)",), (), None),
        ),
    ),
}
