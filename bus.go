package znsocket

import "context"

// Bus carries messages between the programs that share a Commander, such as
// the publish and subscribe of a Redis. A Node uses it to tell the others of
// changes and to reach the owners of adapters there. What a Bus loses is lost:
// Connected tells when that may have been.
type Bus interface {
	// Publish sends a message to every program that is subscribed to the
	// channel, also to this one. It returns once the message is on its way.
	Publish(ctx context.Context, channel string, message []byte) error
	// Subscribe has a receiver hear the channels until stop is called. It
	// returns when messages arrive, or with the reason why they cannot. All
	// messages of one channel come in one order to everybody, one at a time;
	// the receiver must not block.
	Subscribe(ctx context.Context, r BusReceiver, channels ...string) (stop func(), err error)
}

// BusReceiver gets what a Bus brings. Nothing is called after stop has returned.
type BusReceiver interface {
	// Message brings one message, which is the receiver's to keep.
	Message(channel string, message []byte)
	// Disconnected is called when messages can no longer come, and Connected
	// when they come again: those between the two are lost.
	Disconnected(err error)
	Connected()
}
