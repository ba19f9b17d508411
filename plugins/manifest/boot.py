# Runs a plugin, with its folder in front of Python's own. Of the folder only
# sources are read and never a compiled module: joust has hashed the sources,
# and whatever is in __pycache__ need not be what they say.
import os
import runpy
import sys
from importlib import machinery

folder, entry = sys.argv[1:3]


class Source(machinery.SourceFileLoader):
    def get_code(self, fullname):
        path = self.get_filename(fullname)
        return self.source_to_code(self.get_data(path), path)


def finder(path):
    inside = path == folder or path.startswith(os.path.join(folder, ""))
    if not inside or not os.path.isdir(path):
        raise ImportError
    return machinery.FileFinder(
        path,
        (machinery.ExtensionFileLoader, machinery.EXTENSION_SUFFIXES),
        (Source, machinery.SOURCE_SUFFIXES),
    )


sys.path_hooks.insert(0, finder)
sys.path[:1] = dict.fromkeys([os.path.dirname(entry), folder])
sys.argv[:3] = [entry]
runpy.run_path(entry, run_name="__main__")
