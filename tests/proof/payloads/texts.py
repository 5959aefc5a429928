"""Texts that are code somewhere: in HTML, SVG, CSS, JSON, JavaScript, Python, a path, a header.

Each either runs, or asks an address, where it is not taken as text. What it asks is the trap, which
a test listens at; where nobody listens the address leads nowhere.
"""

from __future__ import annotations

import re
import unicodedata

NOWHERE = "http://127.0.0.1:9"  # the port of "discard", where nobody listens
LONG = 1_000_000  # letters


def make_payloads(trap: str = NOWHERE) -> dict[str, str]:
    """Return texts by what they try; what runs or is fetched asks ``trap``/NAME."""
    return {name: text.replace("TRAP", f"{trap}/{name}") for name, text in _payloads().items()}


def _payloads() -> dict[str, str]:
    run = "(new Image).src='TRAP';window.ran='TRAP'"
    run2 = run.replace("'", '"')
    return {
        # elements
        "script": f"<script>{run}</script>",
        "script-ends": f"</script><script>{run}</script>",
        "script-cases": f"</ScRiPt\t><sCrIpT/x>{run}</sCrIpT >",
        "script-src": '</script><script src="TRAP"></script>',
        "script-comment": f"<!--<script>{run}</script>--><!--<script>",
        "script-twice": f"<scr<script>ipt>{run}</scr</script>ipt>",
        "img": f'<img src="TRAP" onerror="{run}">',
        "img-broken": f'<img src=x:y onerror="{run}"/>',
        "svg": f'<svg onload="{run}"><image href="TRAP"/></svg>',
        "svg-script": f"</text></title></svg><svg><script>{run}</script></svg>",
        "svg-foreign": f'<foreignObject><body onload="{run}"><img src="TRAP"/></foreignObject>',
        "math": '<math><mtext><img src="TRAP"></mtext></math>',
        "iframe": f'<iframe srcdoc="<script>{run}</script>" src="TRAP"></iframe>',
        "frame": "</iframe><iframe src=\"javascript:parent.ran='TRAP'\"></iframe>",
        "object": '<object data="TRAP"></object><embed src="TRAP">',
        "media": f'<video src="TRAP" onerror="{run}"></video><audio src="TRAP" autoplay>',
        "details": f'<details open ontoggle="{run}">x</details>',
        "base": '<base href="TRAP/">',
        "refresh": '<meta http-equiv="refresh" content="0;url=TRAP">',
        "link": '<link rel="stylesheet" href="TRAP"><link rel="preload" as="image" href="TRAP">',
        "style": "</style><style>@import 'TRAP';*{background:url(TRAP)}</style>",
        "form": '<form action="TRAP"><button autofocus>x</button></form><input autofocus>',
        "template": f'</template></noscript></textarea></title><img src="TRAP" onerror="{run}">',
        "table": f'</td></tr></table></div></div></div><img src="TRAP" onerror="{run}">',
        "plaintext": "</div><plaintext>",
        # attributes
        "double-quote": f'"><img src="TRAP" onerror="{run}">',
        "double-handler": f'" autofocus tabindex=0 onfocus="{run}" onmouseover="{run}" x="',
        "single-quote": f"'><img src='TRAP' onerror='{run2}'>",
        "single-handler": f"' autofocus tabindex=0 onfocus='{run2}' onmouseover='{run2}' x='",
        "unquoted": f"x onload={run2} onerror={run2} style=x",
        "source": '" src="TRAP" srcset="TRAP 1x" x="',
        "styled": '" style="background:url(TRAP)" x="',
        "srcdoc-quote": f"&#39;></iframe><img src=&quot;TRAP&quot; onerror=&quot;{run}&quot;>",
        # addresses
        "javascript": f"javascript:{run}",
        "javascript-space": f" \x01java\tscript:{run}",
        "vbscript": "vbscript:msgbox(1)",
        "data-html": f"data:text/html,<script>{run}</script>",
        "data-svg": f'data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" onload="{run}"/>',
        "address": "TRAP/x.png",
        "no-scheme": "//127.0.0.1:9/x.png",
        "local-file": "file:///etc/hostname",
        # styles
        "css-url": "red;background:url(TRAP)",
        "css-url-alone": "url(TRAP)",
        "css-image": 'image-set("TRAP" 1x),red',
        "css-function": "color-mix(in srgb,url(TRAP),red)",
        "css-var": "var(--x,url(TRAP))",
        "css-expression": f"expression({run})",
        "css-import": "@import 'TRAP';",
        "css-block": "red}*{background:url(TRAP)}a{",
        "css-comment": "/*",
        "css-escape": "red\\3b background\\3a url(TRAP)",
        # scripts and JSON
        "js-double": f'";{run};//',
        "js-single": f"';{run2};//",
        "js-escaped": f'\\";{run};//',
        "js-template": f"`;{run};`${{{run}}}",
        "js-lines": f"\u2028{run}\u2029{run}",
        "json": '"]}],"title":"x","images":[{"a":["',
        "json-escapes": "\\u003cscript\\u003e\\x3cimg\\x3e\\",
        "samples": "(samples)",  # what stands for samples while a page is made
        "samples-quoted": '"(samples)"',
        "angular": "{{constructor.constructor('x')()}}",
        "prototype": "__proto__",
        "constructor": "constructor",
        "to-string": "toString",
        # references
        "ampersand": "a & b &amp; c &amp",
        "entities": f'&lt;img src="TRAP"&gt; &quot; onload=&quot;{run2}',
        "numeric": "&#60;script&#62; &#x3c;img src=x&#x3e; &#0; &#x110000;",
        "percent": "%3Cscript%3E%00%0d%0aX:%20y%2e%2e%2f",
        "comment-ends": f'--><img src="TRAP" onerror="{run}">',
        "comment-begins": "<!-- x",
        "cdata": f"]]><img src='TRAP' onerror=\"{run}\"><![CDATA[",
        "doctype": '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><a>&b;</a>',
        "instruction": '<?xml-stylesheet href="TRAP"?><?php x ?>',
        "markdown": f"![x](TRAP) [x](javascript:{run}) <TRAP>",
        "latex": "\\input{/etc/hostname}\\write18{id}$x$%",
        "less": "a < b > c <b",
        # signs that no page shows
        "nul": "a\x00<b>\x00x",
        "escape": "a\x1b]0;title\x07\x1b[31mred\x1b[2J\x9b1m",
        "backspace": "safe\x08\x08\x08\x08evil\x7f",
        "lines": "a\r\nb\nc\rd\x0be\x0cf\x85g",
        "header": f"x\r\nSet-Cookie: a=b\r\n\r\n<script>{run}</script>",
        "bidi": "\u202eelif\u202d x \u2066 y \u2067 z",
        "invisible": "a\u200bb\ufeffc\u00add\u2060e\ufff9f",
        "surrogates": "\ud83d\udcff<b>\ude00",
        "noncharacters": "a\ufffe\uffff\U0001ffff\x80",
        "combining": "a" + "\u0301" * 200,
        "tabs": "\t a \t b ",
        # paths and shells
        "dots": "../../../../../../../../etc/hostname",
        "dots-alone": "..",
        "backslashes": "..\\..\\..\\windows\\win.ini",
        "absolute": "/etc/hostname",
        "unc": "\\\\127.0.0.1\\share\\x",
        "drive": "C:\\x:stream",
        "home": "~/x",
        "user": "~root/x",
        "device": "CON",
        "dash": "-rf",
        "option": "--help",
        "semicolon": ";touch ran;",
        "dollar": "$(touch ran)`touch ran`",
        "pipe": "|touch ran&&touch ran",
        "pattern": "a%03d*[?]{x,y}",
        "protocol": "concat:/etc/hostname|pipe:0",
        # formats
        "format-names": "{title.__class__.__mro__}{index.__class__}{x}",
        "format-numbers": "{0.__class__.__init__.__globals__}{0!r}{}",
        "format-wide": "{:>999999999}",
        "format-percent": "%s%n%(x)s%99999999d",
        "format-open": "{",
        "formula": "=cmd|' /C calc'!A0",
        "empty": "",
        "space": " ",
        "long": "A" * LONG + "<script>",
    }


