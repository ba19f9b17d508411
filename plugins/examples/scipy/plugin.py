#!/usr/bin/env python3
"""The minimizers of scipy.optimize, as a plugin."""

import joust
from joust.adapters import scipy

if __name__ == "__main__":
    joust.serve(*scipy.ALL)
