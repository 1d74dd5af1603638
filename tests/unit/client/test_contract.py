"""Static checks of the upload page. Its lists are generated (tests/unit/tools/test_generate.py)."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
CLIENT = ROOT / "client"


def test_strings_require_a_sentence_for_each_reason():
    """TypeScript checks it, because `Strings.reasons` is a Record of the reasons."""
    assert "readonly reasons: Readonly<Record<Reason, string>>;" in (CLIENT / "src/strings.ts").read_text()


@pytest.mark.parametrize("name", ["index.html", "public/404.html"])
def test_page_has_no_inline_script_or_style(name):
    """The Content-Security-Policy refuses them."""
    text = (CLIENT / name).read_text(encoding="utf-8")
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", text)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text))


def test_lock_contains_no_download_addresses():
    assert "resolved" not in (CLIENT / "package-lock.json").read_text(encoding="utf-8")
