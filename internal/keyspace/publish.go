package keyspace

// Publisher brings messages to those who have subscribed to their channels. It is
// called under the Space's lock, which may be the shared one: it must be quick and
// must not call back.
type Publisher interface {
	// Publish returns how many hear a message. Shard channels are others than those of
	// the same names.
	Publish(shard bool, channel, message string) int64
}

// SetPublisher has p bring messages, those of PUBLISH and of keyspace events. Without
// one nobody hears any.
func (s *Space) SetPublisher(p Publisher) {
	s.lock()
	defer s.unlock()
	s.publisher = p
}

var publishCommands = []Command{
	{"PUBLISH", 3, Messages, noKeys, publish(false)},
	{"SPUBLISH", 3, Messages, noKeys, publish(true)},
}

func publish(shard bool) handler {
	return func(db *DB, a Args) (any, error) {
		if db.space.publisher == nil {
			return zero, nil
		}
		return intReply(db.space.publisher.Publish(shard, a[1], a[2])), nil
	}
}
