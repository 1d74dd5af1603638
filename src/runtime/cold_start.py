"""What a handler imports before all else, and calls when it has built what it needs.

Meanwhile the collector of cyclic garbage rests: of the hundred thousand objects that the libraries make at a start, all
are there to stay, and looking through them again and again is a tenth of it.
"""

import gc

gc.disable()


def done() -> None:
    """The collector goes back to work."""
    gc.enable()
