package pycall

import "strconv"

// This file is what redis-py makes of replies about streams.

// entry is an entry of a stream: [id, {field: value, …}], and for a pending one
// what else is told of it. One that was deleted is [null, null].
func (w *writer) entry(v any) any {
	list := w.asList(v)
	switch len(list) {
	case 0:
		return []any{nil, nil}
	case 1:
		w.fail(v)
		return nil
	}
	return append([]any{list[0], w.dict(list[1])}, list[2:]...)
}

func (w *writer) entries(reply any) any { return w.each(reply, w.entry) }

func (w *writer) streams(reply any) any {
	made := []any{}
	if m, ok := reply.(map[any]any); ok {
		list := flatten(m)
		for i := 0; i < len(list); i += 2 {
			made = append(made, []any{list[i], w.entries(list[i+1])})
		}
		return made
	}
	for _, v := range w.asList(reply) {
		name, list, ok := split(v)
		if !ok {
			w.fail(v)
			return nil
		}
		made = append(made, []any{name, w.entries(list)})
	}
	return made
}

func (w *writer) autoclaimed(reply any) any {
	list := w.asList(reply)
	if len(list) < 2 {
		w.fail(reply)
		return nil
	}
	return append([]any{list[0], w.entries(list[1])}, list[2:]...)
}

func (w *writer) autoclaimedIDs(reply any) any {
	list := w.asList(reply)
	if len(list) < 2 {
		w.fail(reply)
		return nil
	}
	return list[1]
}

// pending is the reply to XPENDING: the summary, or its details.
func (w *writer) pending(reply any) any {
	list := w.asList(reply)
	if len(list) == 4 {
		if _, summary := list[0].(int64); summary {
			consumers := []any{}
			for _, v := range w.asList(list[3]) {
				name, n, _ := split(v)
				count, err := strconv.ParseInt(w.asText(n), 10, 64)
				if err != nil {
					w.fail(n)
				}
				consumers = append(consumers, dict{"name", name, "pending", count})
			}
			return dict{"pending", list[0], "min", list[1], "max", list[2], "consumers", consumers}
		}
	}
	return w.each(reply, func(v any) any {
		return zip([]string{"message_id", "consumer", "time_since_delivered", "times_delivered"}, w.asList(v))
	})
}

// zip makes a dict of names and values, as many as there are of both.
func zip(names []string, values []any) dict {
	var d dict
	for i := range min(len(names), len(values)) {
		d = append(d, names[i], values[i])
	}
	return d
}

func (w *writer) streamInfo(reply any) any {
	d := w.dict(reply)
	for _, name := range []string{"first-entry", "last-entry"} {
		if v := d.get(name); v != nil {
			d.set(name, w.entry(v))
		}
	}
	return d
}

func (w *writer) streamFull(reply any) any {
	d := w.dict(reply)
	entries := dict{}
	for _, v := range w.asList(d.get("entries")) {
		id, fields, ok := split(v)
		if !ok {
			w.fail(v)
			return nil
		}
		entries = append(entries, id, w.dict(fields))
	}
	d.set("entries", entries)
	d.set("groups", w.each(d.get("groups"), func(v any) any {
		group := w.dict(v)
		group.set("consumers", w.each(group.get("consumers"), func(v any) any { return w.dict(v) }))
		return group
	}))
	return d
}
