"""Flask-Session: two web servers share the sessions of their visitors."""

import unittest
from datetime import timedelta

from flask import Flask, session
from flask_session import Session

from server import connect, eventually


def shop(lifetime):
    app = Flask("shop")
    app.config.update(SESSION_TYPE="redis", SESSION_REDIS=connect(), PERMANENT_SESSION_LIFETIME=lifetime)
    Session(app)

    @app.get("/add/<thing>")
    def add(thing):
        session.setdefault("basket", []).append(thing)
        session.modified = True
        return show()

    @app.get("/")
    def show():
        return session.get("basket", [])

    @app.get("/login")
    def login():
        app.session_interface.regenerate(session)
        return show()

    @app.get("/leave")
    def leave():
        session.clear()
        return show()

    return app


def visit(app, browser, path):
    """What the visitor with these cookies is answered."""
    client = app.test_client()
    if "session" in browser:
        client.set_cookie("session", browser["session"])
    answer = client.get(path)
    cookie = client.get_cookie("session")
    if cookie is None:
        browser.pop("session", None)
    else:
        browser["session"] = cookie.value
    return answer.json


class FlaskSession(unittest.TestCase):
    def setUp(self):
        self.db = connect(decode_responses=True)
        self.addCleanup(self.db.flushdb)

    def test_shared(self):
        first, second = shop(timedelta(hours=1)), shop(timedelta(hours=1))
        ada, alan = {}, {}
        self.assertEqual(visit(first, ada, "/add/tea"), ["tea"])
        self.assertEqual(visit(second, ada, "/add/milk"), ["tea", "milk"])
        self.assertEqual(visit(first, alan, "/add/bread"), ["bread"])
        self.assertEqual(visit(first, ada, "/"), ["tea", "milk"])
        keys = self.db.keys("session:*")
        self.assertEqual(len(keys), 2)
        for key in keys:
            self.assertAlmostEqual(self.db.ttl(key), 3600, delta=60)
        before = dict(ada)
        self.assertEqual(visit(first, ada, "/login"), ["tea", "milk"])
        self.assertNotEqual(before, ada)
        self.assertEqual(visit(second, before, "/"), [], "the old name is gone")
        visit(second, ada, "/leave")
        self.assertEqual(visit(first, ada, "/"), [])
        self.assertEqual(visit(first, alan, "/"), ["bread"])

    def test_expires(self):
        app, ada = shop(timedelta(seconds=1)), {}
        self.assertEqual(visit(app, ada, "/add/tea"), ["tea"])
        eventually(lambda: not self.db.keys("session:*"))
        self.assertEqual(visit(app, ada, "/"), [])
