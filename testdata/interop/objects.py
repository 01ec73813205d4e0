"""Reads the objects that a Go program wrote and writes its own: objects.py URL"""

import sys

import numpy as np
from znjson.converter import NumpyConverter, NumpyConverterSmall
from znsocket import Client, Dict, List

client = Client.from_url(sys.argv[1])
converters = [NumpyConverterSmall, NumpyConverter]

values = [1, 2.5, -0.0, 1e300, 2**53 + 1, "schön 😀 \u2028\n", "", None, True, False, [1, [2, []]], {"a": {"b": None}}]

go_list = List(r=client, key="go:list", converter=converters)
assert go_list[: len(values)] == values, go_list[: len(values)]
array = go_list[len(values)]
assert array.shape == (2, 3) and array.dtype == np.float64 and array[1, 2] == 6, array
inner = go_list[len(values) + 1]
assert isinstance(inner, Dict) and inner["x"] == "inner", inner
assert len(go_list) == len(values) + 2

go_dict = Dict(r=client, key="go:dict")
assert go_dict.items() == [("a", 1), ("b", [1, 2]), ("é", "ü")], go_dict.items()

python_list = List(r=client, key="python:list", converter=converters)
python_list.extend(values)
python_list.append(np.arange(6.0).reshape(2, 3) + 1)
python_inner = Dict(r=client, key="python:inner")
python_inner["x"] = "inner"
python_list.append(python_inner)
python_dict = Dict(r=client, key="python:dict")
python_dict.update({"a": 1, "b": [1, 2], "é": "ü"})
client.sio.disconnect()
