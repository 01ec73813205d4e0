"""Does on Segments what it is told, until there is no more: segments.py URL ORIGIN KEY HOW

HOW is "make" or "open". Each line of the input is [method, arguments…], where a slice is {"slice": [start, stop, step]};
for each there is a line with what it gave.
"""

import json
import sys

from znsocket import Client, List, Segments

url, origin, key, how = sys.argv[1:]
client = Client.from_url(url)
segments = Segments(client, List(client, origin), key)
if how == "open":  # there is only the constructor, and it puts one more piece in front
    client.lrem(segments.key, 1, client.lindex(segments.key, 0))
print("ready", flush=True)

for line in sys.stdin:
    method, *args = json.loads(line)
    args = [slice(*a["slice"]) if isinstance(a, dict) and "slice" in a else a for a in args]
    try:
        result = getattr(segments, method)(*args)
    except IndexError:
        result = "IndexError"
    print(json.dumps(result), flush=True)
client.sio.disconnect()
