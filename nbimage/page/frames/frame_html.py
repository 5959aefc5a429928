"""An output in a frame of its own: for pages that run no scripts in the HTML they are given.

The frame holds a whole page, sandboxed: it runs its scripts and knows nothing of the page around
it. Where that page keeps the frame's ``onload``, the two tell each other height and colors; else
the frame has the height that was estimated and the colors of the reader's scheme.
"""

from __future__ import annotations

import math

from nbimage.base.text import escape
from nbimage.page.bars.bar_html import head_height
from nbimage.page.figure_html import find_margins
from nbimage.page.figure_model import Figure
from nbimage.page.html import number
from nbimage.page.ticks.tick_html import estimate_width

_ONLOAD = """\
this.onload=null;
const hear=({source,data})=>{
if(!this.isConnected)return window.removeEventListener('message',hear);
if(source!==this.contentWindow||!(data?.nbimage>0))return;
const scheme=one=>{const own=getComputedStyle(one).colorScheme;
const meta=one.ownerDocument.querySelector('meta[name=color-scheme]');
return own==='normal'&&meta?meta.content:own};
const around=frameElement;
if(around&&!document.head.querySelector('link,meta,style'))
Object.assign(document.documentElement.style,
{color:getComputedStyle(around).color,colorScheme:scheme(around)});
const{color}=getComputedStyle(this),colorScheme=scheme(this);
let ground,e=this;
while((e=e.parentElement??e.getRootNode().host??e.ownerDocument.defaultView.frameElement)&&
/, 0\\)$/.test(ground=getComputedStyle(e).backgroundColor));
this.style.height=Math.min(data.nbimage,30000)+'px';
source.postMessage({nbimage:{color,colorScheme,ground}},'*')};
window.addEventListener('message',hear);
this.contentWindow.postMessage({nbimage:0},'*')""".replace("\n", "")
_STYLE = (
    # by a meta element the scheme would hold where the page around has none
    ":root{color-scheme:light dark;background:Canvas;color:CanvasText;overflow-x:hidden}"
    "body{margin:0;padding:1px;display:flow-root}"
)
_SANDBOX = "allow-scripts allow-downloads"
_ALLOW = "fullscreen; clipboard-write"
PLAYER_HEIGHT = 54
"""CSS pixels of what is below a video."""
_LINE, _LETTER, _MARGIN = 19.5, 7.5, 10  # CSS pixels of texts, generously, and around all


def frame_html(
    inner: str, title: str, *, width: float | None, height: float, natural: float
) -> str:
    """Return an output as an ``<iframe>`` that holds all it needs, in one line.

    ``width`` None: as wide as what it is in, which it makes at least ``natural`` CSS pixels wide
    where that is as wide as its content. ``height``: before the frame has told its own.
    """
    from nbimage.page.scripts import script

    page = (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>"
        f"<body>{inner}<script>{script('frame')}</script></body></html>"
    )
    source = page.replace("&", "&amp;").replace("'", "&#39;").replace("\n", "&#10;")
    room = "100%" if width is None else f"{number(width)}px"
    frame = (
        f'<iframe class="nbimage-frame" title="{escape(title)}" sandbox="{_SANDBOX}" '
        f'allow="{_ALLOW}" width="{room.removesuffix("px")}" height="{math.ceil(height)}" '
        f'frameborder="0" style="display:block;border:0;width:{room};max-width:100%;'
        f'height:{math.ceil(height)}px" onload="{_ONLOAD}" srcdoc=\'{source}\'></iframe>'
    )
    if width is not None:
        return frame
    return f'<div><div style="width:{number(natural)}px;max-width:100%"></div>{frame}</div>'


def find_figure_size(width: float, height: float, figure: Figure) -> tuple[float, float]:
    """Return about how wide and tall a figure is in CSS pixels, rather too tall than too low."""
    left, right = find_margins(figure, width, height) if figure.has_margins else (0, 0)
    tall = height + find_height_beside(figure)
    wide = left + width + right
    legend = tuple(f"{one.name} {one.ends}" for one in figure.legend)
    return wide, tall + find_lines_height(wide, figure.title, (*figure.notes, *legend))


def find_height_beside(figure: Figure) -> float:
    """Return about how much taller than the picture a figure is for what stands around it."""
    if not figure.has_margins:
        return 0.0
    tall = 8.0 + head_height(figure.bars)
    if figure.x is None:
        return tall + 12
    longest = max((estimate_width(tick.text) for tick in figure.x.ticks), default=0.0)
    tall += 30 + (0.75 * longest if figure.x.turned else 0)
    return tall + (18 if figure.x.label else 0)


def find_lines_height(width: float, title: str, notes: tuple[str, ...]) -> float:
    """Return about how tall the texts above and below a picture are, and what is left free."""
    width = max(width, 240)
    lines = sum(math.ceil(len(note) * _LETTER / width) for note in notes if note)
    return math.ceil(len(title) * _LETTER / width) * _LINE + lines * (_LINE + 3) + _MARGIN
