// Package websocket is RFC 6455 for a program that answers many small
// messages: server upgrade, client dial, whole messages in, frames out.
//
// It is our own for four reasons that no library offers together.
//
//   - Answers that are ready together leave in one write. A library flushes
//     each message; here a message is only queued, and the queue is written
//     when the reading goroutine has handled everything that was already
//     there, or at once where somebody else sends.
//   - An idle connection holds a small read buffer and one small stack: the
//     buffers and the goroutine of net/http are gone after the upgrade, and an
//     empty queue holds no memory.
//   - The progress of a large message is known from its frame, before it is
//     all there.
//   - A payload that goes to many connections is shared between their queues,
//     not copied into each, once it is worth it.
//
// Limits: a message is bounded while it is read, the queue is bounded in
// bytes, an announced length is never trusted with memory, every write has a
// deadline. permessage-deflate is declined.
package websocket
