"""Goes up instead of down."""

import joust
from base import Sound


class Mutant(Sound):
    def tell(self, x, losses, grads):
        super().tell(x, -losses, grads)


joust.serve(Mutant)
