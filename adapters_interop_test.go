package znsocket

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/peers"
)

// sharedData is what every owner of adapters has, each in its own language. From
// Ints on it is arrays of numpy in Python.
type sharedData struct {
	Mixed   []any          `json:"mixed,omitempty"`
	Frames  []any          `json:"frames,omitempty"` // whose dicts and lists are adapters themselves
	User    map[string]any `json:"user,omitempty"`
	Failing []any          `json:"failing,omitempty"` // that has no element where there is nil
	Hanging []any          `json:"hanging,omitempty"` // whose elements do not come
	Ints    []int          `json:"ints,omitempty"`
	Row     []float64      `json:"row,omitempty"`
	Matrix  [][]float64    `json:"matrix,omitempty"`
	Wide    [][]float64    `json:"wide,omitempty"` // whose rows Python writes as files
}

func newSharedData() *sharedData {
	wide := make([][]float64, 2)
	for i := range 60 {
		wide[i/30] = append(wide[i/30], float64(i)/4)
	}
	return &sharedData{
		Mixed: []any{1, 2.5, "schön 😀 \u2028\n", "", nil, true, false, []any{1, []any{2, []any{}}},
			map[string]any{"a": map[string]any{"b": nil}}, -7, 1e300, 1<<53 - 1},
		Frames: []any{map[string]any{"charges": []any{1, 2}, "name": "a:b"}, []any{10, 20, 30}, "plain"},
		User: map[string]any{"a:b": 1, "age": 30, "name": "John", "none": nil, "tags": []any{"x", map[string]any{}},
			"é": "ü"},
		Failing: []any{1, nil, 3},
		Ints:    []int{4, 5},
		Row:     []float64{0.5, -1.5, 1e-300},
		Matrix:  [][]float64{{1, 2.5, 3}, {4, 5, 6}, {7, 8, 9}},
		Wide:    wide,
	}
}

// lookup is something that a reader of adapters is to do. As JSON it goes to
// programs in other languages; of an owner they take the Op only.
type lookup struct {
	Kind string `json:"kind"` // "List" or "Dict": what Key is opened as
	Key  string `json:"key"`
	Path []any  `json:"path"` // to an adapter inside
	Op   string `json:"op"`   // as testdata/interop/adapters.py has it; else a method of Python's List or Dict
	Args []any  `json:"args"`
}

// sighting is what came of it: a value, or an error with its name in Python.
type sighting struct {
	Value any    `json:"value"`
	Error string `json:"error"`
	Msg   string `json:"msg"`
}

func adapterReads() (reads []lookup) {
	add := func(kind, key string, path []any, op string, args ...any) {
		reads = append(reads, lookup{kind, key, path, op, args})
	}
	list := func(key string, path ...any) {
		add("List", key, path, "len")
		add("List", key, path, "all")
		for _, i := range []int{-99, -2, -1, 0, 1, 99} {
			add("List", key, path, "at", i)
		}
		for _, bounds := range [][]any{{1, -1, nil}, {-2, nil, 2}, {nil, nil, -1}, {-1, -99, -1}, {99, nil, nil}, {0, 2, nil}} {
			add("List", key, path, "slice", bounds...)
		}
	}
	dict := func(known, unknown string, kind, key string, path ...any) {
		for _, op := range []string{"len", "keys", "values", "items"} {
			add(kind, key, path, op)
		}
		for _, field := range []string{known, unknown, "none"} {
			add(kind, key, path, "at", field)
			add(kind, key, path, "in", field)
			add(kind, key, path, "get", field, map[string]any{"no": "such"})
		}
	}
	for _, key := range []string{"mixed", "frames", "failing", "row", "matrix", "wide", "ints"} {
		list(key)
	}
	list("frames", 1)
	list("frames", -2)
	dict("name", "no such", "Dict", "user")
	dict("name", "a", "List", "frames", 0)
	dict("charges", "", "List", "frames", -3)
	for _, field := range []string{"a:b", "age", "tags", "é", "ü"} {
		add("Dict", "user", nil, "at", field)
	}
	bounds := []any{nil, -99, -2, -1, 2, 99}
	for _, i := range bounds {
		for _, j := range bounds {
			for _, step := range []any{2, -1, -3} {
				add("List", "mixed", nil, "slice", i, j, step)
			}
		}
	}
	for _, value := range []any{2.5, "schön 😀 \u2028\n", []any{1, []any{2, []any{}}}, "absent"} {
		add("List", "mixed", nil, "in", value)
	}
	return reads
}

