"""What the upload page knows of the functions is what the functions know."""

import re
from pathlib import Path

import pytest

from uploads.media_types import MEDIA_TYPES
from uploads.reasons import Reason
from uploads.record import Status

ROOT = Path(__file__).parents[3]
CLIENT = ROOT / "client"
CONTRACT = (CLIENT / "src/contract.ts").read_text(encoding="utf-8")


def listed(name: str) -> list[str]:
    """The strings of `export const NAME = […] as const` in contract.ts, in order."""
    found = re.search(rf"export const {name} = \[(.*?)\] as const", CONTRACT, re.DOTALL)
    assert found, name
    return re.findall(r'"(\w+)"', found[1])


def extensions() -> dict[str, str]:
    found = re.search(r"TYPE_OF_EXTENSION.*?= \{(.*?)\};", CONTRACT, re.DOTALL)
    assert found
    return dict(re.findall(r'(\w+): "([\w/+.-]+)"', found[1]))


def test_each_reason_is_known_to_the_page():
    """TypeScript then demands a sentence for each: `Strings.reasons` is a Record of them."""
    assert listed("REASONS") == [str(reason) for reason in Reason]
    assert "readonly reasons: Readonly<Record<Reason, string>>;" in (CLIENT / "src/strings.ts").read_text()


def test_each_status_is_known_to_the_page():
    assert listed("STATUSES") == [str(status) for status in Status]


def test_each_problem_is_known_to_the_page():
    sources = [ROOT / "src/presign/problems.py", ROOT / "src/presign/handler.py", ROOT / "template.yaml"]
    text = "\n".join(source.read_text(encoding="utf-8") for source in sources)
    codes = set(re.findall(r'HTTPStatus\.\w+,\s*"(\w+)"', text)) | set(re.findall(r'"code":"(\w+)"', text))
    assert codes == set(listed("PROBLEMS"))


def test_page_takes_the_extensions_of_the_media_type_table():
    assert extensions() == {extension: kind.mime for kind in MEDIA_TYPES.values() for extension in kind.extensions}


@pytest.mark.parametrize("name", ["index.html", "public/404.html"])
def test_a_page_has_no_inline_script_and_no_inline_style(name):
    """The Content-Security-Policy would refuse them."""
    text = (CLIENT / name).read_text(encoding="utf-8")
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", text)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text))


def test_the_lock_names_no_registry():
    assert "resolved" not in (CLIENT / "package-lock.json").read_text(encoding="utf-8")
