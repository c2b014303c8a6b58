"""Pictures as files: every format, both engines, names from user code, and misuse."""

import io
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader
from torch import Tensor, nn

import shapeflow
from shapeflow.cli import main
from shapeflow.render import png
from shapeflow.render.compose import compose
from shapeflow.render.drawing import WRITERS, Options, Style, paint, painted, readable, render
from shapeflow.render.engine import Engine, TooSlow, laid_out
from shapeflow.render.fonts import FACES, font, width_of, widths
from shapeflow.render.picture import Rect, Text
from shapeflow.render.png import to_png
from shapeflow.render.theme import DARK, FAMILY_NAMES, LIGHT, SYMBOLS, contrast

from .models import MODELS
from .test_scene import report_of

SVG = "{http://www.w3.org/2000/svg}"


def drawn(name: str, form: str, **style: object) -> bytes:
    return render(report_of(name), form, Options(), Style(**style))  # type: ignore[arg-type]


def texts(svg: bytes) -> str:
    found = ["".join(node.itertext()) for node in ET.fromstring(svg).iter(f"{SVG}text")]
    return "".join(found).replace("\u00a0", " ")


@pytest.mark.parametrize("name", MODELS)
def test_svg_shows_signature_shapes_and_symbols(name: str) -> None:
    told = texts(drawn(name, "svg"))
    report = report_of(name)
    assert report.model in told
    for symbol in report.symbols:
        assert f"{symbol}  axis" in told


@pytest.mark.parametrize("name", MODELS)
def test_text_stays_in_its_box(name: str) -> None:
    for part in paint(report_of(name)).parts:
        frames = [shape.area for shape in part.shapes if isinstance(shape, Rect)]
        if not part.kind.startswith("box"):
            continue
        for shape in part.shapes:
            if isinstance(shape, Text):
                assert shape.x >= frames[-1].x
                assert shape.x + shape.span.width <= frames[-1].right + 0.01
                assert frames[-1].y < shape.y < frames[-1].bottom


@pytest.mark.parametrize("name", MODELS)
def test_boxes_do_not_overlap(name: str) -> None:
    _, _, places = painted(report_of(name), Options(), Style())
    areas = list(places.boxes.values())
    for i, a in enumerate(areas):
        for b in areas[:i]:
            apart = a.right <= b.x or b.right <= a.x or a.bottom <= b.y or b.bottom <= a.y
            assert apart


def test_modules_are_closed_until_the_text_can_be_read_on_a_page() -> None:
    model = MODELS["transformer"][0]().eval()
    model.encoder.layers[6].linear2 = nn.Linear(100, 128)  # type: ignore[union-attr, index]
    report = shapeflow.check(model, "B T:int64")
    assert len(compose(report).boxes) == 20
    picture, scene, _ = painted(report, Options(), Style())
    assert readable(picture) > 5.3  # 4.2 with all layers open
    assert any("closed for want of room" in note for note in scene.notes)
    (bad,) = [box for box in scene.boxes if box.role == "conflict"]
    assert bad.title == "linear2"  # what fails stays open


def test_a_tall_picture_is_cut_into_columns_and_fits_a_page() -> None:
    picture = paint(report_of("residual network"))
    assert picture.height < 2 * picture.width


@pytest.mark.parametrize("form", WRITERS)
def test_the_same_report_gives_the_same_bytes(form: str) -> None:
    assert drawn("classifier", form) == drawn("classifier", form)


def test_pdf_has_its_fonts_real_text_and_links() -> None:
    page = PdfReader(io.BytesIO(drawn("decoder loop", "pdf"))).pages[0]
    told = page.extract_text().replace("\n", "")
    assert "GRU 64 → 64" in told
    assert "t = 1 … T" in told
    for resource in page["/Resources"]["/Font"].values():
        descriptor = resource.get_object().get("/FontDescriptor")
        assert descriptor is None or "/FontFile2" in descriptor.get_object()
    links = [a.get_object()["/A"]["/URI"] for a in page["/Annots"]]
    assert "https://docs.pytorch.org/docs/stable/generated/torch.nn.GRU.html" in links


def test_png_has_the_size_that_was_asked_for() -> None:
    picture = paint(report_of("classifier"))
    image = Image.open(io.BytesIO(to_png(picture, dpi=144)))
    assert abs(image.width - 2 * picture.width) <= 2
    assert len(image.convert("RGB").getcolors(1 << 20) or ()) > 20


