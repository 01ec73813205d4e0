package znsocket

import (
	"fmt"
	"strconv"

	"github.com/znsocket/znsocket/internal/keyspace"
)

// Z is a member of a sorted set with its score.
type Z = keyspace.Scored

// plain turns a reply of the engine into one of the kinds Commander promises.
func plain(v any) any {
	switch v := v.(type) {
	case keyspace.Status:
		return string(v)
	case []string:
		return anys(v)
	case keyspace.Set:
		return anys(v)
	case keyspace.Pairs:
		m := make(map[string]any, len(v)/2)
		for i := 0; i+1 < len(v); i += 2 {
			m[v[i]] = v[i+1]
		}
		return m
	case keyspace.Scores:
		list := make([]any, len(v))
		for i, z := range v {
			list[i] = []any{z.Member, z.Score}
		}
		return list
	case keyspace.Scan:
		return []any{strconv.FormatUint(v.Cursor, 10), plain(v.Items)}
	case keyspace.Error: // among what a script returns
		return responseError(v)
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = plain(v[i])
		}
		return list
	}
	return v
}

func anys(s []string) []any {
	list := make([]any, len(s))
	for i := range s {
		list[i] = s[i]
	}
	return list
}

// The as… functions read a reply as what a typed method returns. They take the
// engine's kinds and also what Redis clients give for RESP2 and RESP3: maps as
// flat lists or map[any]any, floats as text, bools.

func unexpected[T any](v any, want string) (T, error) {
	var zero T
	return zero, fmt.Errorf("znsocket: unexpected reply of type %T: want %s", v, want)
}

func asText(v any) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case nil:
		return "", ErrNil
	case keyspace.Status:
		return string(v), nil
	case []byte:
		return string(v), nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	case float64:
		return formatFloat(v), nil
	}
	return unexpected[string](v, "a string")
}

// asDone is for commands whose reply says no more than that they were carried
// out. A Python server says not even that.
func asDone(any) (struct{}, error) { return struct{}{}, nil }

// asHeld is asDone where a nil reply says that a condition such as NX did not
// hold.
func asHeld(v any) (struct{}, error) {
	if v == nil {
		return struct{}{}, ErrNil
	}
	return struct{}{}, nil
}

func asInt(v any) (int64, error) {
	switch v := v.(type) {
	case int64:
		return v, nil
	case nil:
		return 0, ErrNil
	case int:
		return int64(v), nil
	case bool:
		if v {
			return 1, nil
		}
		return 0, nil
	case string:
		if n, err := strconv.ParseInt(v, 10, 64); err == nil {
			return n, nil
		}
	case float64:
		if n := int64(v); float64(n) == v {
			return n, nil
		}
	}
	return unexpected[int64](v, "an integer")
}

// asBool reads 1 and 0, OK and nil.
func asBool(v any) (bool, error) {
	switch v := v.(type) {
	case nil:
		return false, nil
	case bool:
		return v, nil
	case keyspace.Status:
		return true, nil
	case string:
		if v == "OK" {
			return true, nil
		}
	}
	n, err := asInt(v)
	return n != 0, err
}

func asFloat(v any) (float64, error) {
	switch v := v.(type) {
	case float64:
		return v, nil
	case nil:
		return 0, ErrNil
	case int64:
		return float64(v), nil
	case string:
		if f, err := strconv.ParseFloat(v, 64); err == nil {
			return f, nil
		}
	}
	return unexpected[float64](v, "a number")
}

func asAny(v any) (any, error) { return plain(v), nil }

// asList reads a list whose elements may be nil.
func asList(v any) ([]any, error) {
	switch v := plain(v).(type) {
	case nil:
		return []any{}, nil
	case []any:
		return v, nil
	}
	return unexpected[[]any](v, "a list")
}

func asTexts(v any) ([]string, error) {
	switch v := v.(type) {
	case []string:
		return v, nil
	case keyspace.Set:
		return v, nil
	case keyspace.Pairs:
		return v, nil
	case nil:
		return []string{}, nil
	case string:
		return []string{v}, nil
	case []any:
		texts := make([]string, len(v))
		for i := range v {
			text, err := asText(v[i])
			if err != nil {
				return nil, err
			}
			texts[i] = text
		}
		return texts, nil
	case map[any]struct{}:
		texts := make([]string, 0, len(v))
		for k := range v {
			texts = append(texts, fmt.Sprint(k))
		}
		return texts, nil
	}
	return unexpected[[]string](v, "a list of strings")
}

// asPairs reads a map as keys and values in turn.
func asPairs(v any) ([]string, error) {
	flat := func(k string, val any, pairs []string) ([]string, error) {
		text, err := asText(val)
		return append(pairs, k, text), err
	}
	switch m := v.(type) {
	case map[string]string:
		pairs := make([]string, 0, 2*len(m))
		for k, val := range m {
			pairs = append(pairs, k, val)
		}
		return pairs, nil
	case map[string]any:
		pairs, err := make([]string, 0, 2*len(m)), error(nil)
		for k, val := range m {
			if pairs, err = flat(k, val, pairs); err != nil {
				return nil, err
			}
		}
		return pairs, nil
	case map[any]any:
		pairs, err := make([]string, 0, 2*len(m)), error(nil)
		for k, val := range m {
			if pairs, err = flat(fmt.Sprint(k), val, pairs); err != nil {
				return nil, err
			}
		}
		return pairs, nil
	}
	texts, err := asTexts(v)
	if err == nil && len(texts)%2 != 0 {
		return unexpected[[]string](v, "a map")
	}
	return texts, err
}

func asMap(v any) (map[string]string, error) {
	pairs, err := asPairs(v)
	if err != nil {
		return nil, err
	}
	m := make(map[string]string, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return m, nil
}

// asScores reads members with scores: the engine's, a flat list, or pairs.
func asScores(v any) ([]Z, error) {
	switch v := v.(type) {
	case nil:
		return []Z{}, nil
	case keyspace.Scores:
		return v, nil
	case []any:
		if len(v) > 0 {
			if _, nested := v[0].([]any); !nested {
				break
			}
		}
		scores := make([]Z, len(v))
		for i := range v {
			pair, _ := v[i].([]any)
			if len(pair) != 2 {
				return unexpected[[]Z](v[i], "a member with its score")
			}
			z, err := scored(pair[0], pair[1])
			if err != nil {
				return nil, err
			}
			scores[i] = z
		}
		return scores, nil
	}
	flat, err := asList(v)
	if err != nil || len(flat)%2 != 0 {
		return unexpected[[]Z](v, "members with scores")
	}
	scores := make([]Z, len(flat)/2)
	for i := range scores {
		if scores[i], err = scored(flat[2*i], flat[2*i+1]); err != nil {
			return nil, err
		}
	}
	return scores, nil
}

func scored(member, score any) (Z, error) {
	m, err := asText(member)
	if err != nil {
		return Z{}, err
	}
	f, err := asFloat(score)
	return Z{Member: m, Score: f}, err
}

// page is one reply of a SCAN command.
type page struct {
	cursor uint64
	items  any
}

func asPage(v any) (page, error) {
	switch v := v.(type) {
	case keyspace.Scan:
		return page{v.Cursor, v.Items}, nil
	case []any:
		if len(v) == 2 {
			text, err := asText(v[0])
			if err != nil {
				return page{}, err
			}
			cursor, err := strconv.ParseUint(text, 10, 64)
			return page{cursor, v[1]}, err
		}
	}
	return unexpected[page](v, "a cursor and a list")
}
