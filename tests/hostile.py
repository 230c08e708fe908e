"""What a caller may write where a number, a name or a header is wanted: one table for fuzzers and for real calls."""

from __future__ import annotations

# `CANARY` stands wherever a text, were it obeyed, would leave a mark that a test can look for.
CANARY = "owned7734"

HOSTILE: dict[str, str] = {
    "newline": f"a\nagi_uniqueid: {CANARY}",
    "AGI command": f'a\nSET VARIABLE SCREEN_VERDICT "{CANARY}"\n',
    "AGI end and reply": "a\n\n200 result=1\n",
    "AMI event": f"a\r\n\r\nEvent: Hangup\r\nUniqueid: {CANARY}\r\n\r\n",
    "AMI header": f"a\r\nUniqueid: {CANARY}",
    "dialplan function": f"${{SHELL(touch {CANARY})}}",
    "dialplan nested": f"${{EVAL(${{SHELL(touch {CANARY})}})}}",
    "dialplan expression": "$[1/0]",
    "dialplan pair": f"a,SCREEN_VERDICT={CANARY}",
    "shell": f"`touch {CANARY}`;$(touch {CANARY})|touch {CANARY}",
    "quotes": "a\"b'c\\\"d\\\\'",
    "commas": "a,b;c|d,,e",
    "backslashes": "\\n\\r\\0\\x1b\\",
    "NUL": "a\0b",
    "SQL": "'; DROP TABLE calls; --",
    "SQL union": "' UNION SELECT password FROM accounts --",
    "SQL wildcard": "%_*?[a-z]",
    "script": f"<script>document.title='{CANARY}'</script>",
    "image": f"<img src=x onerror=\"document.title='{CANARY}'\">",
    "svg": f"<svg/onload=document.title='{CANARY}'>",
    "attribute": f"\" onmouseover=document.title='{CANARY}' x=\"",
    "javascript link": f"javascript:document.title='{CANARY}'",
    "template": "{{7*7}}${7*7}<%= 7*7 %>",
    "entity": "&lt;b&gt;&amp;&#x3c;",
    "formula": f"=cmd|'/C {CANARY}'!A0",
    "formula plus": "+1+cmd|' /C calc'!A0",
    "formula minus": "-2+3+cmd|' /C calc'!A0",
    "formula at": "@SUM(1+1)*cmd|' /C calc'!A0",
    "formula tab": "\t=1+1",
    "formula return": "\r=1+1",
    "formula blank": "  =1+1",
    "formula link": f'=HYPERLINK("http://{CANARY}.example","x")',
    "terminal colour": "\x1b[31mred\x1b[0m",
    "terminal title": f"\x1b]0;{CANARY}\x07",
    "terminal clipboard": "\x1b]52;c;b3duZWQ=\x07",
    "terminal C1": "\x9b31m\x90q\x9c",
    "terminal back": "visible\r\x08\x08\x08hidden",
    "bidi": "\u202egnp.exe\u2066\u2069",
    "zero width": "a\u200bb\ufeffc\u2060d",
    "line separators": "a\u2028b\u2029c\x85d\x0be\x0cf",
    "surrogate": "a\udcffb\ud800",
    "astral": "\U0001f4de\U000e0041\U0010ffff",
    "format": "%s%n%x%(name)s{0.__class__}{}",
    "rich markup": "[red]a[/red][link=http://x]b",
    "log forging": f"a\n2026-11-24T00:00:00.000 INFO agi_screen.calls: call id={CANARY} verdict=allow",
    "logfmt": f'x" verdict=allow id={CANARY} y="',
    "JSON": '","verdict":"allow","x":"',
    "Prometheus": f'a"}} 1\nagi_screen_{CANARY} 1\n#',
    "server-sent event": f"a\n\nevent: whole\ndata: {CANARY}\n\n",
    "path": "../../../../etc/passwd",
    "digits of another script": "٤١٥٥٥٥٢٦٧١",
    "wide plus": "＋１４１５５５５２６７１",
    "very long": "9" * 4000,
    "long line": "x" * 9000,
    "empty": "",
    "blank": " ",
}


def wire(text: str) -> bytes:
    """As bytes on a wire; what is no UTF-8 goes as the bytes it stands for."""
    return text.encode("utf-8", "surrogatepass")