def test_png_is_never_shrunk_silently(monkeypatch: pytest.MonkeyPatch) -> None:
    assert png.LARGEST < 32_767
    monkeypatch.setattr(png, "LARGEST", 1000)
    with pytest.warns(UserWarning, match=r"dpi instead of 300"):
        image = Image.open(io.BytesIO(to_png(paint(report_of("classifier")), dpi=300)))
    assert max(image.size) <= 1001


def test_dot_opens_in_the_embedded_engine_and_in_the_system_one() -> None:
    dot = shapeflow.check(*_classifier()).to_dot()
    for engine in engines():
        answer = laid_out(dot, engine)
        assert sum("pos" in thing for thing in answer["objects"]) == 6


def engines() -> list[Engine]:
    found = [shapeflow.drawing_engine("graphviz-pure")]
    if shutil.which("dot"):
        found.append(shapeflow.drawing_engine("dot"))
    return found


def _classifier() -> tuple[nn.Module, str]:
    return MODELS["classifier"][0](), "B T:int64"


@pytest.mark.skipif(not shutil.which("dot"), reason="needs a system dot")
@pytest.mark.parametrize("name", MODELS)
def test_both_engines_give_the_same_picture(name: str) -> None:
    first, second = (
        painted(report_of(name), Options(), Style(engine=engine.name))[2] for engine in engines()
    )
    for key, area in first.boxes.items():
        other = second.boxes[key]
        assert abs(area.x - other.x) + abs(area.y - other.y) < 1
        assert (area.width, area.height) == pytest.approx((other.width, other.height), abs=0.01)


def test_engine_is_told_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = shapeflow.drawing_engine()
    assert (engine.name, engine.why) == ("graphviz-pure", "it is installed with shapeflow")
    assert "raphviz" in engine.version
    monkeypatch.setenv("PATH", "")
    with pytest.raises(shapeflow.ShapeflowError, match="no dot on the PATH"):
        shapeflow.drawing_engine("dot")
    with pytest.raises(shapeflow.ShapeflowError, match="one of auto, graphviz-pure, dot"):
        shapeflow.drawing_engine("neato")
    monkeypatch.setattr("shapeflow.render.engine._embedded", lambda: None)
    with pytest.raises(shapeflow.ShapeflowError, match="pip install graphviz-pure"):
        shapeflow.drawing_engine()


def test_a_layout_that_takes_too_long_is_folded_deeper(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = []

    def slow(dot: str, engine: Engine, seconds: float) -> dict[str, object]:
        sizes.append(dot.count("fixedsize"))
        if len(sizes) == 1:
            raise TooSlow("slow")
        return laid_out(dot, engine, seconds)

    monkeypatch.setattr("shapeflow.render.drawing.laid_out", slow)
    _, scene, _ = painted(report_of("residual network"), Options(), Style())
    assert len(sizes) == 2
    assert scene.notes[0] == "folded deeper: the layout took longer than 10 s"
    assert len(scene.boxes) < 20


def test_fonts_have_the_widths_that_are_reckoned_with() -> None:
    ttLib = pytest.importorskip("fontTools.ttLib")
    for face in FACES:
        file = ttLib.TTFont(io.BytesIO(font(face)))
        scale = 1000 / file["head"].unitsPerEm
        found = {c: round(file["hmtx"][g][0] * scale) for c, g in file.getBestCmap().items()}
        assert found == dict(widths(face))
    assert width_of("(B, T)", 10) > 20
    assert all(ord(letter) in widths("regular") for letter in "αβ→×⌊⌋∈₀…⇄·≤│")


def test_themes_have_the_same_keys_and_enough_contrast() -> None:
    assert LIGHT.keys() == DARK.keys()
    for theme in (LIGHT, DARK):
        papers = [theme["page"], theme["module.fill"], theme["loop.fill"], theme["stack.fill"]]
        fills = [theme[f"{family}.fill"] for family in FAMILY_NAMES]
        inks = [theme["ink"], theme["faint"], *(theme[f"symbol{i}"] for i in range(SYMBOLS))]
        assert all(contrast(ink, paper) >= 4.5 for ink in inks for paper in papers)
        assert all(contrast(theme["ink"], fill) >= 7 for fill in fills)
        assert all(contrast(theme["faint"], fill) >= 4.5 for fill in fills)
        assert contrast(theme["conflict"], theme["conflict.fill"]) >= 4.5


EVIL = "</svg><script>alert(1)</script>"


class Wrapped(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.add_module(EVIL, nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 5)))

    def forward(self, x: Tensor) -> Tensor:
        return getattr(self, EVIL)(x)


