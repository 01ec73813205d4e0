package znsocket

import (
	"strconv"

	"github.com/znsocket/znsocket/internal/pyjson"
	"github.com/znsocket/znsocket/internal/socketio"
)

// This file is how a session takes events that come as frames, whole or in
// pieces.

// answerCompressed handles an event that came as one frame.
func (s *session) answerCompressed(dst []byte, e socketio.Event, ack socketio.Ack, out *[][]byte) ([]byte, error) {
	p, err := parsePiece(e)
	if err != nil {
		return nil, err
	}
	return s.answerFrame(dst, p.event, []byte(p.data), ack, out)
}

// answerPiece takes one piece of a message. The last one runs the event, whose
// answer waits to be fetched.
func (s *session) answerPiece(dst []byte, e socketio.Event) ([]byte, error) {
	p, err := parsePiece(e)
	if err != nil {
		return nil, err
	}
	frame, received, err := s.chunks.add(p)
	switch {
	case err != nil:
		return nil, err
	case frame != nil:
		var attachments [][]byte
		result, err := s.answerFrame(nil, p.event, frame, socketio.Ack{}, &attachments)
		if err != nil {
			result = appendRefusal(nil, err)
		}
		s.chunks.finish(p.id, result, attachments)
		fallthrough
	case received == 0: // it came again after the end
		return append(dst, `{"status":"complete"}`...), nil
	}
	dst = append(dst, `{"status":"waiting","received":`...)
	dst = strconv.AppendInt(dst, int64(received), 10)
	dst = append(dst, `,"total":`...)
	dst = strconv.AppendInt(dst, p.count, 10)
	return append(dst, '}'), nil
}

func (s *session) answerResult(dst []byte, e socketio.Event, out *[][]byte) ([]byte, error) {
	v, err := pyjson.Parse(e.Args, nil)
	if err != nil {
		return nil, invalidArguments(e.Name, err.Error())
	}
	id, err := property(e.Name, &v, "chunk_id", pyjson.String)
	if err != nil {
		return nil, err
	}
	result, attachments, err := s.chunks.fetch(id.Text)
	if err != nil {
		return nil, err
	}
	*out = attachments
	return append(dst, result...), nil
}

// answerFrame unpacks a frame and runs the event in it: a call of a redis-py
// client, or what a Go client sends.
func (s *session) answerFrame(dst []byte, event string, frame []byte, ack socketio.Ack, out *[][]byte) ([]byte, error) {
	body, err := unpackFrame(frame, s.srv.limits.Body)
	if err != nil {
		return nil, err
	}
	switch event {
	case goEvent:
		reply, err := s.answerGo(body, ack)
		if err != nil {
			return nil, err
		}
		*out = [][]byte{reply}
		return append(dst, attachmentArg...), nil
	case piecesEvent:
		if !passable(body) {
			return nil, deserialization("an answer must be JSON")
		}
		return append(dst, body...), nil // an owner's, which is fetched soon: see inPieces
	}
	payload, err := pyjson.Parse(body, nil)
	if err != nil {
		return nil, deserialization(err.Error())
	}
	return s.answerCall(dst, event, &payload, ack)
}

// parsePiece reads the payload of chunked_message and compressed_message.
func parsePiece(e socketio.Event) (piece, error) {
	v, err := pyjson.Parse(e.Args, e.Attachments)
	if err != nil {
		return piece{}, invalidArguments(e.Name, err.Error())
	}
	event, err := property(e.Name, &v, "event", pyjson.String)
	if err != nil {
		return piece{}, err
	}
	data, err := property(e.Name, &v, "data", pyjson.Bytes)
	if err != nil {
		return piece{}, err
	}
	p := piece{event: event.Text, data: data.Text, size: int64(len(data.Text))}
	if e.Name == "compressed_message" {
		return p, nil
	}
	id, err := property(e.Name, &v, "chunk_id", pyjson.String)
	if err != nil {
		return piece{}, err
	}
	p.id = id.Text
	for _, number := range []struct {
		name string
		to   *int64
	}{{"chunk_index", &p.index}, {"total_chunks", &p.count}, {"size", &p.size}} {
		if _, there := v.Get(number.name); !there && number.to == &p.size {
			continue
		}
		n, err := property(e.Name, &v, number.name, pyjson.Int)
		if err != nil {
			return piece{}, err
		}
		if *number.to, err = strconv.ParseInt(n.Text, 10, 64); err != nil {
			return piece{}, invalidArguments(e.Name, number.name+" is out of range")
		}
	}
	return p, nil
}
