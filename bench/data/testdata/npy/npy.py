# Writes the NPY files that npy_test.go reads, with NumPy:
#
#	python3 npy.py
#
# Value k of every array, counted row-major, is k*k - 3, or for unsigned integers
# and booleans k*k mod 2.
import numpy as np


def values(shape):
    k = np.arange(int(np.prod(shape)), dtype=np.float64)
    return (k * k - 3).reshape(shape)


for name, dtype in [
    ("f8", "<f8"), ("f8-big", ">f8"), ("f4", "<f4"),
    ("i8", "<i8"), ("i4-big", ">i4"), ("i2", "<i2"), ("i1", "|i1"),
]:
    np.save(name + ".npy", values((2, 3)).astype(dtype))
for name, dtype in [("u8", "<u8"), ("u4", "<u4"), ("u2", ">u2"), ("u1", "|u1"), ("bool", "|b1")]:
    np.save(name + ".npy", (np.arange(6) ** 2 % 2).reshape(2, 3).astype(dtype))
np.save("fortran.npy", np.asfortranarray(values((2, 3, 4))))
np.save("vector.npy", values((5,)))
np.save("scalar.npy", values(()))
np.save("empty.npy", np.zeros((0, 3)))
np.save("complex.npy", np.zeros(2, dtype=np.complex128))
np.save("text.npy", np.array(["ab", "c"]))
np.save("object.npy", np.array([None, 1], dtype=object), allow_pickle=True)
nan = values((2, 2, 3))
nan[1, 0, 2] = np.nan
np.save("nan.npy", nan)
with open("version2.npy", "wb") as f:
    np.lib.format.write_array(f, values((2, 3)), version=(2, 0))
