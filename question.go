package znsocket

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/znsocket/znsocket/internal/engineio"
	"github.com/znsocket/znsocket/internal/keyspace"
	"github.com/znsocket/znsocket/internal/pyjson"
)

// question is what the owner of an adapter is asked, as it travels:
// [[],{"key":…,"method":…,…}].
type question struct {
	key     string
	payload []byte
}

// questionAbout begins a question; with adds an argument, and ready ends it.
func questionAbout(key, method string) question {
	payload := pyjson.AppendString([]byte(`[[],{"key":`), key)
	return question{key, pyjson.AppendString(append(payload, `,"method":`...), method)}
}

// with adds an argument that is JSON already.
func (q question) with(name, value string) question {
	q.payload = append(pyjson.AppendString(append(q.payload, ','), name), ':')
	q.payload = append(q.payload, value...)
	return q
}

func (q question) text(name, value string) question {
	return q.with(name, string(pyjson.AppendString(nil, value)))
}

func (q question) number(name string, n int) question { return q.with(name, strconv.Itoa(n)) }

func (q question) ready() question {
	q.payload = append(q.payload, "}]"...)
	return q
}

// answer is what a server or an owner answers: raw JSON, and attachments.
type answer struct {
	args        []byte
	attachments [][]byte
}

// keep returns args as they may be kept: see socketio.AnswerFunc.
func keep(args []byte) []byte {
	if len(args) <= engineio.RetainSize {
		return bytes.Clone(args)
	}
	return args
}

// askFor answers the command of an object whose key has an adapter: it asks the
// owner and makes of its answer what Redis would reply. A command that would
// change something is refused.
func askFor(ctx context.Context, l live, key string, argv []string) (any, error) {
	a := &asking{ctx, l, key}
	cmd, err := keyspace.Find(argv)
	if err != nil {
		return nil, a.frozen()
	}
	if err := cmd.CheckArity(len(argv)); err != nil {
		return nil, responseError(err)
	}
	switch cmd.Name {
	case "LLEN", "HLEN":
		return a.number(questionAbout(key, "__len__"))
	case "LINDEX":
		at, err := places(argv[2:3])
		if err != nil {
			return nil, err
		}
		return a.item(questionAbout(key, "__getitem__").number("index", at[0]), KindIndex)
	case "LRANGE":
		at, err := places(argv[2:4])
		if err != nil {
			return nil, err
		}
		q := questionAbout(key, "slice").number("start", at[0])
		if at[1] == -1 || at[1] == End {
			q = q.with("stop", "null")
		} else {
			q = q.number("stop", at[1]+1)
		}
		return a.texts(q.with("step", "1"))
	case "ZN.LSLICE":
		at, err := places(argv[2:5])
		if err != nil {
			return nil, err
		}
		return a.slice(at[0], at[1], at[2])
	case "HGET":
		return a.item(questionAbout(key, "__getitem__").text("dict_key", argv[2]), KindKey)
	case "HEXISTS":
		return a.number(questionAbout(key, "__contains__").text("dict_key", argv[2]))
	case "HKEYS":
		return a.keys()
	case "HGETALL":
		return a.items()
	case "EXISTS":
		if len(argv) == 2 {
			return int64(1), nil
		}
	case "COPY":
		prefix, _, _ := cutPrefix(key)
		if target, ok := strings.CutPrefix(argv[2], prefix); ok && len(argv) == 3 {
			return a.number(questionAbout(key, "copy").text("target", target))
		}
	}
	return nil, a.frozen()
}

// places reads words that are numbers of places.
func places(words []string) ([]int, error) {
	at := make([]int, len(words))
	for i, w := range words {
		var err error
		if at[i], err = strconv.Atoi(w); err != nil {
			return nil, responseError(keyspace.ErrNotInteger)
		}
	}
	return at, nil
}

// asking is one command that an adapter answers.
type asking struct {
	ctx context.Context
	live
	key string
}

// answer returns the owner's answer, or the error it is.
func (a *asking) answer(q question) (pyjson.Value, error) {
	got, err := a.ask(a.ctx, q.ready())
	if err != nil {
		return pyjson.Value{}, err
	}
	v, err := pyjson.Parse(got.args, got.attachments)
	if err != nil {
		return v, fmt.Errorf("znsocket: the owner of %s gave an answer that cannot be read: %w", a.key, err)
	}
	if err := refusalOf(&v); err != nil {
		return v, err
	}
	return v, nil
}

func (a *asking) frozen() error {
	return &Error{KindFrozen, fmt.Sprintf("'%s' has an adapter and is read-only: copy it to make changes", a.key)}
}

func (a *asking) unexpected(v *pyjson.Value, want string) error {
	if v.Kind == pyjson.String { // Python tells of what failed in a text, too
		if err := errorIn(v.Text); err != nil {
			return err
		}
	}
	return fmt.Errorf("znsocket: the owner of %s gave an answer that is no %s", a.key, want)
}

