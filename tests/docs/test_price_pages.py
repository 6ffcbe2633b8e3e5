"""The pages about prices say what the program does: every command on them is run."""

import re
from pathlib import Path

import pytest

from tallystick.cli.main import main
from tallystick.pricing import MODEL_KINDS

PAGES = Path(__file__).parents[2] / "docs" / "prices"
_FILE = re.compile(r"^```yaml file=(\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CONSOLE = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PROMPT = "$ tallystick "


def commands(text: str) -> list[tuple[list[str], str]]:
    """Return each command of a page, as arguments, with what stands below it."""
    found: list[tuple[list[str], list[str]]] = []
    for block in _CONSOLE.findall(text):
        for line in block.splitlines():
            if line.startswith(_PROMPT):
                found.append((line.removeprefix(_PROMPT).split(), []))
            else:
                found[-1][1].append(line)
    return [(arguments, "\n".join(lines)) for arguments, lines in found]


@pytest.mark.parametrize("page", sorted(PAGES.glob("*.md")), ids=lambda page: page.stem)
def test_a_page_shows_what_is_printed(
    page: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The files of the page stand in a folder, and each command there prints what the page says."""
    text = page.read_text(encoding="utf-8")
    for name, content in _FILE.findall(text):
        (tmp_path / name).write_text(content, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for arguments, shown in commands(text):
        main(arguments)
        said = capsys.readouterr()
        assert (said.out + said.err).rstrip("\n") == shown, arguments


def test_every_model_has_a_page_with_amounts() -> None:
    """Whoever adds a model writes its page, names it on the list, and shows worked amounts."""
    listed = (PAGES / "README.md").read_text(encoding="utf-8")
    for kind in MODEL_KINDS:
        page = PAGES / f"{kind.name.replace('_', '-')}.md"
        text = page.read_text(encoding="utf-8")
        assert f"model: {kind.name}\n" in text
        assert any(arguments[0] == "rate" for arguments, _ in commands(text))
        assert f"[{kind.name}]({page.name})" in listed
