package resp

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// parsed are the commands in a text that comes in pieces of size bytes. What the parser
// has seen ahead of a command must be in it.
func parsed(text string, size int) (all [][]string, err error) {
	p := newParser()
	for piece := range slices.Chunk([]byte(text), size) {
		p.put(piece)
		var args [4]string
		for seen := args[:0]; ; {
			if len(seen) == 0 {
				seen = args[:p.ahead(args[:])]
			}
			argv, err := p.next()
			if err != nil {
				return all, err
			}
			if argv == nil {
				break
			}
			if len(seen) > 0 {
				if len(argv) < 2 || argv[1] != seen[0] {
					return all, fmt.Errorf("%q was seen ahead of %q", seen[0], argv)
				}
				seen = seen[1:]
			}
			all = append(all, kept(argv))
		}
	}
	return all, nil
}

// However a text is cut, the commands in it are the same.
func TestParser_pieces(t *testing.T) {
	long := strings.Repeat("x", 100_000)
	text := bulks("SET", "k", "v") + "PING\r\n" + bulks("") + "\r\n" + "*0\r\n" + bulks("ECHO", "\r\n$3\r\n") + "GET 'a b'\n" +
		bulks("SET", long, long+"y") + "*-1\r\n" + bulks(slices.Repeat([]string{"w"}, 3000)...) + bulks("LAST")
	want, err := parsed(text, len(text))
	require.NoError(t, err)
	require.Len(t, want, 11)
	require.Equal(t, []string{"GET", "a b"}, want[6])
	require.Equal(t, long+"y", want[7][2])
	require.Empty(t, want[8])
	for _, size := range []int{1, 2, 3, 7, 1000, 16<<10 - 1, 16 << 10, 40_000} {
		got, err := parsed(text, size)
		require.NoError(t, err)
		require.Equal(t, want, got, "pieces of %d bytes", size)
	}
}

func TestParser_ahead(t *testing.T) {
	p := newParser()
	p.put([]byte(bulks("GET", "a") + bulks("SET", "b", "v") + bulks("PING") + bulks("GET", "c")))
	args := make([]string, 5)
	require.Equal(t, 2, p.ahead(args))
	require.Equal(t, []string{"a", "b"}, args[:2])
	require.Equal(t, 1, p.ahead(args[:1]))
	argv, err := p.next()
	require.NoError(t, err)
	require.Equal(t, []string{"GET", "a"}, argv)
	require.Equal(t, 1, p.ahead(args))
	require.Equal(t, "b", args[0])

	p = newParser()
	text := bulks("GET", "a") + bulks("GET", "b")
	for i := range len(text) {
		p.put([]byte{text[i]})
		require.Equal(t, (i+1)*2/len(text), p.ahead(args))
	}
	require.Equal(t, 2, p.ahead(args))
}

// What is announced and does not come takes no memory.
func TestParser_announced(t *testing.T) {
	p := newParser()
	p.put([]byte("*1048576\r\n$536870912\r\nabc"))
	argv, err := p.next()
	require.NoError(t, err)
	require.Nil(t, argv)
	require.Less(t, cap(p.buf), 64<<10)
	require.Less(t, cap(p.words), 16)
}

// A large command leaves no large buffer behind.
func TestParser_shrinks(t *testing.T) {
	p := newParser()
	p.put([]byte(bulks("SET", "k", strings.Repeat("x", 1<<20))))
	argv, err := p.next()
	require.NoError(t, err)
	require.Len(t, argv, 3)
	p.room()
	require.LessOrEqual(t, cap(p.buf), 4*roomAtLeast)
	p.put([]byte(bulks("GET", "k")))
	argv, err = p.next()
	require.NoError(t, err)
	require.Equal(t, []string{"GET", "k"}, argv)
}

func FuzzParser(f *testing.F) {
	f.Add([]byte("*2\r\n$3\r\nGET\r\n$1\r\nk\r\nPING\r\n"), 1)
	f.Add([]byte("ECHO \"\\x00\\n\" 'it\\'s'\r\n*-1\r\n*1\r\n$0\r\n\r\n"), 3)
	f.Fuzz(func(t *testing.T, data []byte, size int) {
		size = max(1, size%(len(data)+1))
		want, wantErr := parsed(string(data), max(1, len(data)))
		got, gotErr := parsed(string(data), size)
		if fmt.Sprint(want, wantErr) != fmt.Sprint(got, gotErr) {
			t.Fatalf("%q in pieces of %d: %q %v, whole: %q %v", data, size, got, gotErr, want, wantErr)
		}
	})
}
