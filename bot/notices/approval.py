"""三审: a push goes out only after several people, none of them its author, approved exactly what will be sent.

What is approved is a hash over the text, the letters of every channel, the audience and its figures, channels, window and
cost. Whatever changes afterwards voids every approval. All that happens is written down, refusals too.
"""

from .deciding import Deciding
from .drafting import Drafting
from .underway import UnderWay


class Approvals(Drafting, Deciding, UnderWay):
    """Pushes on their way from the draft to the ledger, and their end."""
