"""Complex tensors that are conjugated, or negated, only when their entries are read."""

from collections.abc import Callable
from itertools import product

import pytest
import torch
from torch import Tensor

import shapeflow


def resolved(x: Tensor) -> Tensor:
    return torch.view_as_real(x.resolve_conj() if x.is_conj() else x)


HELD = torch.zeros(2, 3, dtype=torch.complex64)

FORWARDS: list[Callable[[Tensor], object]] = [
    lambda x: torch.view_as_real(x),
    lambda x: torch.view_as_real(x.conj()),
    lambda x: torch.view_as_real(x.conj()[..., 1:].conj()),
    lambda x: torch.view_as_real(x.conj().resolve_conj()),
    lambda x: torch.view_as_real(x.conj().unbind(1)[0]),
    lambda x: torch.view_as_real(x.conj().add_(1)),
    lambda x: torch.view_as_real(x.conj() * 2),
    lambda x: torch.view_as_real(x.mH),
    lambda x: torch.view_as_real(x.mH.contiguous()),
    lambda x: x.conj().view(torch.float32),
    lambda x: x.conj().view(torch.complex64),
    lambda x: x.conj().flatten().view(torch.float32),
    lambda x: x.real.conj().view(torch.int32),
    lambda x: x.conj().imag.view(torch.int32),
    lambda x: x.conj().imag.reshape(-1).view(torch.int32),
    lambda x: resolved(x.adjoint()),
    lambda x: torch.view_as_real(torch.fft.ifft(x.real)),
    lambda x: torch.view_as_real(torch.fft.ifft(x)),
    lambda x: torch.view_as_real(torch.fft.ihfft(x.real)[..., :1]),
    lambda x: torch.view_as_real(torch.fft.ifft2(x.real)),
    lambda x: torch.view_as_real(torch.svd(x)[2]),
    lambda x: torch.view_as_real(torch.svd(x)[0]),
    lambda x: x.mH.contiguous().is_conj(),
    lambda x: x.conj().imag.is_neg(),
    lambda x: x.conj().is_neg(),
    lambda x: torch.fft.ifft(x.real).is_neg(),
    lambda x: torch.view_as_real(HELD) + x.real[..., None].sum(),
    lambda x: torch.view_as_real(HELD.conj()),
]


@pytest.mark.parametrize("forward", FORWARDS)
def test_verdict_is_pytorchs(forward: Callable[[Tensor], object]) -> None:
    report = shapeflow.check(forward, "2 B T:complex64")
    assert report.verdict != "incomplete"
    for batch, time in product((1, 2, 3), repeat=2):
        try:
            result = forward(torch.zeros(2, batch, time, dtype=torch.complex64))
        except RuntimeError:
            assert not report.accepts(B=batch, T=time), (batch, time)
            continue
        assert report.accepts(B=batch, T=time), (batch, time)
        said = report.output_shapes(B=batch, T=time)
        assert said == (tuple(result.shape) if isinstance(result, Tensor) else result)


def test_solutions_are_left_open() -> None:
    def model(x: Tensor) -> Tensor:
        return torch.view_as_real(torch.linalg.solve(x, x, left=False))

    assert shapeflow.check(model, "B B:complex64").verdict == "incomplete"
    assert shapeflow.check(lambda x: torch.linalg.solve(x, x), "B B:complex64").ok


def test_what_helps_is_said() -> None:
    report = shapeflow.check(lambda x: torch.view_as_real(x.conj()), "B T:complex64")
    assert ".resolve_conj()" in str(report)
