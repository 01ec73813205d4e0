// Package znsocket is a Redis-compatible store in memory, a server that shares
// it with Python, JavaScript and Go over Socket.IO, and lists and dicts that
// live in it.
//
// # Store
//
// A [Store] is a Redis inside the program: the fake one of a unit test, or the
// heart of an app. It has the commands as Go methods (see [Commands]) and as
// words (Do). Its clock can be moved with Advance.
//
// # Server and Client
//
// A [Server] shares a Store with the ZnSocket clients of Python and JavaScript,
// unchanged, and with a [Client] of this package. A Client has the same methods
// as a Store.
//
// # List and Dict
//
// [List] and [Dict] are shared containers of JSON values over a Store, a Client
// or any other [Commander], such as a Redis client. They nest, and tell of the
// changes that others make.
//
// # Caveats
//
// A [Refresh] is a hint to read again, not a log of changes. What Intercept or
// WithAuth is given runs before every command and should be quick. A Client that
// lost its connection cannot know whether a command in flight was carried out:
// it fails with [ErrDisconnected].
package znsocket

// Version is the version of this package and of the znsocket command.
const Version = "0.1.0"
