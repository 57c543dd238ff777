"""Writes src/detection/overlay-font.ts: outlines of a font's Latin letters, for labels that need no font where they are drawn.

python3 scripts/fonts/outlines.py DejaVuSans-Bold.ttf    (pip install fonttools)
"""

import json
import pathlib
import sys

from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont

CHARACTERS = [chr(code) for code in range(0x20, 0x7F)] + list("’–…")
# Units of an em in the file: a quarter of the font's keeps the outlines smooth at 60 px.
EM = 512

font = TTFont(sys.argv[1])
scale = EM / font["head"].unitsPerEm
glyphs, cmap, widths = font.getGlyphSet(), font.getBestCmap(), font["hmtx"]
rows = {}
for character in CHARACTERS:
    name = cmap[ord(character)]
    pen = SVGPathPen(glyphs, ntos=lambda value: str(round(value)))
    glyphs[name].draw(TransformPen(pen, (scale, 0, 0, -scale, 0, 0)))
    rows[character] = [round(widths[name][0] * scale), pen.getCommands()]

names = {record.nameID: record.toUnicode() for record in font["name"].names if record.platformID == 3}
lines = "\n".join(f"  {json.dumps(key, ensure_ascii=False)}: [{width}, {json.dumps(path)}]," for key, (width, path) in rows.items())
text = f"""// Written by scripts/fonts/outlines.py. Do not edit by hand.
// {names[4]}, {names[5]}: its changes are in the public domain; Bitstream Vera Fonts (c) 2003 by Bitstream, Inc., all rights
// reserved, free to use, embed and redistribute (https://dejavu-fonts.github.io/License.html).

/** Units of an em. */
export const FONT_EM = {EM};
/** Height of a capital above the baseline, in units. */
export const FONT_CAP_HEIGHT = {round(font["OS/2"].sCapHeight * scale) if getattr(font["OS/2"], "sCapHeight", 0) else round(0.729 * EM)};

/** Advance width and outline of each character, as an SVG path in units of the em with the baseline at 0. */
// biome-ignore format: one glyph a line
export const fontGlyphs: Readonly<Record<string, readonly [width: number, path: string]>> = {{
{lines}
}};
"""
pathlib.Path(__file__).parents[2].joinpath("src/detection/overlay-font.ts").write_text(text)
