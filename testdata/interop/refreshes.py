"""Changes a list and a dict and says what it hears of others': refreshes.py URL

First it waits for as many refreshes of the keys go:* as it makes of python:*
itself, printing each as a line of JSON.
"""

import json
import sys
import threading

from znsocket import Client, Dict, List

client = Client.from_url(sys.argv[1])
lst, dct = List(r=client, key="python:l"), Dict(r=client, key="python:d")
heard, printing = threading.Semaphore(0), threading.Lock()


def hear(data):
    with printing:
        print(json.dumps(data), flush=True)
    heard.release()


for key in ("znsocket.List:go:l", "znsocket.Dict:go:d"):
    client.refresh_callbacks[key] = hear
print("ready", flush=True)
for _ in range(8):
    assert heard.acquire(timeout=30)

lst.append("a")
lst.extend(["b", "c", "d"])
lst[1] = "B"
lst.insert(1, "i")
del lst[2]
dct["k"] = 1
dct.update({"m": 2, "n": 3})
del dct["k"]
client.get("flush")  # disconnect() does not wait for what was emitted
client.sio.disconnect()
