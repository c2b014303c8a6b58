"""A loop bound is given a few numbers; what larger ones change must not be passed over."""

import math
from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

import shapeflow
from shapeflow.core.shape import substitute
from tests.agreement import SIZES, agrees, outcome, real


def looped(x: Tensor) -> Tensor:
    """Gives the number of steps a number."""
    return torch.stack([x[:, t] for t in range(x.size(1))], 1)


def cut_after(x: Tensor) -> Tensor:
    y = looped(x)
    return y[:, :10] if x.size(1) > 10 else y


def fault_after(x: Tensor) -> Tensor:
    y = looped(x)
    return y @ torch.zeros(4, 4) if x.size(1) > 10 else y


def constant_after(x: Tensor) -> Tensor:
    looped(x)
    return x.new_zeros(1 if x.size(1) > 10 else 2)


def two_limits(x: Tensor) -> Tensor:
    looped(x)
    if x.size(1) > 12:
        return x.new_zeros(1)
    return x.new_zeros(2 if x.size(1) > 7 else 3)


def limits_in_a_loop(x: Tensor) -> Tensor:
    looped(x)
    count = 0
    for limit in (4, 8, 12):
        if x.size(1) > limit:
            count += 1
    return x.new_zeros(count)


def parity(x: Tensor) -> Tensor:
    looped(x)
    return x.new_zeros(1 if x.size(1) % 2 == 0 else 2)


def one_number(x: Tensor) -> Tensor:
    looped(x)
    return x.new_zeros(1 if x.size(1) == 7 else 2)


def raises_at_one_number(x: Tensor) -> Tensor:
    looped(x)
    if x.size(1) == 7:
        raise ValueError("seven")
    return x


def asserts_few(x: Tensor) -> Tensor:
    looped(x)
    assert x.size(1) <= 9
    return x


def asserts_thirds(x: Tensor) -> Tensor:
    looped(x)
    assert x.size(1) % 3 == 0
    return x.view(x.size(0), -1, 9)


def early_return(x: Tensor) -> Tensor:
    for t in range(x.size(1)):
        if t == 2:
            return x[:, :2]
    return x


def step_of_its_own(x: Tensor) -> Tensor:
    steps = []
    for t in range(x.size(1)):
        if t == 7:
            break
        steps.append(x[:, t])
    return torch.stack(steps, 1)


def length_of_a_list(x: Tensor) -> Tensor:
    steps = [x[:, t] for t in range(x.size(1))]
    return torch.stack(steps[:9], 1) if len(steps) > 9 else torch.stack(steps, 1)


def square_root(x: Tensor) -> Tensor:
    looped(x)
    return x.new_zeros(1 if math.sqrt(x.size(1)) > 3 else 2)


def rounded(x: Tensor) -> Tensor:
    return x.new_zeros(round(x.size(1) * 0.5), math.ceil(x.size(1) / 3))


def other_size_in_the_loop(x: Tensor) -> Tensor:
    return torch.stack([x[:2, t] if x.size(0) > 3 else x[:, t] for t in range(x.size(1))], 1)


BEYOND: list[Callable[..., object]] = [
    cut_after, fault_after, constant_after, two_limits, limits_in_a_loop, parity, one_number,
    raises_at_one_number, asserts_few, asserts_thirds, early_return, step_of_its_own,
    length_of_a_list, square_root, rounded, other_size_in_the_loop,
]  # fmt: skip


@pytest.mark.parametrize("function", BEYOND)
def test_what_larger_sizes_change_is_seen(function: Callable[..., object]) -> None:
    agrees(function, "B T 3", sizes={"B": [2, 5], "T": range(1, 20)})


def test_way_says_for_which_sizes_it_is() -> None:
    report = shapeflow.check(constant_after, "2 T 3")
    ways = {str(path.condition[0]): path.outputs for path in report.paths}
    assert ways == {"T <= 10": (2,), "T >= 11": (1,)}


def test_report_says_which_numbers_were_tried() -> None:
    report = shapeflow.check(looped, "2 T 3")
    assert report.paths[0].instances == {"T": (1, 2, 3, 5)}
    assert any(note.startswith("for all T: each step of the loop") for note in report.notes)


@pytest.mark.parametrize(
    ("where", "sizes"),
    [
        ("T % 4 == 0", [4, 8, 12, 16, 20]),
        ("T >= 5", [5, 6, 9]),
        ("T <= 2", [1, 2]),
        ("T >= 0", [1, 5]),
    ],
)
def test_numbers_obey_the_facts(where: str, sizes: list[int]) -> None:
    agrees(looped, "B T 3", where=where, sizes={"T": sizes})


def square(x: Tensor) -> Tensor:
    side = int(math.sqrt(x.size(1)))
    return x.view(x.size(0), side, side)


