"""A server of python-engineio: python server.py OPTIONS

OPTIONS are engineio.Server's, as JSON. The first line printed is the port on
127.0.0.1; then one line for each session that ends, with the reason.

Messages are sent back. Of those that begin with "!" these are done instead:
!close ends the session, !burst N sends N messages, !later S sends one in S
seconds. A client with the header X-Token: bad is refused.
"""

import json
import sys

import eventlet
import eventlet.wsgi
import engineio

server = engineio.Server(async_mode="eventlet", **json.loads(sys.argv[1]))


@server.on("connect")
def connect(sid, environ):
    if environ.get("HTTP_X_TOKEN") == "bad":
        return "not you"
    server.send(sid, "welcome")


@server.on("message")
def message(sid, data):
    word, _, argument = data.partition(" ") if isinstance(data, str) else ("", "", "")
    if word == "!close":
        server.disconnect(sid)
    elif word == "!burst":
        for i in range(int(argument)):
            server.send(sid, str(i) if i % 2 else b"%d" % i)
    elif word == "!later":
        eventlet.sleep(float(argument))
        server.send(sid, "later")
    else:
        server.send(sid, data)


@server.on("disconnect")
def disconnect(sid, reason):
    print(reason, flush=True)


listener = eventlet.listen(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
eventlet.wsgi.server(listener, engineio.WSGIApp(server), log_output=False)
