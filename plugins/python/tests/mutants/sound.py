"""No fault."""

import joust
from base import Sound

joust.serve(Sound)