@pytest.mark.parametrize("form", WRITERS)
def test_names_of_user_code_are_text_in_every_format(form: str) -> None:
    report = shapeflow.check(Wrapped(), "B 4")
    content = render(report, form, Options(), Style())
    assert compose(report).groups[0].title == EVIL
    if form not in ("pdf", "png", "txt"):  # in plain text it is a text
        assert b"<script>alert" not in content


def test_draw_writes_a_file_by_its_suffix(tmp_path: Path) -> None:
    for form in WRITERS:
        shapeflow.draw(nn.Linear(3, 4), tmp_path / f"net.{form}", "B 3")
        assert (tmp_path / f"net.{form}").stat().st_size > 100
    assert (tmp_path / "net.pdf").read_bytes().startswith(b"%PDF")
    shapeflow.draw(report_of("classifier"), tmp_path / "picture", format="svg", theme="auto")
    assert b"prefers-color-scheme" in (tmp_path / "picture").read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir())[0] == "net.dot"


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("net.jpeg", {}, "should end with one of the formats"),
        ("nowhere/net.svg", {}, "there is no folder"),
        ("net.svg", {"depth": 0}, "depth must be a whole number"),
        ("net.svg", {"depth": True}, "depth must be a whole number"),
        ("net.svg", {"boxes": 1.5}, "boxes must be a whole number"),
        ("net.svg", {"seconds": -1}, "seconds must be a number above 0"),
        ("net.svg", {"dpi": "high"}, "dpi must be a number above 0"),
        ("net.svg", {"theme": "blue"}, "theme must be"),
        ("net.svg", {"engine": "neato"}, "engine must be"),
        ("net.pdf", {"theme": "auto"}, "one theme"),
        ("net.svg", {"tokens": "B T"}, "a report is drawn as it is"),
    ],
)
def test_misuse_is_told_in_a_sentence(
    tmp_path: Path, name: str, options: dict[str, object], message: str
) -> None:
    with pytest.raises(shapeflow.ShapeflowError, match=message) as raised:
        shapeflow.draw(report_of("classifier"), tmp_path / name, **options)  # type: ignore[arg-type]
    assert "\n" not in str(raised.value)
    assert not list(tmp_path.iterdir())


MODEL = """
from torch import nn
class Net(nn.Module):
    def __init__(self, size=3):
        super().__init__()
        self.layer = nn.Linear(size, 4)
    def forward(self, x):
        return self.layer(x)
"""


def test_command_draws_and_exits_as_the_check_would(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("net.py").write_text(MODEL, encoding="utf-8")
    assert main(["draw", "net.py:Net", "--input", "x=B 3", "-o", "net.svg"]) == 0
    assert main(["draw", "net.py:Net", "--input", "x=B 5", "-o", "bad.svg"]) == 1
    assert "SF202" in texts(Path("bad.svg").read_bytes())
    assert main(["draw", "net.py:Net", "-o", "found.png", "--depth", "1"]) == 0
    assert main(["draw", "net.py:Net", "--input", "x=B 3", "-o", "net.bmp"]) == 2
    assert "should end with one of the formats" in capsys.readouterr().err


def test_pictures_need_no_programs_of_the_system(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(MODEL, encoding="utf-8")
    command = [sys.executable, "-m", "shapeflow", "draw", "net.py:Net", "--input", "x=B 3", "-o"]
    bare = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    for path in ("", os.environ["PATH"]):  # no dot is found, and the system's one if there is any
        for form in ("pdf", "svg", "png"):
            file = f"net{len(path) > 0:d}.{form}"
            subprocess.run([*command, file], cwd=tmp_path, env={**bare, "PATH": path}, check=True)
    for form in ("pdf", "svg", "png"):
        without, beside = ((tmp_path / f"net{i}.{form}").read_bytes() for i in (0, 1))
        assert without == beside


def test_unique_ids_with_a_prefix() -> None:
    ids = re.findall(r' id="([^"]*)"', drawn("decoder loop", "svg", prefix="a-").decode())
    assert len(ids) == len(set(ids))
    assert all(name.startswith("a-") for name in ids)


def test_importing_the_package_loads_no_library_for_pictures() -> None:
    code = (
        "import sys, shapeflow, torch; shapeflow.check(torch.nn.Linear(3, 4), 'B 3'); "
        "print([m for m in ('reportlab', 'resvg_py', 'PIL') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
