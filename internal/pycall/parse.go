package pycall

import (
	"strconv"
	"strings"

	"github.com/znsocket/znsocket/internal/keyspace"
)

// This file is what redis-py makes of the replies that have a form of their
// own: values of the kinds that writer.value takes. The replies are those of a
// connection in RESP2, whose lists keep the order of a map.

// dict is a Python dict: keys and values in turn, in order.
type dict []any

// get returns the value of a key, or nil.
func (d dict) get(key string) any {
	if i := d.index(key); i >= 0 {
		return d[i]
	}
	return nil
}

// set gives a key a value: in its place if it has one, else at the end.
func (d *dict) set(key string, value any) {
	if i := d.index(key); i >= 0 {
		(*d)[i] = value
		return
	}
	*d = append(*d, key, value)
}

// index returns where the value of a key is, or -1.
func (d dict) index(key string) int {
	for i := 0; i+1 < len(d); i += 2 {
		if d[i] == key {
			return i + 1
		}
	}
	return -1
}

// parsers make of a reply what a shape says.
var parsers = map[shape]func(*writer, any) any{
	aclLog:         (*writer).aclLog,
	aclUser:        (*writer).aclUser,
	autoclaimed:    (*writer).autoclaimed,
	autoclaimedIDs: (*writer).autoclaimedIDs,
	clientInfo:     (*writer).clientInfo,
	clientList:     (*writer).clientList,
	clusterInfo:    (*writer).clusterInfo,
	clusterNodes:   (*writer).clusterNodes,
	commands:       (*writer).commands,
	coordinates:    (*writer).coordinates,
	debugObject:    (*writer).debugObject,
	entries:        (*writer).entries,
	functionStats:  (*writer).functionStats,
	grouped:        (*writer).grouped,
	info:           (*writer).info,
	killed:         (*writer).killed,
	mappings:       (*writer).mappings,
	memoryStats:    (*writer).memoryStats,
	pending:        (*writer).pending,
	places:         (*writer).places,
	poppedOne:      (*writer).poppedOne,
	slowlog:        (*writer).slowlog,
	streamFull:     (*writer).streamFull,
	streamInfo:     (*writer).streamInfo,
	streams:        (*writer).streams,
}

// asList, asText, asFloat and dict take a part of a reply for what it should be.
// Where it is something else the reply is refused.

func (w *writer) asList(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	case []string:
		list := make([]any, len(v))
		for i := range v {
			list[i] = v[i]
		}
		return list
	}
	w.fail(v)
	return nil
}

func (w *writer) asText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case keyspace.Status:
		return string(v)
	}
	w.fail(v)
	return ""
}

func (w *writer) dict(v any) dict {
	m, isMap := v.(map[any]any)
	list := flatten(m)
	if !isMap {
		list = w.asList(v)
	}
	if len(list)%2 != 0 {
		w.fail(v)
		return nil
	}
	d := make(dict, 0, len(list))
	places := make(map[string]int, len(list)/2)
	for i := 0; i < len(list); i += 2 {
		key := w.asText(list[i])
		if at, twice := places[key]; twice {
			d[at] = list[i+1]
			continue
		}
		places[key] = len(d) + 1
		d = append(d, key, list[i+1])
	}
	return d
}

// each makes something of every element of a list; nil of nil.
func (w *writer) each(reply any, of func(any) any) any {
	if reply == nil {
		return nil
	}
	list := w.asList(reply)
	made := make([]any, len(list))
	for i, v := range list {
		made[i] = of(v)
	}
	return made
}

// asFloat is a number, or a text of one.
func (w *writer) asFloat(v any) any {
	switch v := v.(type) {
	case float64:
		return v
	case int64:
		return float64(v)
	case string:
		if f, err := strconv.ParseFloat(v, 64); err == nil {
			return f
		}
	}
	w.fail(v)
	return nil
}

// mappings is a list of dicts.
func (w *writer) mappings(reply any) any {
	return w.each(reply, func(v any) any { return w.dict(v) })
}

func (w *writer) poppedOne(reply any) any {
	list := w.asList(reply)
	if list == nil {
		return nil
	}
	if len(list) != 3 {
		w.fail(reply)
		return nil
	}
	return []any{list[0], list[1], w.asFloat(list[2])}
}

func (w *writer) coordinates(reply any) any { return w.each(reply, w.coordinate) }

func (w *writer) coordinate(v any) any { return w.each(v, w.asFloat) }

// places are those found, or the number of those that were stored.
func (w *writer) places(reply any) any {
	if _, stored := reply.(int64); stored {
		return reply
	}
	return w.each(reply, w.place)
}

// place is a place alone, or a list of it and what was asked for: its distance
// is a text, its hash a number, and its coordinates are a list.
func (w *writer) place(v any) any {
	list, ok := v.([]any)
	if !ok || len(list) == 0 {
		return v
	}
	made := []any{list[0]}
	for _, part := range list[1:] {
		switch part.(type) {
		case []any, []string:
			part = w.coordinate(part)
		case int64:
		default:
			part = w.asFloat(part)
		}
		made = append(made, part)
	}
	return made
}

// grouped has the elements of a SORT together that belong to one key.
func (w *writer) grouped(reply any) any {
	if n, stored := reply.(int64); stored && n != 0 {
		w.err = &Error{"TypeError", "Invalid arguments for sort: 'int' object is not subscriptable"}
		return nil
	} else if stored {
		return reply
	}
	list := w.asList(reply)
	if w.groups == 0 {
		return reply
	}
	made := []any{}
	for ; len(list) >= w.groups; list = list[w.groups:] {
		made = append(made, list[:w.groups])
	}
	return made
}

// lines are the lines of a text.
func (w *writer) lines(reply any) []string {
	var lines []string
	for line := range strings.Lines(w.asText(reply)) {
		lines = append(lines, strings.TrimRight(line, "\r\n"))
	}
	return lines
}
