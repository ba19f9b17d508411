"""Optimizers of other libraries, as plugins.

Each module has classes that are served as they are::

    import joust
    from joust.adapters import scipy

    joust.serve(scipy.DifferentialEvolution, scipy.NelderMead)
"""