func (a *asking) number(q question) (any, error) {
	v, err := a.answer(q)
	if err != nil {
		return nil, err
	}
	switch v.Kind {
	case pyjson.True:
		return int64(1), nil
	case pyjson.False:
		return int64(0), nil
	case pyjson.Int:
		return strconv.ParseInt(v.Text, 10, 64)
	}
	return nil, a.unexpected(&v, "number")
}

// item answers nil where the owner's error is of the kind that says there is no
// such item.
func (a *asking) item(q question, missing string) (any, error) {
	v, err := a.answer(q)
	if err != nil {
		return nil, err
	}
	text, err := a.textOf(&v)
	var refused *Error
	if errors.As(err, &refused) && refused.Kind == missing {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return text, nil
}

// textOf reads an item: a text that is JSON itself, or an error.
func (a *asking) textOf(v *pyjson.Value) (string, error) {
	if v.Kind != pyjson.String {
		return "", a.unexpected(v, "JSON in a text")
	}
	if err := errorIn(v.Text); err != nil {
		return "", err
	}
	return strings.Clone(v.Text), nil // it lies in the whole answer
}

func (a *asking) texts(q question) ([]string, error) {
	v, err := a.answer(q)
	if err != nil {
		return nil, err
	}
	if v.Kind != pyjson.Array {
		return nil, a.unexpected(&v, "list")
	}
	texts := make([]string, len(v.Items))
	for i := range v.Items {
		if texts[i], err = a.textOf(&v.Items[i]); err != nil {
			return nil, err
		}
	}
	return texts, nil
}

// slice asks for [i:j:step]; a bound that is left open is null. With a negative
// step the end -1 means to Python's List that the begin is included, and to a
// Python slice that nothing is: so it is counted from the begin before it is
// sent.
func (a *asking) slice(i, j, step int) (any, error) {
	openStart, openStop := Begin, End
	if step < 0 {
		openStart, openStop = End, Begin
	}
	start, err := a.bound(i, openStart, step)
	if err != nil {
		return nil, err
	}
	stop, err := a.bound(j, openStop, step)
	if err != nil {
		return nil, err
	}
	texts, err := a.texts(questionAbout(a.key, "slice").with("start", start).with("stop", stop).number("step", step))
	if err != nil {
		return nil, err
	}
	return []any{int64(max(i, 0)), texts}, nil
}

// beforeBegin is a place that no list is long enough to count back to.
var beforeBegin = strconv.Itoa(math.MinInt32)

func (a *asking) bound(at, open, step int) (string, error) {
	switch {
	case at == open:
		return "null", nil
	case at >= 0 || step > 0:
		return strconv.Itoa(at), nil
	}
	size, err := a.number(questionAbout(a.key, "__len__"))
	if err != nil {
		return "", err
	}
	if at = max(at, math.MinInt32) + int(size.(int64)); at < 0 {
		return beforeBegin, nil
	}
	return strconv.Itoa(at), nil
}

func (a *asking) keys() (any, error) {
	v, err := a.answer(questionAbout(a.key, "keys"))
	if err != nil {
		return nil, err
	}
	if v.Kind != pyjson.Array {
		return nil, a.unexpected(&v, "list")
	}
	keys := make([]string, len(v.Items))
	for i := range v.Items {
		if keys[i], err = a.keyOf(&v.Items[i]); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

// keyOf reads the key of a dict, which may be a number in Python.
func (a *asking) keyOf(v *pyjson.Value) (string, error) {
	switch v.Kind {
	case pyjson.String, pyjson.Int, pyjson.Float:
		return strings.Clone(v.Text), nil
	}
	return "", a.unexpected(v, "key")
}

func (a *asking) items() (any, error) {
	v, err := a.answer(questionAbout(a.key, "items"))
	if err != nil {
		return nil, err
	}
	if v.Kind != pyjson.Array {
		return nil, a.unexpected(&v, "list")
	}
	pairs := make(keyspace.Pairs, 0, 2*len(v.Items))
	for i := range v.Items {
		item := &v.Items[i]
		if item.Kind != pyjson.Array || len(item.Items) != 2 {
			return nil, a.unexpected(item, "pair")
		}
		key, err := a.keyOf(&item.Items[0])
		if err != nil {
			return nil, err
		}
		text, err := a.textOf(&item.Items[1])
		if err != nil {
			return nil, err
		}
		pairs = append(pairs, key, text)
	}
	return pairs, nil
}

// errorIn returns the error in an item, if it is one:
// {"error":{"msg":…,"type":…}} and nothing else.
func errorIn(text string) error {
	if !strings.HasPrefix(text, `{"error"`) {
		return nil
	}
	v, err := pyjson.Parse([]byte(text), nil)
	if err != nil || len(v.Keys) != 1 || v.Items[0].Kind != pyjson.Object || len(v.Items[0].Keys) != 2 {
		return nil
	}
	if kind, ok := v.Items[0].Get("type"); !ok || kind.Kind != pyjson.String {
		return nil
	}
	return refusalOf(&v)
}

// isNoAdapter reports whether err says that key has no adapter.
func isNoAdapter(err error, key string) bool {
	refused, ok := err.(*Error)
	return ok && *refused == *noAdapter(key).(*Error)
}
