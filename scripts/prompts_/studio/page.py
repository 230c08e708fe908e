"""x"""

from scripts.prompts_.texts import ROOT

PAGE = ROOT / "docs/prompts"
HEARD = PAGE / "heard.json"


def write_page(languages: list[str]) -> None: ...
