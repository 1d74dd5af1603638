"""Cold starts and calls of the functions, compared with an empty function and with presigners of other SDKs."""

from collections.abc import Callable
from statistics import median

from benchmarks.contestants import Contestant, contestants, take_turns
from benchmarks.figures import Figure, Target, ratio, spread
from phenom.functions import FUNCTIONS

ROUNDS, QUICK_ROUNDS = 11, 2
WARM_CALLS, QUICK_WARM_CALLS = 10, 2
INIT_TARGETS = {"cognito_trigger": Target(1.6), "user_sync": Target(3), "validator": Target(6)}
"""Init compared with an empty function's, for functions that have a target."""


def measure(*, quick: bool, say: Callable[[object], None]) -> list[Figure]:
    rounds, warm_calls = (QUICK_ROUNDS, QUICK_WARM_CALLS) if quick else (ROUNDS, WARM_CALLS)
    with contestants() as found:
        say(f"    {len(found)} functions, {rounds} rounds")
        take_turns(list(found.values()), rounds, warm_calls)
    return [*_inits(found), *_calls(found)]


def _inits(found: dict[str, Contestant]) -> list[Figure]:
    def against(ours: str, peer: str, name: str, target: Target | None = None, note: str = "") -> Figure:
        return ratio(name, found[ours].init, found[peer].init, target, unit="ms", note=note)

    return [
        against("presign", "node", "presign init ÷ Node SDK presigner's", Target(0.6), "at most 1.0"),
        against("presign", "node_bundled", "presign init ÷ Node SDK presigner's, bundled with esbuild"),
        against("presign", "node_same_clients", "presign init ÷ Node SDK with presign's clients"),
        against("presign", "node_same_clients_bundled", "presign init ÷ the same, bundled"),
        against("boto3", "node", "for comparison: boto3's presigner, init ÷ Node SDK presigner's"),
        *(
            against(name, "empty", f"{name} init ÷ empty Python function's", INIT_TARGETS.get(name))
            for name in FUNCTIONS
            if name != "presign"
        ),
    ]


def _calls(found: dict[str, Contestant]) -> list[Figure]:
    return [
        Figure(
            f"{each.name}: a warm call",
            median(each.warm),
            "ms",
            spread=spread(each.warm),
            detail=f"first call {median(each.first):.1f} ms",
        )
        for each in found.values()
        if each.name in {"empty", "presign", "cognito_trigger", "user_sync", "node"}
    ]
