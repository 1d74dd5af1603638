"""Asks the account what would stop or spoil the first deployment of an environment. Only reads."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict

from phenom.aws.stacks import Account
from phenom.errors import DONE, NOT_ALL_DONE
from phenom.preflight.check import Check, State, ask
from phenom.preflight.checks import list_questions
from phenom.preflight.cloud import Cloud, connect
from phenom.preflight.settings import read_settings
from phenom.terminal import print_table, progress_bar

_BAD = {State.MISSING, State.UNKNOWN}


def run(account: Account, *, as_json: bool) -> int:
    """Returns the exit code: 1 when something is missing or unknown. Raises ClientError without valid credentials."""
    cloud = connect(account.client, read_settings(account.environment))
    checks = make_checks(cloud)
    if as_json:
        print(json.dumps({**_about(cloud), "checks": [asdict(each) for each in checks]}, indent=2))
    else:
        print_report(checks)
    return NOT_ALL_DONE if any(each.state in _BAD for each in checks) else DONE


def make_checks(cloud: Cloud) -> list[Check]:
    """Asks all questions, one after the other."""
    questions, checks = list_questions(cloud), []
    with progress_bar("Asking AWS", len(questions), transient=True) as bar:
        for title, question in questions:
            checks += ask(title, question)
            bar.advance()
    return checks


def print_report(checks: Sequence[Check]) -> None:
    """Prints a table, then what to do, the worst first."""
    print_table(("CHECK", "STATE", "FOUND"), [(each.name, each.state, each.found) for each in checks])
    for state in (State.MISSING, State.UNKNOWN, State.WARNING):
        for each in checks:
            if each.state is state and each.remedy:
                print(f"\n{state.upper()} {each.name}: {each.found}\n  {each.remedy}")
    count = Counter(each.state for each in checks)
    print("\n" + ", ".join(f"{count[state]} {state}" for state in reversed(State) if count[state]))


def _about(cloud: Cloud) -> dict[str, str]:
    return {"environment": cloud.settings.environment, "account": cloud.number, "region": cloud.settings.region}
