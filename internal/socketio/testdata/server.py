"""python-socketio's server, as the tests expect one.

Prints its port, and ends with its standard input."""

import os
import sys

import eventlet
import eventlet.tpool
import eventlet.wsgi
import socketio

server = socketio.Server(async_mode="eventlet", namespaces=["/", "/custom"])


def connect(namespace):
    @server.on("connect", namespace=namespace)
    def connected(sid, environ, auth):
        # What is sent from here overtakes the answer to the CONNECT.
        server.start_background_task(later, sid, auth)

    def later(sid, auth):
        while not server.manager.is_connected(sid, namespace):
            server.sleep(0.01)
        server.sleep(0.05)
        server.emit("auth", auth or {}, to=sid, namespace=namespace)


connect("/")
connect("/custom")


@server.on("message")
def message(sid, *args):
    server.emit("message-back", args, to=sid)


@server.on("message-with-ack")
def message_with_ack(sid, *args):
    return args


@server.on("leave")
def leave(sid):
    server.disconnect(sid)


listener = eventlet.listen(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
eventlet.spawn(eventlet.wsgi.server, listener, socketio.WSGIApp(server), log_output=False)
eventlet.tpool.execute(sys.stdin.read)
os._exit(0)  # the pool's threads would be waited for
