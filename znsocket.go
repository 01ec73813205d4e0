// Package znsocket is a Redis-compatible store in memory, a server that shares
// it with Python, JavaScript and Go over Socket.IO, and lists and dicts that
// live in it.
//
// # Basics
//
// A [Store] is a Redis inside the program: the fake one of a unit test, or the
// heart of an app. It has the commands as Go methods (see [Commands]) and as
// words (Do), and is a Redis to the clients of one by DialRESP and ListenRESP. Its
// clock can be moved with Advance, and Snapshot keeps what it holds to go back to.
// [OpenStore] keeps its data in a directory.
//
// A [Server] shares a Store with the ZnSocket clients of Python and JavaScript,
// unchanged, and with a [Client] of this package, which has the same methods as
// a Store. WithAuth says who is let in, and an [Access] what each may do.
//
// [List] and [Dict] are shared containers of JSON values over a Store, a Client
// or any other [Commander], such as a Redis client. They nest, and OnRefresh tells
// of the changes that others make. [Segments] are a copy of a List that shares its
// elements until they change.
//
// An [Adapter] shows data of the program, without a copy, to whoever opens its key
// as a List or Dict: [SliceOf], [MapOf], [StructOf] and [ArrayOf], what [Transform]
// makes of them, or any [ListProvider] and [DictProvider].
//
// A [Node] has all this over data that several programs share, such as a Redis:
// package redisbackend makes one of its URL.
//
// Errors are told apart by errors.Is: [ErrNil] where nothing is there, [ErrFrozen]
// where an adapter is to be changed, [ErrDenied], [ErrDisconnected] and so on, on
// every Commander alike.
//
// # Caveats
//
// A [Refresh] is a hint to read again, not a log of changes: several may come as
// one, which may say more than has changed, and a Resync says that anything may
// have.
//
// The data of an adapter is read while others ask, on other goroutines. It races
// with the program that changes it unless both hold the same lock, the one that
// SliceOf and its like are given; a nil one promises that nothing changes. Changes
// of the data are seen at once, but nobody hears of them without Changed.
//
// Only objects read adapters. To a command such as LLEN, which a program gives by
// itself, an adapter's key is empty.
//
// A method is one step, two are not: between Len and At others may change a List.
// All reads in pages and is no snapshot, Slice is one.
//
// A Client asks again after a lost connection, and a Go server carries a command
// out once. Where that cannot be known, for the server is another one or
// Python's, the call fails with [ErrDisconnected].
//
// What Intercept or an Access rule is given runs before every command and should
// be quick, as should what WithAuth is given: the Python client waits for a second.
//
// Without WithAuth everyone who reaches a Server may read and write. What clients
// make it hold beside the data is bounded, see [Limits]; the data is not.
package znsocket

// Version is the version of this package and of the znsocket command.
const Version = "0.1.0"