def next_power(x: Tensor) -> Tensor:
    n = 1
    while n < x.size(1):
        n *= 2
    return x.new_zeros(n)


@pytest.mark.parametrize("function", [square, next_power])
def test_no_law_is_said_and_never_guessed(function: Callable[..., object]) -> None:
    report = shapeflow.check(function, "B T")
    assert report.verdict == "incomplete"
    for time in (*SIZES, 9, 16, 20, 40):
        found = outcome(function, real(("B T",), {"B": 2, "T": time}))
        for path in report.paths:
            if path.outputs is not None and path.taken({"B": 2, "T": time}) and found is not None:
                assert report.output_shapes(B=2, T=time) == found[0]


def test_list_as_long_as_the_input_has_no_law() -> None:
    report = shapeflow.check(lambda x: [x[:, t] for t in range(x.size(1))], "B T 3")
    assert report.verdict == "incomplete"


@pytest.mark.parametrize("size", [600, 2000, 16000])
def test_a_long_piece_is_not_the_only_one(size: int) -> None:
    def cut(x: Tensor) -> tuple[Tensor, ...]:
        return torch.split(x, size)

    report = shapeflow.check(cut, "T 3")
    assert report.verdict == "incomplete", str(report)
    for number in (1, size, size + 1, 2 * size, 5 * size):
        if report.accepts(T=number) and size <= 2000 and number <= 2 * size:
            found = tuple(tuple(piece.shape) for piece in cut(torch.zeros(number, 3)))
            assert report.output_shapes(T=number) == found
    within = shapeflow.check(cut, "T 3", where=(f"T <= {size}",))
    assert within.verdict == "valid", str(within)


def test_the_smaller_of_two_bounds_is_either() -> None:
    def halves(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        columns = x.svd()[0]
        y = y.sum(1) if y.size(1) <= 4 else y.select(1, 0)
        total = columns[:, 0]
        for t in range(1, columns.size(1)):
            total = total + columns[:, t]
        return y, total

    numbers = (1, 2, 3, 5, 6, 8)
    assert agrees(halves, "N T", "2 T", sizes={"N": numbers, "T": numbers}).verdict == "valid"


def scanned(x: Tensor) -> Tensor:
    """Sums up to each step, by halves, in place, in an axis as long as the next power of two."""
    steps = 2 ** math.ceil(math.log2(x.size(1)))
    y = x.clone() if steps == x.size(1) else F.pad(x, (0, 0, 0, steps - x.size(1)))
    rows = y.transpose(1, 2)
    part = rows
    while part.size(2) > 1:
        part = part.view(*rows.shape[:2], part.size(2) // 2, 2)
        part[..., 1].add_(part[..., 0])
        part = part[..., 1]
    for k in range(int(math.log2(steps)) - 2, -1, -1):
        part = rows[:, :, 2**k - 1 :: 2**k].view(*rows.shape[:2], -1, 2)
        part[:, :, 1:, 0].add_(part[:, :, :-1, 1])
    return y[:, : x.size(1)]


def test_demands_that_hold_whatever_the_other_sizes_are() -> None:
    report = agrees(scanned, "B T 4", sizes={"B": (1, 2, 5), "T": (1, 2, 3, 4, 7, 8, 9, 32, 33)})
    assert report.verdict == "valid"


def test_a_size_that_grows_once_does_not_go_on() -> None:
    def capped(x: Tensor) -> Tensor:
        steps = torch.stack([x[:, t] for t in range(x.size(1))], 1)
        return torch.linalg.diagonal(steps.transpose(0, 1) @ torch.zeros(2, 3))

    agrees(capped, "2 2*T", sizes={"T": (1, 2, 3, 9, 10, 18, 26)})


def without_first(x: Tensor) -> Tensor:
    y = torch.stack([x[:, t] for t in range(1, x.size(1))], 1)
    return y if y.shape[1] > 3 else y + 1


def test_what_follows_from_a_fault_is_told_of_its_own_numbers_only() -> None:
    report = agrees(without_first, "B T 3")
    assert report.verdict == "conditional"


def test_one_number_is_no_law_where_two_symbols_grow_together() -> None:
    def model(c: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
        waves = c.stft(8, 4, 4, center=False, return_complex=True, align_to_window=False)
        columns = torch.svd(x)[2]
        doubled = [columns[:, t] * 2 for t in range(columns.size(1))]
        return waves, torch.stack(doubled, dim=1)

    report = shapeflow.check(model, "20", "N T")
    told = [
        p.outputs[1] for p in report.paths if all(c.at({"N": 13, "T": 12}) for c in p.condition)
    ]
    assert all(substitute(shape, {"N": 13, "T": 12}) == (12, 12) for shape in told)
