"""Makes the font files of this folder from a DejaVu distribution, with fontTools:

python -m shapeflow.render.fonts FOLDER_WITH_DEJAVU
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from . import FACES

RANGES = (
    (0x20, 0x7E), (0xA0, 0x17F), (0x1C4, 0x233), (0x370, 0x3FF), (0x400, 0x45F), (0x2010, 0x2027),
    (0x2030, 0x203A), (0x2070, 0x209C), (0x2100, 0x214F), (0x2190, 0x21FF), (0x2200, 0x22FF),
    (0x2308, 0x230B), (0x2460, 0x2473), (0x2500, 0x257F), (0x25A0, 0x25FF), (0x2713, 0x2718),
    (0x27E8, 0x27E9), (0xFFFD, 0xFFFD),
)  # fmt: skip
"""Letters that are kept: Latin, Greek, Cyrillic, sub- and superscripts, arrows, mathematics."""


def main(folder: str) -> None:
    """Writes the subsets and the table of widths beside this file."""
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    here = Path(__file__).parent
    codes = {code for first, last in RANGES for code in range(first, last + 1)}
    table = {}
    for face, name in FACES.items():
        font = TTFont(Path(folder) / name)
        chooser = Subsetter(Options(hinting=False, layout_features=[], notdef_outline=True))
        chooser.populate(unicodes=codes)
        chooser.subset(font)
        font.save(here / name)
        scale = 1000 / font["head"].unitsPerEm
        table[face] = {
            str(code): round(font["hmtx"][glyph][0] * scale)
            for code, glyph in sorted(font.getBestCmap().items())
        }
    (here / "widths.json").write_text(json.dumps(table, separators=(",", ":")) + "\n", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
