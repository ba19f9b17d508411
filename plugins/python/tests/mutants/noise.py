"""Writes to stdout, which belongs to the host, before it serves."""

import joust
from base import Sound

print("loading the model ...")
joust.serve(Sound)
