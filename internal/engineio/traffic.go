package engineio

import "sync/atomic"

// Traffic is what went through a connection, or through all of a server.
type Traffic struct{ Received, Sent Volume }

// Volume is a number of messages and the bytes that were in them.
type Volume struct{ Messages, Bytes int64 }

// traffic counts as a connection goes.
type traffic struct{ received, sent counter }

type counter struct{ messages, bytes atomic.Int64 }

func (c *counter) add(m Message) {
	c.messages.Add(1)
	c.bytes.Add(int64(len(m.Data)))
}

func (c *counter) volume() Volume { return Volume{c.messages.Load(), c.bytes.Load()} }

func (v *Volume) add(other Volume) {
	v.Messages += other.Messages
	v.Bytes += other.Bytes
}

func (t *Traffic) add(other Traffic) {
	t.Received.add(other.Received)
	t.Sent.add(other.Sent)
}

// Traffic returns what went through the connection so far.
func (c *Conn) Traffic() Traffic {
	return Traffic{c.traffic.received.volume(), c.traffic.sent.volume()}
}

// Traffic returns what went through all connections so far, also those that are
// over.
func (s *Server) Traffic() Traffic {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.past
	for _, c := range s.conns {
		if c != nil {
			all.add(c.Traffic())
		}
	}
	return all
}
