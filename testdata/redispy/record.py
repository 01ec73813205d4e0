"""Records what redis-py's Redis class can be asked: signatures.json.

All its public names, and for each method that sends a command: its parameters
without self, as Python writes them without annotations, and the command that it
sends when it is called with as little as it takes.

    .venv/bin/python testdata/redispy/record.py > testdata/redispy/signatures.json
"""

import inspect
import itertools
import json
import sys
import warnings

import redis

warnings.simplefilter("ignore")

DUMMIES = ("x", 1, ["x"], {"x": 1}, ["x", "x", "x"])


class Sent(BaseException):
    """Ends a call when it is about to send a command."""


class Recorder(redis.Redis):
    def __init__(self):
        super().__init__(unix_socket_path="/nonexistent")
        self.connection_pool.get_connection = self.execute_command

    def execute_command(self, *args, **options):
        raise Sent(args[0] if args else None)


def calls(parameters):
    """Calls with the required parameters, and with up to two of the others too."""
    required = [
        p
        for p in parameters
        if p.default is p.empty and p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)
    ]
    optional = [p for p in parameters if p.default is not p.empty]
    star = ["x"] if any(p.kind is p.VAR_POSITIONAL for p in parameters) else []
    for extra in [[], *([p] for p in optional), *map(list, itertools.combinations(optional, 2))]:
        for values in itertools.product(DUMMIES, repeat=len(required + extra)):
            given = list(zip(required + extra, values))
            args = [value for p, value in given if p in required and p.kind is not p.KEYWORD_ONLY]
            kwargs = {p.name: value for p, value in given[len(args) :]}
            yield args, kwargs
            if star:
                yield args + star, kwargs


def command(name, parameters):
    client = Recorder()
    for args, kwargs in calls(parameters):
        try:
            result = getattr(client, name)(*args, **kwargs)
            if inspect.isgenerator(result):
                next(result)
        except Sent as sent:
            return sent.args[0] and str(sent.args[0]).upper()
        except Exception:
            continue
    return None


def spelling(p):
    stars = {p.VAR_POSITIONAL: "*", p.VAR_KEYWORD: "**"}.get(p.kind, "")
    if p.default is p.empty:
        return stars + p.name
    default = p.default.__name__ if isinstance(p.default, type) else repr(p.default)
    return f"{p.name}={default}"


def record():
    methods = {}
    for name, function in inspect.getmembers(redis.Redis, inspect.isfunction):
        if name.startswith("_") or name == "execute_command":
            continue
        parameters = list(inspect.signature(function).parameters.values())[1:]
        if sends := command(name, parameters):
            methods[name] = {"sends": sends, "signature": ", ".join(map(spelling, parameters))}
    names = [name for name in dir(redis.Redis) if not name.startswith("_")]
    return {"methods": methods, "names": names, "redis-py": redis.__version__}


json.dump(record(), sys.stdout, indent=1, sort_keys=True)
print()
