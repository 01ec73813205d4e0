"""Follows the Go program beside it until it is done: follow.py [URL]"""

import sys
import threading

from znsocket import Client, Dict

client = Client.from_url(sys.argv[1] if len(sys.argv) > 1 else "znsocket://127.0.0.1:5000")
job = Dict(r=client, key="job")
changed = threading.Event()
job.on_refresh(lambda _: changed.set())

while True:
    changed.clear()  # before reading, so that no change is missed
    state = dict(job.items())  # all of it as it is at one moment
    print(f"step {state['step']} of {state['steps']}: {state['sum']:.4f}", flush=True)
    if state["step"] == state["steps"]:
        break
    changed.wait(timeout=10)  # a refresh is a hint: without one look again all the same
client.sio.disconnect()
