"""Page object: the upload page as a person uses it."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Locator, expect
from playwright.sync_api import Page as Tab

from phenom.upload_page.build import CLIENT
from tests.e2e.api import Application

ARTIFACTS = Path(__file__).parents[2] / "artifacts"
PATIENCE_MS = 120_000


@dataclass
class Page:
    """One tab. `complaints` collects the browser's reports of policy violations and uncaught errors."""

    tab: Tab
    application: Application
    address: str
    complaints: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    def open(self) -> None:
        self.tab.set_default_timeout(PATIENCE_MS)
        self.tab.on("console", lambda message: self._hear(message.text))
        self.tab.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))
        self.tab.on("request", lambda request: self.hosts.add(urlsplit(request.url).hostname or ""))
        self.tab.goto(self.address)

    def _hear(self, text: str) -> None:
        if "Content Security Policy" in text or "Content-Security-Policy" in text:
            self.complaints.append(text)

    def assert_well_behaved(self) -> None:
        """Asserts that only the local cloud was contacted (blob: and data: have no host) and no policy was violated."""
        assert self.complaints == []
        assert self.hosts <= {"127.0.0.1", ""}

    def enter(self, password: str | None = None) -> None:
        self.tab.get_by_label("upload password").fill(
            self.application.stack["password"] if password is None else password
        )
        self.tab.get_by_role("button", name="Continue").click()

    def add(self, *files: Path | dict[str, Any]) -> None:
        self.tab.locator("input[type=file]").first.set_input_files(list(files))

    def send(self) -> None:
        self.tab.get_by_role("button", name=re.compile(r"^Send \d+ (more )?files?$")).click()

    def result(self, name: str) -> Locator:
        return self.tab.locator("#results-list li").filter(has_text=name)

    def expect_result(self, name: str, state: str, within_ms: float = PATIENCE_MS) -> Locator:
        found = self.result(name)
        expect(found.locator(".result-state")).to_have_text(state, timeout=within_ms)
        return found

    def upload_ids(self) -> list[str]:
        """Returns the upload ids of the files that Uppy keeps for a reload, unordered."""
        kept = self.tab.evaluate("localStorage.getItem('uppyState:phenom') ?? ''")
        return sorted(set(re.findall(r'"uploadId":"([0-9a-f]{32})"', kept)))

    def screenshot(self, name: str) -> None:
        ARTIFACTS.mkdir(exist_ok=True)
        self.tab.screenshot(path=ARTIFACTS / f"{name}.png", full_page=True)

    def accessibility_faults(self) -> list[str]:
        """Returns axe-core's findings, including best practices."""
        self.tab.evaluate((CLIENT / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8"))
        found = self.tab.evaluate("axe.run()")
        return [f"{each['id']}: {[node['html'][:200] for node in each['nodes']]}" for each in found["violations"]]
