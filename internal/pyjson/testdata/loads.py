"""Reads documents as json.loads does and says what it saw in them.

In: a JSON array of documents, each in base64. Out: a JSON array of what each
holds, null for one that is refused. A value is [kind, content]: numbers as they
are written, objects as [key, value] pairs in their order.
"""

import base64
import json
import sys


class Number:
    def __init__(self, kind, text):
        self.seen = [kind, text]


class Pairs(list):
    pass


def describe(value):
    if isinstance(value, Number):
        return value.seen
    if isinstance(value, Pairs):
        return ["object", [[key, describe(item)] for key, item in value]]
    if isinstance(value, list):
        return ["array", [describe(item) for item in value]]
    if isinstance(value, str):
        return ["string", value]
    return [str(value), None]


def load(document):
    try:
        return describe(
            json.loads(
                base64.b64decode(document).decode(),
                parse_int=lambda text: Number("int", text),
                parse_float=lambda text: Number("float", text),
                parse_constant=lambda text: Number("float", text),
                object_pairs_hook=Pairs,
            )
        )
    except ValueError:
        return None


json.dump([load(document) for document in json.load(sys.stdin)], sys.stdout)
