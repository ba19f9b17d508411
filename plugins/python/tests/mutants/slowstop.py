"""Does not end when it is told to."""

import os
import time

import joust
from base import Sound

os._exit = lambda status: time.sleep(60)  # the SDK's way out of the next line
joust.serve(Sound)
time.sleep(60)
