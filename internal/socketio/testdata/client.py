"""python-socketio's client, talking to the server of the tests.

    client.py URL TRANSPORT...

Ends with status 0 if everything came as it should."""

import os
import queue
import sys

import socketio

# The client's threads may take half a minute to notice that it is over.
sys.excepthook = lambda *error: (sys.__excepthook__(*error), os._exit(1))

url, transports = sys.argv[1], sys.argv[2:]
client = socketio.Client(reconnection=False)
got = {"/": queue.Queue(), "/custom": queue.Queue()}
ended = queue.Queue()


def listen(namespace):
    @client.on("*", namespace=namespace)
    def event(name, *args):
        got[namespace].put((name, *args))
        return args[0] if args else None

    @client.on("disconnect", namespace=namespace)
    def disconnect(reason):
        ended.put((namespace, reason))


def expect(want, have):
    assert want == have, f"want {want!r}, have {have!r}"


def come(namespace):
    return got[namespace].get(timeout=10)


for namespace in got:
    listen(namespace)
client.connect(url, auth={"token": "é😀"}, transports=transports, namespaces=["/", "/custom"], wait_timeout=10)
expect(transports[-1], client.transport())
expect(("auth", {"token": "é😀"}), come("/"))
expect(("auth", {"token": "é😀"}), come("/custom"))

values = (1, "2", {"3": [True, None, 1.5]}, "é😀<>&\"\\\n", 12345678901234567890)
large = bytes(range(256)) * 400
for _ in range(3):
    client.emit("message", values)
    expect(("message-back", *values), come("/"))
    client.emit("message", (b"\x00\x01", {"deep": [large]}, large.decode("latin-1")))
    expect(("message-back", b"\x00\x01", {"deep": [large]}, large.decode("latin-1")), come("/"))
    expect(values, client.call("message-with-ack", values, timeout=10))
    expect((b"\x00", "plain", large), client.call("message-with-ack", (b"\x00", "plain", large), timeout=10))
    expect(None, client.call("message-with-ack", timeout=10))
nan = client.call("message-with-ack", float("nan"), timeout=10)
assert nan != nan, nan
expect(float("inf"), client.call("message-with-ack", float("inf"), timeout=10))

# The server asks back, and tells what it was answered.
client.emit("ask", {"n": 1}, namespace="/custom")
expect(("asked", {"n": 1}), come("/custom"))
expect(("answered", {"n": 1}), come("/custom"))
client.emit("ask", b"binary", namespace="/custom")
expect(("asked", b"binary"), come("/custom"))
expect(("answered", b"binary"), come("/custom"))

client.emit("leave", namespace="/custom")
expect(("/custom", client.reason.SERVER_DISCONNECT), ended.get(timeout=10))
expect([1], [client.call("message-with-ack", 1, timeout=10)])  # the other namespace lives on

client.emit("close")
expect(("/", client.reason.SERVER_DISCONNECT), ended.get(timeout=10))
assert ended.empty()

for namespace in ("/random", "/"):
    stranger = socketio.Client(reconnection=False)
    refusals = queue.Queue()
    stranger.on("connect_error", refusals.put, namespace=namespace)
    if namespace == "/random":
        try:
            stranger.connect(url, transports=transports, namespaces=[namespace], wait_timeout=10)
        except socketio.exceptions.ConnectionError:
            expect({"message": "Invalid namespace"}, refusals.get(timeout=10))
        else:
            raise AssertionError("not refused")
    else:
        stranger.connect(url, transports=transports, wait_timeout=10)
    stranger.disconnect()
os._exit(0)
