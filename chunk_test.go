package znsocket

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/keyspace"
	"github.com/znsocket/znsocket/internal/socketio"
)

// gzipFrame makes a compressed frame with the standard library, which need not
// tell the truth about its size.
func gzipFrame(body []byte, announced int) []byte {
	var buf bytes.Buffer
	buf.WriteByte(flagGzip)
	buf.Write(binary.BigEndian.AppendUint32(nil, uint32(announced)))
	w := gzip.NewWriter(&buf)
	w.Write(body)
	w.Close()
	return buf.Bytes()
}

func TestFrame_roundTrip(t *testing.T) {
	for _, body := range []string{"", "[[],{}]", strings.Repeat("abc", 1000), string(bytes.Repeat([]byte{0, 1, 2, 255}, 5000))} {
		for _, threshold := range []int{-1, 0, 1024} {
			frame, compressed := packFrame([]byte(body), threshold)
			assert.Equal(t, compressed, frame[0] == flagGzip)
			if threshold < 0 {
				assert.False(t, compressed)
			}
			got, err := unpackFrame(frame, 1<<20)
			require.NoError(t, err)
			assert.Equal(t, body, string(got))
		}
	}
}

// What our writer compresses the standard library reads, as Python's does.
func TestFrame_standardGzip(t *testing.T) {
	body := strings.Repeat("abc", 1000)
	frame, compressed := packFrame([]byte(body), 0)
	require.True(t, compressed)
	assert.EqualValues(t, len(body), binary.BigEndian.Uint32(frame[1:]))
	r, err := gzip.NewReader(bytes.NewReader(frame[5:]))
	require.NoError(t, err)
	got, err := io.ReadAll(r)
	require.NoError(t, err)
	assert.Equal(t, body, string(got))

	back, err := unpackFrame(gzipFrame([]byte(body), len(body)), 1<<20)
	require.NoError(t, err)
	assert.Equal(t, body, string(back))
}

func TestFrame_withoutFlag(t *testing.T) {
	body, err := unpackFrame([]byte(`[["k"],{}]`), 5)
	require.NoError(t, err)
	assert.Equal(t, `[["k"],{}]`, string(body))
}

func TestFrame_refused(t *testing.T) {
	bomb := gzipFrame(make([]byte, 4<<20), 4<<20)
	half := gzipFrame([]byte("text"), 4)
	for name, c := range map[string]struct {
		frame []byte
		kind  string
	}{
		"empty":             {nil, KindDeserialize},
		"cut head":          {[]byte{flagGzip, 0, 0}, KindDeserialize},
		"no gzip":           {[]byte{flagGzip, 0, 0, 0, 4, 'a', 'b', 'c', 'd'}, KindDeserialize},
		"cut gzip":          {half[:len(half)-6], KindDeserialize},
		"size too small":    {gzipFrame([]byte("text"), 3), KindDeserialize},
		"size too large":    {gzipFrame([]byte("text"), 5), KindDeserialize},
		"impossible ratio":  {gzipFrame([]byte("text"), 1<<19), KindDeserialize},
		"bomb, announced":   {bomb, KindTooLarge},
		"bomb, unannounced": {gzipFrame(make([]byte, 4<<20), 1<<20), KindDeserialize},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := unpackFrame(c.frame, 1<<20)
			var refusal *Error
			require.ErrorAs(t, err, &refusal)
			assert.Equal(t, c.kind, refusal.Kind, refusal.Msg)
		})
	}
}

// A bomb costs no memory beyond what it announces.
func TestFrame_bombMemory(t *testing.T) {
	bomb := gzipFrame(make([]byte, 16<<20), 1<<20)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := unpackFrame(bomb, 1<<30)
	runtime.ReadMemStats(&after)
	assert.Equal(t, KindDeserialize, kindOf(err))
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(8<<20))
}

func TestPieces(t *testing.T) {
	frame := []byte(strings.Repeat("0123456789", 100))
	parts, err := pieces(frame, pieceRoom+300)
	require.NoError(t, err)
	require.Len(t, parts, 4)
	assert.Equal(t, frame, bytes.Join(parts, nil))
	for _, p := range parts {
		assert.LessOrEqual(t, len(p), 300)
	}
	_, err = pieces(frame, pieceRoom)
	assert.ErrorContains(t, err, "250 bytes")
}

func FuzzUnpackFrame(f *testing.F) {
	f.Add([]byte{flagPlain, 'a'})
	f.Add(gzipFrame([]byte("text"), 4))
	f.Add(gzipFrame(make([]byte, 1<<20), 1<<20))
	f.Fuzz(func(t *testing.T, frame []byte) {
		body, err := unpackFrame(frame, 1<<16)
		if err == nil && len(frame) > 0 && frame[0] == flagGzip && len(body) > 1<<16 {
			t.Fatalf("%d bytes came out", len(body))
		}
	})
}

func FuzzDecodeRequest(f *testing.F) {
	for _, cmds := range [][][]string{{}, {{}}, {{"GET", "k"}}, {{"SET", "k", "\xff\x00"}, {"PING"}}} {
		for _, r := range []goRequest{{Commands: cmds}, {Commands: cmds, Number: 1, Over: 1, Object: true}} {
			body, err := r.encode()
			require.NoError(f, err)
			f.Add(body)
		}
	}
	s := &session{srv: NewServer(), ctx: f.Context()}
	f.Cleanup(func() { s.srv.Shutdown(context.Background()) })
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := decodeRequest(body)
		if err != nil {
			return
		}
		answer, err := s.answerGo(body, socketio.Ack{})
		require.NoError(t, err)
		replies, err := decodeReplies(answer, len(r.Commands))
		require.NoError(t, err)
		require.Len(t, replies, len(r.Commands))
	})
}

func FuzzDecodeReplies(f *testing.F) {
	for _, v := range []any{nil, "text", int64(1), 1.5, []any{"a", nil}, keyspace.Pairs{"k", "v"}, keyspace.Set{"m"},
		keyspace.Scores{{Member: "m", Score: 1}}, keyspace.Scan{Cursor: 7, Items: []string{"k"}}} {
		body, err := goEncoding.Marshal([]wireReply{toWire(Reply{Val: v})})
		require.NoError(f, err)
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		replies, err := decodeReplies(body, 1)
		if err == nil {
			require.Len(t, replies, 1)
		}
	})
}
