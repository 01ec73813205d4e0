"""Tells what redis-py makes of replies, over RESP2 and with decode_responses=True.

    python parse.py < replies.jsonl

Each line of the input is [command, options, reply], each line of the output
what the method that sends the command would return.
"""

import json
import sys

from redis._parsers.helpers import get_response_callbacks

callbacks = get_response_callbacks(2, True)

for line in sys.stdin:
    command, options, reply = json.loads(line)
    if command == "SLOWLOG GET":
        options["decode_responses"] = True
    print(json.dumps(callbacks[command](reply, **options)))