// adapterWrites would change what is read, if an adapter allowed it.
func adapterWrites() (writes []lookup) {
	for _, path := range [][]any{nil, {1}} {
		for op, args := range map[string][]any{
			"append": {1}, "extend": {[]any{1, 2}}, "insert": {0, 1}, "set": {0, 1}, "del": {0}, "pop": {-1}, "clear": {},
		} {
			writes = append(writes, lookup{"List", "frames", path, op, args})
		}
	}
	for _, q := range []lookup{{Kind: "Dict", Key: "user"}, {Kind: "List", Key: "frames", Path: []any{0}}} {
		for op, args := range map[string][]any{
			"set": {"name", 1}, "del": {"name"}, "pop": {"name"}, "update": {map[string]any{"a": 1}}, "clear": {},
		} {
			writes = append(writes, lookup{q.Kind, q.Key, q.Path, op, args})
		}
	}
	return writes
}

// adapterPeer is a program in another language that is told line by line what to
// do.
type adapterPeer struct {
	in  io.WriteCloser
	out *json.Decoder
	cmd *exec.Cmd
}

func startAdapterPeer(t *testing.T, language, role, addr string, data *sharedData) *adapterPeer {
	t.Helper()
	name, args := peers.Python(t), []string{"-W", "ignore", "testdata/interop/adapters.py", role, "znsocket://" + addr}
	if language == "JavaScript" {
		node, err := exec.LookPath("node")
		require.NoError(t, err, "no Node.js to test with: install it")
		name, args = node, []string{"testdata/js/adapters.js", role, "http://" + addr}
	}
	cmd := exec.Command(name, args...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	p := &adapterPeer{in, json.NewDecoder(out), cmd}
	t.Cleanup(func() {
		assert.NoError(t, in.Close())
		err := cmd.Wait()
		if cmd.ProcessState.Exited() { // it was not killed
			assert.NoError(t, err)
		}
	})
	require.Equal(t, sighting{Value: "ready"}, p.ask(data))
	return p
}

func (p *adapterPeer) ask(request any) sighting {
	if err := json.NewEncoder(p.in).Encode(request); err != nil {
		return sighting{Error: "gone", Msg: err.Error()}
	}
	return p.next()
}

func (p *adapterPeer) next() (o sighting) {
	if err := p.out.Decode(&o); err != nil {
		return sighting{Error: "gone", Msg: err.Error()}
	}
	return o
}

func (p *adapterPeer) read(q lookup) sighting { return p.ask(q) }

// goOwner has the data in this program.
func goOwner(t *testing.T, h Host, data *sharedData) (tell func(op string)) {
	var mu sync.RWMutex
	nest := func(v any) (any, error) {
		switch v := v.(type) {
		case map[string]any:
			return MapOf(v, mu.RLocker()), nil
		case []any:
			return SliceOf(&v, mu.RLocker()), nil
		}
		return v, nil
	}
	matrix, err := NewNDArray(data.Matrix)
	require.NoError(t, err)
	wide, err := NewNDArray(data.Wide)
	require.NoError(t, err)
	row, err := NewNDArray(data.Row)
	require.NoError(t, err)
	mixed := listAdapter(t, h, "mixed", SliceOf(&data.Mixed, mu.RLocker()))
	user := dictAdapter(t, h, "user", MapOf(data.User, mu.RLocker()))
	listAdapter(t, h, "frames", Transform(SliceOf(&data.Frames, nil), nest))
	listAdapter(t, h, "failing", Transform(SliceOf(&data.Failing, nil), func(v any) (any, error) {
		if v == nil {
			return nil, &Error{KindValue, "out of paper"}
		}
		return v, nil
	}))
	listAdapter(t, h, "ints", SliceOf(&data.Ints, nil))
	listAdapter(t, h, "row", ArrayOf(row, nil))
	listAdapter(t, h, "matrix", ArrayOf(matrix, mu.RLocker()))
	listAdapter(t, h, "wide", ArrayOf(wide, nil))

	return func(op string) {
		mu.Lock()
		defer mu.Unlock()
		switch op {
		case "change":
			data.Mixed = append(data.Mixed, "new")
			data.Frames[0].(map[string]any)["name"] = "renamed"
			data.User["ü"] = []any{1}
			matrix.Data.([]float64)[0] = 100
		case "announce":
			mixed.Changed(Refresh{Indices: []int{len(data.Mixed) - 1}})
			user.Changed(Refresh{Keys: []string{"ü"}})
		}
	}
}

// goAdapterReader reads with Lists and Dicts of this program.
type goAdapterReader struct {
	t     *testing.T
	c     Commander
	heard chan Refresh
}

func newGoAdapterReader(t *testing.T, c Commander) *goAdapterReader {
	return &goAdapterReader{t, c, make(chan Refresh, 10)}
}

func (r *goAdapterReader) read(q lookup) (o sighting) {
	v, err := r.answer(q)
	if err == nil {
		var text []byte
		if text, err = json.Marshal(v); err == nil {
			err = json.Unmarshal(text, &o.Value)
		}
	}
	if err != nil {
		return sighting{Error: nameInPython(err), Msg: err.Error()}
	}
	return o
}

func nameInPython(err error) string {
	var refused *Error
	switch {
	case errors.Is(err, ErrNil):
		return KindKey
	case errors.Is(err, ErrOutOfRange):
		return KindIndex
	case errors.As(err, &refused):
		return refused.Kind
	}
	return "Exception"
}

func (r *goAdapterReader) answer(q lookup) (v any, err error) {
	ctx := r.t.Context()
	switch {
	case q.Op == "heard":
		select {
		case change := <-r.heard:
			return change, nil
		case <-time.After(20 * time.Second):
			return nil, errors.New("nothing heard")
		}
	case q.Kind == "List":
		v = NewList[any](r.c, q.Key)
	default:
		v = NewDict[any](r.c, q.Key)
	}
	for _, step := range q.Path {
		switch o := v.(type) {
		case *List[any]:
			v, err = o.At(ctx, step.(int))
		case *Dict[any]:
			v, err = o.Get(ctx, step.(string))
		}
		if err != nil {
			return nil, err
		}
	}
	if l, ok := v.(*List[any]); ok {
		v, err = r.list(ctx, l, q)
	} else {
		v, err = r.dict(ctx, v.(*Dict[any]), q)
	}
	if err != nil {
		return nil, err
	}
	return plainValue(ctx, v)
}

func (r *goAdapterReader) list(ctx context.Context, l *List[any], q lookup) (any, error) {
	switch q.Op {
	case "listen":
		r.t.Cleanup(l.OnRefresh(func(change Refresh) { r.heard <- change }))
		return nil, nil
	case "len":
		return l.Len(ctx)
	case "at":
		return l.At(ctx, q.Args[0].(int))
	case "slice":
		i, j, step := q.bounds()
		return l.SliceStep(ctx, i, j, step)
	case "all":
		all := []any{}
		for v, err := range l.All(ctx) {
			if err != nil {
				return nil, err
			}
			all = append(all, v)
		}
		return all, nil
	case "in":
		return l.Contains(ctx, q.Args[0])
	case "copy":
		copied, err := l.Copy(ctx, q.Args[0].(string))
		if err != nil {
			return nil, err
		}
		if err := copied.Append(ctx, "added"); err != nil {
			return nil, err
		}
		return copied.Slice(ctx, Begin, End)
	case "append":
		return nil, l.Append(ctx, q.Args[0])
	case "extend":
		return nil, l.Append(ctx, q.Args[0].([]any)...)
	case "insert":
		return nil, l.Insert(ctx, q.Args[0].(int), q.Args[1])
	case "set":
		return nil, l.Set(ctx, q.Args[0].(int), q.Args[1])
	case "del":
		return nil, l.DeleteAt(ctx, q.Args[0].(int))
	case "pop":
		return l.Pop(ctx, q.Args[0].(int))
	case "clear":
		return nil, l.Clear(ctx)
	}
	return nil, errors.ErrUnsupported
}

func (r *goAdapterReader) dict(ctx context.Context, d *Dict[any], q lookup) (any, error) {
	switch q.Op {
	case "listen":
		r.t.Cleanup(d.OnRefresh(func(change Refresh) { r.heard <- change }))
		return nil, nil
	case "len":
		return d.Len(ctx)
	case "at":
		return d.Get(ctx, q.Args[0].(string))
	case "get":
		v, err := d.Get(ctx, q.Args[0].(string))
		if errors.Is(err, ErrNil) {
			return q.Args[1], nil
		}
		return v, err
	case "in":
		return d.Has(ctx, q.Args[0].(string))
	case "keys":
		return d.Keys(ctx)
	case "values":
		return d.Values(ctx)
	case "items":
		return pairsOf(d.Items(ctx))
	case "copy":
		copied, err := d.Copy(ctx, q.Args[0].(string))
		if err != nil {
			return nil, err
		}
		if err := copied.Set(ctx, "added", 1); err != nil {
			return nil, err
		}
		return pairsOf(copied.Items(ctx))
	case "set":
		return nil, d.Set(ctx, q.Args[0].(string), q.Args[1])
	case "del":
		return d.Delete(ctx, q.Args[0].(string))
	case "pop":
		return d.Pop(ctx, q.Args[0].(string))
	case "update":
		return nil, d.Update(ctx, q.Args[0].(map[string]any))
	case "clear":
		return nil, d.Clear(ctx)
	}
	return nil, errors.ErrUnsupported
}

func pairsOf(items []Item[any], err error) ([]any, error) {
	pairs := make([]any, len(items))
	for i, item := range items {
		pairs[i] = []any{item.Key, item.Value}
	}
	return pairs, err
}

// plainValue is a value without Lists, Dicts and arrays.
func plainValue(ctx context.Context, v any) (any, error) {
	var err error
	switch o := v.(type) {
	case *NDArray:
		var row []float64
		err = o.Into(&row)
		return row, err
	case *List[any]:
		if v, err = o.Slice(ctx, Begin, End); err != nil {
			return nil, err
		}
	case *Dict[any]:
		if v, err = o.Map(ctx); err != nil {
			return nil, err
		}
	}
	switch o := v.(type) {
	case []any:
		for i := range o {
			if o[i], err = plainValue(ctx, o[i]); err != nil {
				return nil, err
			}
		}
	case map[string]any:
		for key := range o {
			if o[key], err = plainValue(ctx, o[key]); err != nil {
				return nil, err
			}
		}
	}
	return v, nil
}

// bounds are those of a slice, where nil is one left open.
func (q lookup) bounds() (i, j, step int) {
	i, j, step = Begin, End, 1
	if by, ok := q.Args[2].(int); ok {
		step = by
	}
	if step < 0 {
		i, j = End, Begin
	}
	if at, ok := q.Args[0].(int); ok {
		i = at
	}
	if at, ok := q.Args[1].(int); ok {
		j = at
	}
	return i, j, step
}

var adapterOwners = []struct {
	name, language string
	start          func(t *testing.T, srv *Server, addr string, data *sharedData) (tell func(op string))
}{
	{"Go in the Store", "Go", func(t *testing.T, srv *Server, _ string, data *sharedData) func(string) {
		return goOwner(t, srv.Store(), data)
	}},
	{"a Go client", "Go", func(t *testing.T, _ *Server, addr string, data *sharedData) func(string) {
		return goOwner(t, dialTest(t, addr), data)
	}},
	{"Python", "Python", peerOwner("Python")},
	{"JavaScript", "JavaScript", peerOwner("JavaScript")},
}

func peerOwner(language string) func(*testing.T, *Server, string, *sharedData) func(string) {
	return func(t *testing.T, _ *Server, addr string, data *sharedData) func(string) {
		p := startAdapterPeer(t, language, "own", addr, data)
		return func(op string) { require.Equal(t, sighting{}, p.ask(lookup{Op: op})) }
	}
}

var adapterReaders = []struct {
	name, language string
	start          func(t *testing.T, srv *Server, addr string) (read func(lookup) sighting)
}{
	{"Go in the Store", "Go", func(t *testing.T, srv *Server, _ string) func(lookup) sighting {
		return newGoAdapterReader(t, srv.Store()).read
	}},
	{"a Go client", "Go", func(t *testing.T, _ *Server, addr string) func(lookup) sighting {
		return newGoAdapterReader(t, dialTest(t, addr)).read
	}},
	{"Python", "Python", peerReader("Python")},
	{"JavaScript", "JavaScript", peerReader("JavaScript")},
}

func peerReader(language string) func(*testing.T, *Server, string) func(lookup) sighting {
	return func(t *testing.T, _ *Server, addr string) func(lookup) sighting {
		return startAdapterPeer(t, language, "read", addr, nil).read
	}
}

// Whoever owns an adapter and whoever reads it, what is seen is what Python sees
// of the same data without ZnSocket.
func TestAdapter_betweenLanguages(t *testing.T) {
	oracle := startAdapterPeer(t, "Python", "plain", "", newSharedData())
	changed := startAdapterPeer(t, "Python", "plain", "", newSharedData())
	require.Equal(t, sighting{}, changed.ask(lookup{Op: "change"}))
	for _, owner := range adapterOwners {
		for _, reader := range adapterReaders {
			t.Run(owner.name+", read by "+reader.name, func(t *testing.T) {
				srv, addr := startServer(t)
				tell := owner.start(t, srv, addr, newSharedData())
				direction{t, owner.language, reader.language, tell, reader.start(t, srv, addr)}.test(oracle, changed)
			})
		}
	}
	t.Run("Python, read by Python, on Python's server", func(t *testing.T) {
		addr := startPythonServer(t)
		tell := peerOwner("Python")(t, nil, addr, newSharedData())
		direction{t, "Python", "Python", tell, peerReader("Python")(t, nil, addr)}.test(oracle, changed)
	})
}

// direction is from one owner to one reader.
type direction struct {
	t             *testing.T
	owner, reader string // languages
	tell          func(op string)
	read          func(lookup) sighting
}

// test compares with the data as it is at first and as it is changed then.
func (d direction) test(oracle, changed *adapterPeer) {
	reads := adapterReads()
	for _, q := range reads {
		d.compare(oracle, q)
	}
	mixed, user := lookup{Kind: "List", Key: "mixed"}, lookup{Kind: "Dict", Key: "user"}
	for _, q := range []lookup{mixed, user, {Kind: "List", Key: "frames"}, {Kind: "List", Key: "matrix"}, {Kind: "List", Key: "row"},
		{Kind: "List", Key: "frames", Path: []any{1}}, {Kind: "List", Key: "frames", Path: []any{0}}} {
		q.Op, q.Args = "copy", []any{fmt.Sprint("copy of ", q.Key, q.Path)}
		d.compare(oracle, q)
	}
	if d.reader != "JavaScript" { // which has no objects that could refuse it
		for _, q := range adapterWrites() {
			assert.Equal(d.t, KindFrozen, d.read(q).Error, "%+v", q)
		}
	}

	for _, q := range []lookup{mixed, user} {
		q.Op = "listen"
		require.Equal(d.t, sighting{}, d.read(q))
	}
	d.tell("change")
	for _, q := range reads {
		if q.Op != "slice" {
			d.compare(changed, q)
		}
	}
	d.tell("announce")
	mixed.Op = "heard"
	assert.ElementsMatch(d.t, []any{ // Python hears of each in a thread of its own
		map[string]any{"indices": []any{12.}}, map[string]any{"keys": []any{"ü"}},
	}, []any{d.read(mixed).Value, d.read(mixed).Value})
}

func (d direction) compare(oracle *adapterPeer, q lookup) {
	d.t.Helper()
	want, got := d.expect(oracle, q), d.read(q)
	if want.Error == KindKey || want.Error == KindIndex || want.Error == "JSONDecodeError" {
		want.Msg, got.Msg = "", "" // each says it in its own words
	}
	if want.Msg != "" && strings.Contains(got.Msg, want.Msg) {
		got.Msg = want.Msg
	}
	assert.Equal(d.t, want, got, "%+v", q)
}

// expect is what the reader should see: what is there, but for what Python's own
// objects do to it over a server of their own, too.
func (d direction) expect(oracle *adapterPeer, q lookup) sighting {
	asked := q
	if q.Op == "slice" {
		i, j, step := q.bounds()
		switch {
		case step > 0:
		case d.reader == "Python" && d.owner != "Go":
			asked.Op = "counted"
		case d.reader == "JavaScript" && d.owner == "Go" && i != End && min(i, j) == -1:
			asked.Op = "places" // as Go has to understand the question of Python's List
		}
	}
	want := oracle.ask(asked)
	if values, isList := want.Value.([]any); d.owner == "Python" && q.Key == "ints" && q.Op != "len" &&
		want.Error == "" && !(isList && len(values) == 0) {
		want = sighting{Error: KindType, Msg: "int64 is not JSON serializable"}
	}
	switch {
	case d.reader != "Python":
	case q.Op == "slice" && (want.Error == KindValue || want.Error == KindType):
		want = sighting{Error: "JSONDecodeError"} // it takes the error for elements
	case want.Error == KindValue:
		want.Error = "ZnSocketError"
	}
	return want
}

// What Python's README shows of adapters.
func TestAdapter_pythonReadme(t *testing.T) {
	_, addr := startServer(t)
	out, err := exec.CommandContext(t.Context(), peers.Python(t), "-W", "ignore", "testdata/interop/adapters.py", "readme", "znsocket://"+addr).Output()
	require.NoError(t, err)
	assert.Equal(t, "5\n1\n[2, 3]\n6\n6\nJohn\n['name', 'age', 'city']\nTrue\nGermany\n4\n", string(out))
}

// An owner that hangs is an error for who reads, when its time is over.
func TestAdapter_hangsInAnotherLanguage(t *testing.T) {
	for _, owner := range []string{"Go", "Python", "JavaScript"} {
		t.Run(owner, func(t *testing.T) {
			srv, addr := startServer(t, WithAdapterTimeout(100*time.Millisecond))
			if owner == "Go" {
				release := make(chan struct{})
				defer close(release)
				listAdapter(t, dialTest(t, addr), "hanging", slow{release})
			} else {
				startAdapterPeer(t, owner, "own", addr, &sharedData{Hanging: []any{1}})
			}
			for _, reader := range adapterReaders {
				got := reader.start(t, srv, addr)(lookup{Kind: "List", Key: "hanging", Op: "copy", Args: []any{"copy"}})
				want := KindTimeout
				if reader.language == "Python" {
					want = "ZnSocketError" // which has no other name for it
				}
				assert.Equal(t, want, got.Error, reader.name)
				assert.Contains(t, got.Msg, "did not answer within 100ms", reader.name)
			}
		})
	}
}

// When an owner's program is killed, who has just asked it hears of that at once
// and others find nothing there.
func TestAdapter_killedInAnotherLanguage(t *testing.T) {
	for _, language := range []string{"Python", "JavaScript"} {
		t.Run(language, func(t *testing.T) {
			srv, addr := startServer(t, WithAdapterTimeout(time.Hour))
			owner := startAdapterPeer(t, language, "own", addr, &sharedData{Hanging: []any{1}})
			var reads []func(lookup) sighting
			answers := make([]chan sighting, len(adapterReaders))
			for i, reader := range adapterReaders {
				reads = append(reads, reader.start(t, srv, addr))
				answers[i] = make(chan sighting, 1)
				go func() { answers[i] <- reads[i](lookup{Kind: "List", Key: "hanging", Op: "at", Args: []any{0}}) }()
				require.Equal(t, sighting{Value: "asked"}, owner.next())
			}
			require.NoError(t, owner.cmd.Process.Kill())
			for i, reader := range adapterReaders {
				got := <-answers[i]
				if reader.language == "Python" {
					assert.Equal(t, KindType, got.Error, "it reads the error as an element")
					continue
				}
				assert.Equal(t, sighting{Error: KindKey, Msg: got.Msg}, got, reader.name)
				assert.Contains(t, got.Msg, "The owner of znsocket.List:hanging has gone", reader.name)
			}
			for i, reader := range adapterReaders {
				assert.Eventually(t, func() bool {
					got := reads[i](lookup{Kind: "List", Key: "hanging", Op: "len"})
					return got.Value == 0. || reader.language == "JavaScript" && strings.Contains(got.Msg, "does not exist in storage")
				}, 10*time.Second, time.Millisecond, reader.name)
			}
		})
	}
}