POLYGLOT = (
    "jaVasCript:/*-/*`/*\\`/*'/*\"/**/(/* */oNcliCk=ran() )//%0D%0A</stYle/</titLe/</teXtarEa/"
    "</scRipt/--!>\\x3csVg/<sVg/oNloAd=ran()//>\\x3e]]><img src=x: onerror=ran()>&quot;&#39;"
    "(samples)\u2028{{0}}\x00\x1b[2J\ud800\u202e"
)
"""Much of this at once."""

_DROPPED = re.compile(r"[\s\x00-\x1f\x7f-\x9f\ufffd\ufffe\uffff\ud800-\udfff\U0001ffff]")


def plain(text: str) -> str:
    """Return a text without what no two readers keep alike: spaces, controls, surrogates."""
    return _DROPPED.sub("", text)


def harmless(text: str, word: str = "w") -> str:
    """Return a text of the same length, with spaces in the same places, that is only letters."""
    return "".join(" " if letter.isspace() else word for letter in text)


def other_widths(text: str) -> list[str]:
    """Return texts that are only letters, narrower and shorter ones, laid out otherwise."""
    every = [harmless(text, word) for word in "ijtn."]
    every += [f"{one[: len(one) // 2]}" for one in every]
    every += ["n" * letters for letters in (*range(1, 24, 2), 60, 100, 200, 400)]
    return every + [one.replace("nnnn", "nnn ") for one in every]  # which lines may be broken at


def controls(text: str) -> str:
    """Return the letters of a text that a terminal obeys."""
    return "".join(letter for letter in text if unicodedata.category(letter) == "Cc")
