"""Says how Python writes and reads numpy arrays in znsocket's objects.

Prints a line for each array: the text znjson writes for it, and the type, shape
and numbers of the array it reads from that. Then reads as many texts from its
input and fails unless each is the same array again.
"""

import json
import sys
import types

import numpy as np
import znjson
from znjson.converter import NumpyConverter, NumpyConverterSmall
from znsocket.utils import decode

client = types.SimpleNamespace(converter=[NumpyConverterSmall, NumpyConverter])


def arrays():
    for code in "b1 i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8 c8 c16".split():
        dtype = np.dtype(code)
        for shape in [(), (0,), (5,), (25,), (2, 3), (3, 1, 4), (2, 0)]:
            if code.startswith("c") and len(shape) == 1 and 0 < shape[0] < 20:
                continue  # znjson writes these as lists, which JSON cannot hold
            # np.array of a list makes float64 of large and small ones of u8.
            start = 0 if code == "u8" else -2
            array = np.arange(start, start + np.prod(shape, dtype=int)).astype(dtype).reshape(shape)
            if code.startswith("f") or code.startswith("c"):
                array = np.asarray(array * np.asarray(1.25, dtype))
                array.flat[3:4] = np.nan
                array.flat[4:5] = np.inf
            for order in "<>":
                yield array.astype(dtype.newbyteorder(order))
            yield np.asarray(array, order="F")
    yield np.array([2**63 - 1, -(2**63)])
    yield np.array([2**64 - 1], "u8")
    yield np.array([1e300, 5e-324, -0.0])


def numbers(array):
    flat = array.ravel()
    if array.dtype.kind == "c":
        return [[n.real, n.imag] for n in flat.tolist()]
    return flat.tolist()


expected = []
for array in arrays():
    text = znjson.dumps(array, converter=client.converter)
    array = np.asarray(decode(client, text))
    expected.append(array)
    print(json.dumps({"text": text, "type": array.dtype.name, "shape": array.shape, "numbers": numbers(array)}))
print(flush=True)

for i, want in enumerate(expected):
    got = decode(client, sys.stdin.readline())
    dtype = np.dtype("f4") if want.dtype.name == "float16" else want.dtype.newbyteorder("=")
    if got.dtype != dtype or got.shape != want.shape or not np.array_equal(got, want, equal_nan=dtype.kind in "fc"):
        sys.exit(f"array {i}: {got!r} is not {want!r}")
