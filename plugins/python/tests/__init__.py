"""Tests of the SDK. Run them from the folder plugins/python:

    python3 -m unittest discover -t . -s tests
"""

import os
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(os.path.dirname(_HERE), "src")]
