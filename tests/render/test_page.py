"""The page in a browser: it opens, folds, lights, tells, reckons, and keeps to itself."""

import time
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import shapeflow
from shapeflow.render.drawing import Options, Style, render
from shapeflow.report import Report

from .browser import browser  # noqa: F401 - a fixture
from .test_drawing import EVIL, Wrapped
from .test_scene import report_of

pytestmark = pytest.mark.browser


class Page:
    """A page that is open in the browser."""

    def __init__(self, driver: Any, folder: Path, content: bytes) -> None:
        file = folder / "page.html"
        file.write_bytes(content)
        self.driver = driver
        driver.get_log("browser")
        driver.get(file.as_uri())
        assert self("return document.documentElement.dataset.ready") == "yes"

    def __call__(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def labels(self) -> list[str]:
        """What is written on edges."""
        return self("return [...document.querySelectorAll('.label')].map(n => n.textContent)")

    def boxes(self) -> list[str]:
        """Titles of what is drawn."""
        return self(
            "return [...document.querySelectorAll('.box text.title')].map(n => n.textContent)"
        )

    def press(self, *keys: str) -> None:
        """Types on what has the focus."""
        from selenium.webdriver import ActionChains

        for key in keys:
            ActionChains(self.driver).send_keys(key).perform()

    def set(self, **sizes: int) -> None:
        """Puts numbers into the fields of symbols."""
        self(
            "for (const [name, size] of Object.entries(arguments[0])) {"
            "const field = document.querySelector(`[aria-label='number for ${name}']`);"
            "field.value = size; field.dispatchEvent(new Event('input')); }",
            sizes,
        )

    def foot(self) -> str:
        """What stands below the graph."""
        return self("return document.querySelector('footer').textContent")

    def click(self, name: str) -> None:
        """Clicks on what assistive technology knows by a name."""
        self.driver.find_element("css selector", f"[aria-label^='{name}']").click()

    def complaints(self) -> list[Any]:
        """What the browser complains of."""
        return self.driver.get_log("browser")


def opened(driver: Any, folder: Path, report: Report, theme: str = "auto") -> Page:
    return Page(driver, folder, render(report, "html", Options(), Style(theme=theme)))


@pytest.fixture
def loop(browser: Any, tmp_path: Path) -> Page:  # noqa: F811
    return opened(browser, tmp_path, report_of("decoder loop"))


def test_shapes_symbols_and_loop_are_there(loop: Page) -> None:
    assert "T × (B, 500)" in loop.labels()
    assert "next step (B, 64)" in loop.labels()
    assert "cell" in loop.boxes()
    assert not loop.complaints()


def test_modules_open_and_close(loop: Page) -> None:
    assert "score" in loop.boxes()
    loop.click("close attention")
    assert "score" not in loop.boxes()
    assert "attention" in loop.boxes()
    loop.click("open attention")
    assert "score" in loop.boxes()
    loop.press("c")
    assert "cell" not in loop.boxes()
    loop.press("e")
    assert "cell" in loop.boxes()


def test_keyboard_alone_reaches_a_box_and_its_details(loop: Page) -> None:
    loop("document.querySelector('[aria-label^=\"encoder\"]').focus()")
    loop.press("\ue007")
    told = loop("return document.querySelector('aside').textContent")
    assert "GRU" in told
    assert "memory, state = self.encoder(self.source(source))" in told
    assert "models.py" in told
    loop.press("\ue00c")
    assert loop("return document.querySelector('aside').hidden")
    before = loop("return document.querySelector('main g').getAttribute('transform')")
    loop.press("+")
    assert loop("return document.querySelector('main g').getAttribute('transform')") != before
    loop.press("0")
    assert loop("return document.querySelector('main g').getAttribute('transform')") == before


def test_a_symbol_is_lit_wherever_it_stands(loop: Page) -> None:
    from selenium.webdriver import ActionChains

    chip = loop.driver.find_elements("css selector", ".chip b")[1]
    ActionChains(loop.driver).move_to_element(chip).perform()
    lit = loop("return [...document.querySelectorAll('.symbol.on')].map(n => n.textContent)")
    assert set(lit) == {"S"}
    assert len(lit) > 5


def test_numbers_in_the_place_of_symbols(loop: Page) -> None:
    loop.set(B=3, T=7, S=11)
    assert "T × (3, 500)" in loop.labels()
    assert "(3, 7, 500)" in loop.labels()
    loop.press("n")
    assert "(B, T, 500)" in loop.labels()


def test_sizes_and_conditions_are_those_of_the_report(browser: Any, tmp_path: Path) -> None:  # noqa: F811
    report = shapeflow.check(nn.Conv2d(3, 4, 3, 2), "B 3 H W", where="W % 4 == 0")
    page = opened(browser, tmp_path, report)
    for height, width in ((3, 8), (8, 12), (100, 76)):
        page.set(B=2, H=height, W=width)
        shape = report.output_shapes(B=2, H=height, W=width)
        assert f"({', '.join(map(str, shape))})" in page.labels()
        assert "✗" not in page.foot()
    for height, width in ((2, 8), (3, 6)):
        page.set(B=2, H=height, W=width)
        assert page.foot().count("✗") == 1
        assert not report.accepts(B=2, H=height, W=width)


def test_conflict_is_red_and_told(browser: Any, tmp_path: Path) -> None:  # noqa: F811
    page = opened(browser, tmp_path, report_of("wrong head"))
    assert page("return document.querySelectorAll('.box.conflict').length") == 1
    assert page("return document.querySelectorAll('.edge.conflict').length") == 1
    told = page("return document.querySelector('.box.conflict').textContent")
    assert "expected 128, got 256" in told


def test_light_and_dark(browser: Any, tmp_path: Path) -> None:  # noqa: F811
    page = opened(browser, tmp_path, report_of("classifier"), "light")
    ground = "return getComputedStyle(document.body).backgroundColor"
    assert page(ground) == "rgb(255, 255, 255)"
    page.press("d")
    assert page(ground) == "rgb(13, 17, 23)"


def test_names_of_user_code_are_text(browser: Any, tmp_path: Path) -> None:  # noqa: F811
    page = opened(browser, tmp_path, shapeflow.check(Wrapped(), "B 4"))
    assert any(EVIL in text for text in page("return [document.body.textContent]"))
    assert not page.complaints()
    assert page("return document.querySelectorAll('script').length") == 2


class Long(nn.Module):
    """A model of 5,000 calls in a row, no two alike."""

    def __init__(self) -> None:
        super().__init__()
        sizes = [4 + i * i % 7 for i in range(2501)]
        self.parts = nn.ModuleList(map(nn.Linear, sizes, sizes[1:]))

    def forward(self, x: Tensor) -> Tensor:
        for i, part in enumerate(self.parts):
            x = torch.roll(part(x), i, -1)
        return x


@pytest.mark.slow
def test_a_page_of_five_thousand_nodes_opens(browser: Any, tmp_path: Path) -> None:  # noqa: F811
    report = shapeflow.check(Long(), "B 4")
    content = render(report, "html", Options(fold=False, unroll=True), Style())
    assert content.count(b'"title"') >= 5000
    assert len(content) < 20_000_000
    start = time.perf_counter()
    page = Page(browser, tmp_path, content)
    print(f"opened in {time.perf_counter() - start:.2f} s, {len(content):,} bytes")
    page.press("e")
    assert len(page.boxes()) > 1000
    assert not page.complaints()
