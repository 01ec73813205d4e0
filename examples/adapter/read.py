"""Reads what the Go program beside it has in memory: read.py [URL]"""

import sys

from znsocket import Client, Dict, List

client = Client.from_url(sys.argv[1] if len(sys.argv) > 1 else "znsocket://127.0.0.1:5000")
guests = List(r=client, key="guests")
room = Dict(r=client, key="room")

print(f"{room['guests']} guests in the {room['name']}: {', '.join(guests)}")
print(f"the newest is {guests[-1]}")
client.sio.disconnect()
