"""Reads the objects that a JavaScript program wrote and writes its own: objects.py URL"""

import sys

import numpy as np
from znjson.converter import NumpyConverter, NumpyConverterSmall
from znsocket import Client, Dict, List

client = Client.from_url(sys.argv[1])
converters = [NumpyConverterSmall, NumpyConverter]

values = [1, 2.5, 1e300, -(2**53) + 1, "schön 😀 \u2028\n", "", None, True, False, [1, [2, []]], {"a": {"b": None}}]
arrays = [
    np.arange(6.0).reshape(2, 3),
    np.array([1, -2], dtype=np.int64),
    np.array([[True], [False]]),
    np.array([1.5, np.nan, -np.inf], dtype=np.float32),
    np.array([1 + 2j]),
    np.zeros((0, 3), dtype=np.uint8),
    np.array(7, dtype=np.int16),
]


def same(a, b):
    return isinstance(a, np.ndarray) and a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


js_list = List(r=client, key="js:list", converter=converters)
assert js_list[: len(values)] == values, js_list[: len(values)]
for at, array in enumerate(arrays):
    assert same(js_list[len(values) + at], array), js_list[len(values) + at]
inner = js_list[len(js_list) - 1]
assert isinstance(inner, Dict) and inner["x"] == "inner", inner
assert len(js_list) == len(values) + len(arrays) + 1
js_dict = Dict(r=client, key="js:dict")
assert js_dict.items() == [("a", 1), ("b", [1, 2]), ("é", "ü")], js_dict.items()

python_list = List(r=client, key="python:list", converter=[NumpyConverter])
python_list.extend(values)
for array in arrays:
    python_list.append(array)
python_inner = Dict(r=client, key="python:inner")
python_inner["x"] = "inner"
python_list.append(python_inner)
python_small = List(r=client, key="python:small", converter=converters)
python_small.extend([np.array([1, -2]), np.array([1.5, 2.0]), np.array([True])])
python_dict = Dict(r=client, key="python:dict")
python_dict.update({"a": 1, "b": [1, 2], "é": "ü"})
client.sio.disconnect()
