"""Reads what a Go program wrote with converters and writes the same: converters.py URL

Fraction and Span are to Python what they are to Go; a Span's ends are anything,
also what has a converter of its own.
"""

import sys
from dataclasses import dataclass
from datetime import datetime, timezone
from fractions import Fraction

import numpy as np
from znjson import ConverterBase
from znjson.converter import NumpyConverter, NumpyConverterSmall
from znsocket import Client, Dict, List


@dataclass
class Span:
    start: object
    end: object


class FractionConverter(ConverterBase):
    instance = Fraction
    representation = "fractions.Fraction"

    def encode(self, obj):
        return [obj.numerator, obj.denominator]

    def decode(self, value):
        return Fraction(*value)


class DatetimeConverter(ConverterBase):
    instance = datetime
    representation = "datetime.datetime"

    def encode(self, obj):
        return obj.isoformat()

    def decode(self, value):
        return datetime.fromisoformat(value)


class SpanConverter(ConverterBase):
    instance = Span
    representation = "Span"

    def encode(self, obj):
        return {"start": obj.start, "end": obj.end}

    def decode(self, value):
        return Span(value["start"], value["end"])


converters = [FractionConverter, DatetimeConverter, SpanConverter, NumpyConverterSmall, NumpyConverter]
client = Client.from_url(sys.argv[1])

day = datetime(2024, 2, 29, 12, 30, tzinfo=timezone.utc)
values = [
    Fraction(1, 3),
    [Fraction(2, 3), {"deep": Fraction(-5, 7)}],
    Span(Fraction(1, 2), Span(day, None)),
    {"schön": day, "plain": {"_type": 5}},
    "text",
    1.5,
]

go_list = List(r=client, key="go:list", converter=converters)
assert go_list[:-1] == values, go_list[:-1]
array = go_list[-1]["array"]
assert isinstance(array, np.ndarray) and array.tolist() == [1.5, 2.5], array
go_dict = Dict(r=client, key="go:dict", converter=converters)
assert go_dict["third"] == Fraction(1, 3), go_dict["third"]

python_list = List(r=client, key="python:list", converter=converters)
python_list.extend(values)
python_list.append({"array": np.array([1.5, 2.5])})
python_dict = Dict(r=client, key="python:dict", converter=converters)
python_dict["third"] = Fraction(1, 3)
client.sio.disconnect()
