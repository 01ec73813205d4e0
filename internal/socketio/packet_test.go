package socketio

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParsePacket_grammar(t *testing.T) {
	at := func(kind packetType, attachments int, namespace string, id int64, payload string) packet {
		return packet{kind, attachments, []byte(namespace), id, []byte(payload)}
	}
	for text, want := range map[string]packet{
		`0`:                      at(packetConnect, plain, "/", noID, ""),
		`0{"a":1}`:               at(packetConnect, plain, "/", noID, `{"a":1}`),
		`0/,{}`:                  at(packetConnect, plain, "/", noID, `{}`),
		`0/custom`:               at(packetConnect, plain, "/custom", noID, ""),
		`0/custom,`:              at(packetConnect, plain, "/custom", noID, ""),
		`0/custom?token=x,{}`:    at(packetConnect, plain, "/custom?token=x", noID, `{}`),
		`1`:                      at(packetDisconnect, plain, "/", noID, ""),
		`1/custom`:               at(packetDisconnect, plain, "/custom", noID, ""),
		`2["a"]`:                 at(packetEvent, plain, "/", noID, `["a"]`),
		`20["a"]`:                at(packetEvent, plain, "/", 0, `["a"]`),
		`2007["a"]`:              at(packetEvent, plain, "/", 7, `["a"]`),
		`2999999999999999["a"]`:  at(packetEvent, plain, "/", 999999999999999, `["a"]`),
		`2/ns,12["a/b,c"]`:       at(packetEvent, plain, "/ns", 12, `["a/b,c"]`),
		`2/ns["a","b"]`:          at(packetEvent, plain, `/ns["a"`, noID, `"b"]`),
		`3/ns,0[]`:               at(packetAck, plain, "/ns", 0, `[]`),
		`4/ns,{"message":"no"}`:  at(packetConnectError, plain, "/ns", noID, `{"message":"no"}`),
		`51-["a"]`:               at(packetEvent, 1, "/", noID, `["a"]`),
		`50-["a"]`:               at(packetEvent, 0, "/", noID, `["a"]`),
		`61-/ns,7[]`:             at(packetAck, 1, "/ns", 7, `[]`),
		`52-/ns,["a"]`:           at(packetEvent, 2, "/ns", noID, `["a"]`),
		`5999999999999999-["a"]`: at(packetEvent, 1<<30, "/", noID, `["a"]`),
	} {
		got, err := parsePacket([]byte(text))
		require.NoError(t, err, text)
		want.payload = append([]byte(nil), want.payload...)
		got.payload = append([]byte(nil), got.payload...)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{
		"", "7", "a", " ", `/ns,["a"]`, `5["a"]`, `5-["a"]`, `51["a"]`, "51", "5", `6-1[]`, `5/ns,1-["a"]`,
		`51000000000000000-["a"]`, `21000000000000000["a"]`, "2" + strings.Repeat("9", 1000),
	} {
		_, err := parsePacket([]byte(text))
		require.ErrorIs(t, err, ErrProtocol, text)
	}
}

func TestAppendPacket_grammar(t *testing.T) {
	args := []byte(`1,"<é>"`)
	binary := [][]byte{{1}, {2}}
	for want, got := range map[string][]byte{
		`2["a",1,"<é>"]`:       appendPacket(nil, packetEvent, "/", noID, Event{"a", args, nil}),
		`20["a"]`:              appendPacket(nil, packetEvent, "/", 0, Event{"a", nil, nil}),
		`2/ns,7["\"\\\n<"]`:    appendPacket(nil, packetEvent, "/ns", 7, Event{"\"\\\n<", nil, nil}),
		`3/ns,7[]`:             appendPacket(nil, packetAck, "/ns", 7, Event{}),
		`312[1,"<é>"]`:         appendPacket(nil, packetAck, "/", 12, Event{Args: args}),
		`52-/ns,["a",1,"<é>"]`: appendPacket(nil, packetEvent, "/ns", noID, Event{"a", args, binary}),
		`62-/ns,7[1,"<é>"]`:    appendPacket(nil, packetAck, "/ns", 7, Event{"", args, binary}),
	} {
		require.Equal(t, want, string(got))
	}
}

func TestPacketSize_isEnough(t *testing.T) {
	e := Event{Name: strings.Repeat("\x01", 100), Args: []byte(`"x"`), Attachments: make([][]byte, 1000)}
	const largest = 1<<63 - 1
	require.LessOrEqual(t, len(appendPacket(nil, packetEvent, "/namespace", largest, e)), packetSize("/namespace", e))
}

func TestNames_sameAsUnescaped(t *testing.T) {
	var n names
	for range 2 {
		for _, name := range []string{"", "get", "set", "gat", `a\"b`, `\ud83d\ude00`, "😀", `\\`, strings.Repeat("x", 100)} {
			require.Equal(t, unescape([]byte(name)), n.of([]byte(name)))
		}
	}
	name := []byte("adapter:get")
	n.of(name)
	require.Zero(t, testing.AllocsPerRun(100, func() { n.of(name) }))
}
