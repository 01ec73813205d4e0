package znsocket

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/peers"
)

// pythonSegments are the real ones, in a process of their own.
type pythonSegments struct {
	t   *testing.T
	in  io.WriteCloser
	out *bufio.Scanner
}

func startPythonSegments(t *testing.T, addr, how string) *pythonSegments {
	cmd := exec.Command(peers.Python(t), "-W", "ignore", "testdata/interop/segments.py", "znsocket://"+addr, "origin", "s", how)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		assert.NoError(t, in.Close())
		assert.NoError(t, cmd.Wait())
	})
	p := &pythonSegments{t, in, bufio.NewScanner(out)}
	require.Equal(t, "ready", p.line())
	return p
}

func (p *pythonSegments) line() string {
	p.t.Helper()
	require.True(p.t, p.out.Scan(), "Python has ended: what it said is above")
	return p.out.Text()
}

// call returns what a method gave, as JSON.
func (p *pythonSegments) call(method string, args ...any) string {
	p.t.Helper()
	text, err := json.Marshal(append([]any{method}, args...))
	require.NoError(p.t, err)
	_, err = p.in.Write(append(text, '\n'))
	require.NoError(p.t, err)
	return p.line()
}

// Go and Python change the same Segments in turns, over a server of each, made by
// each.
func TestSegments_python(t *testing.T) {
	servers := map[string]func(t *testing.T) string{
		"Go server":     func(t *testing.T) string { _, addr := startServer(t); return addr },
		"Python server": startPythonServer,
	}
	for name, start := range servers {
		for _, how := range []string{"make", "open"} {
			t.Run(name+", Python's to "+how, func(t *testing.T) {
				addr, ctx := start(t), t.Context()
				c := dialTest(t, addr)
				l := NewList[int](c, "origin")
				model := indices(0, 12, 1)
				require.NoError(t, l.Append(ctx, model...))
				if how == "open" {
					_, err := l.Segments(ctx, "s")
					require.NoError(t, err)
				}
				python := startPythonSegments(t, addr, how)
				s := NewSegments[int](c, "s")
				r := rand.New(rand.NewPCG(7, 7))
				for next := 100; next < 180; next++ {
					i, byGo := r.IntN(len(model)), r.IntN(2) == 0
					switch op := r.IntN(5); {
					case op == 0 && byGo:
						require.NoError(t, s.Append(ctx, next))
						model = append(model, next)
					case op == 0:
						require.Equal(t, "null", python.call("append", next))
						model = append(model, next)
					case op <= 2 && byGo:
						require.NoError(t, s.Set(ctx, i-len(model)*r.IntN(2), next))
						model[i] = next
					case op <= 2:
						require.Equal(t, "null", python.call("__setitem__", i-len(model)*r.IntN(2), next))
						model[i] = next
					case op == 3 && byGo:
						require.NoError(t, s.Insert(ctx, i, next))
						model = slices.Insert(model, i, next)
					case op == 3:
						require.Equal(t, "null", python.call("insert", i, next))
						model = slices.Insert(model, i, next)
					case byGo:
						got, err := s.Pop(ctx, i)
						require.NoError(t, err)
						require.Equal(t, model[i], got)
						model = slices.Delete(model, i, i+1)
					default:
						require.Equal(t, fmt.Sprint(model[i]), python.call("pop", i))
						model = slices.Delete(model, i, i+1)
					}
					if next%8 > 0 {
						continue
					}
					ours, err := s.Slice(ctx, Begin, End)
					require.NoError(t, err)
					require.Equal(t, model, ours)
					theirs, err := json.Marshal(model)
					require.NoError(t, err)
					require.JSONEq(t, string(theirs), python.call("__getitem__", map[string]any{"slice": []any{nil, nil, nil}}))
					require.Equal(t, fmt.Sprint(len(model)), python.call("__len__"))
				}

				// The pieces are the texts that Python would have written.
				stored, err := NewCommands(c).LRange(ctx, s.Key(), 0, -1)
				require.NoError(t, err)
				raw := python.call("get_raw")
				require.Equal(t, "["+strings.Join(stored, ", ")+"]", raw)
				origin, err := l.Slice(ctx, Begin, End)
				require.NoError(t, err)
				require.Equal(t, indices(0, 12, 1), origin)
				require.NoError(t, s.Clear(ctx))
				require.Equal(t, "0", python.call("__len__"))
				require.Equal(t, `"IndexError"`, python.call("pop"))
				require.Equal(t, "null", python.call("append", 1))
				last, err := s.At(ctx, -1)
				require.NoError(t, err)
				require.Equal(t, 1, last)
			})
		}
	}
}
