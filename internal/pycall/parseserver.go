package pycall

import (
	"strconv"
	"strings"
)

// This file is what redis-py makes of what a server says about itself.

// info is the text of INFO as a dict.
func (w *writer) info(reply any) any {
	d := dict{}
	add := func(key string, value any) {
		list, _ := d.get(key).([]any)
		d.set(key, append(list, value))
	}
	for _, line := range w.lines(reply) {
		key, value, ok := strings.Cut(line, ":")
		switch {
		case line == "" || line[0] == '#':
		case !ok:
			add("__raw__", line)
		case key == "module":
			add("modules", infoValue(value))
		default:
			if at := strings.LastIndexByte(line, ':'); key == "cmdstat_host" {
				key, value = line[:at], line[at+1:]
			}
			d.set(key, infoValue(value))
		}
	}
	return d
}

// infoValue is a value of INFO: a=1,b=2 is a dict, and 1,2 a list.
func infoValue(value string) any {
	if !strings.ContainsAny(value, ",=") {
		return number(value)
	}
	d, list := dict{}, []any{}
	for part := range strings.SplitSeq(value, ",") {
		if part == "" {
			continue
		}
		list = append(list, number(part))
		if at := strings.LastIndexByte(part, '='); at >= 0 {
			d.set(part[:at], number(part[at+1:]))
		} else {
			d.set(part, true)
		}
	}
	if strings.Contains(value, "=") {
		return d
	}
	return list
}

// number is the number that a text stands for, or the text.
func number(text string) any {
	trimmed := strings.TrimSpace(text)
	if strings.Trim(trimmed, "+-.0123456789eE") != "" {
		return text
	}
	if strings.Contains(trimmed, ".") {
		if f, err := strconv.ParseFloat(trimmed, 64); err == nil {
			return f
		}
		return text
	}
	if n, err := strconv.ParseInt(trimmed, 10, 64); err == nil {
		return n
	}
	if n, err := strconv.ParseUint(trimmed, 10, 64); err == nil {
		return n
	}
	return text
}

// setNumbers makes numbers of the texts of some keys.
func (d dict) setNumbers(keys ...string) {
	for _, key := range keys {
		if text, ok := d.get(key).(string); ok {
			d.set(key, number(text))
		}
	}
}

// clientInfo is a line of texts like id=3.
func (w *writer) clientInfo(reply any) any {
	d := dict{}
	for field := range strings.FieldsSeq(w.asText(reply)) {
		key, value, ok := strings.Cut(field, "=")
		if !ok {
			w.fail(reply)
			return nil
		}
		d.set(key, value)
	}
	d.setNumbers("id", "age", "idle", "db", "sub", "psub", "multi", "qbuf", "qbuf-free", "obl", "argv-mem", "oll", "omem", "tot-mem")
	return d
}

// clientList is such lines. A text with a space belongs to what is before it.
func (w *writer) clientList(reply any) any {
	clients := []any{}
	for _, line := range w.lines(reply) {
		var d dict
		for field := range strings.SplitSeq(line, " ") {
			key, value, ok := strings.Cut(field, "=")
			switch last := len(d) - 1; {
			case ok:
				d.set(key, value)
			case last < 0:
				w.fail(reply)
				return nil
			default:
				d[last] = w.asText(d[last]) + " " + field
			}
		}
		clients = append(clients, d)
	}
	return clients
}

func (w *writer) debugObject(reply any) any {
	d := dict{}
	for field := range strings.FieldsSeq("type:" + w.asText(reply)) {
		key, value, _ := strings.Cut(field, ":")
		d.set(key, value)
	}
	d.setNumbers("refcount", "serializedlength", "lru", "lru_seconds_idle")
	return d
}

// memoryStats has fractions as numbers.
func (w *writer) memoryStats(reply any) any {
	d := w.dict(reply)
	for i := 1; i < len(d); i += 2 {
		switch v := d[i].(type) {
		case string:
			d[i] = number(v)
		case []any:
			d[i] = w.dict(v)
		}
	}
	return d
}

// killed is how many clients were, or whether the one was.
func (w *writer) killed(reply any) any {
	if _, count := reply.(int64); count {
		return reply
	}
	return isText(reply, "OK")
}

func (w *writer) slowlog(reply any) any { return w.each(reply, w.slowlogEntry) }

// slowlogEntry is an entry of SLOWLOG GET.
func (w *writer) slowlogEntry(v any) any {
	list := w.asList(v)
	if len(list) < 4 {
		w.fail(v)
		return nil
	}
	var words []string
	for _, word := range w.asList(list[3]) {
		words = append(words, w.asText(word))
	}
	d := zip([]string{"id", "start_time", "duration", "command"}, append(list[:3:3], strings.Join(words, " ")))
	if len(list) >= 6 {
		d = append(d, "client_address", list[4], "client_name", list[5])
	}
	return d
}

// functionStats is a dict of dicts.
func (w *writer) functionStats(reply any) any {
	d := w.dict(reply)
	if script := d.get("running_script"); script != nil {
		d.set("running_script", w.dict(script))
	}
	engines := w.dict(d.get("engines"))
	for i := 1; i < len(engines); i += 2 {
		engines[i] = w.dict(engines[i])
	}
	d.set("engines", engines)
	return d
}

// commands is a dict of what COMMAND tells of each command.
func (w *writer) commands(reply any) any {
	d := dict{}
	for _, v := range w.asList(reply) {
		about := zip([]string{
			"name", "arity", "flags", "first_key_pos", "last_key_pos", "step_count", "acl_categories", "tips", "key_specifications", "subcommands",
		}, w.asList(w.command(v)))
		if len(about) == 0 {
			w.fail(v)
			return nil
		}
		d = append(d, about[1], about)
	}
	return d
}

// command makes dicts of the key specifications of a command and of its
// subcommands.
func (w *writer) command(v any) any {
	list := append([]any{}, w.asList(v)...)
	if len(list) == 10 {
		list[8] = w.each(list[8], func(v any) any {
			spec := w.dict(v)
			for _, part := range []string{"begin_search", "find_keys"} {
				search := w.dict(spec.get(part))
				search.set("spec", w.dict(search.get("spec")))
				spec.set(part, search)
			}
			return spec
		})
		list[9] = w.each(list[9], w.command)
	}
	return list
}

// aclUser is what ACL GETUSER tells, with the rules taken apart.
func (w *writer) aclUser(reply any) any {
	if reply == nil {
		return nil
	}
	d := w.dict(reply)
	for _, key := range []string{"keys", "channels"} {
		if text, ok := d.get(key).(string); ok {
			d.set(key, words(text))
		}
	}
	categories, commands := []any{}, []any{}
	for rule := range strings.SplitSeq(w.asText(d.get("commands")), " ") {
		if strings.Contains(rule, "@") {
			categories = append(categories, rule)
		} else {
			commands = append(commands, rule)
		}
	}
	enabled := false
	for _, flag := range w.asList(d.get("flags")) {
		enabled = enabled || isText(flag, "on")
	}
	d.set("commands", commands)
	d.set("categories", categories)
	d.set("enabled", enabled)
	return d
}

// words are the words of a text, none of an empty one.
func words(text string) []any {
	list := []any{}
	if text != "" {
		for word := range strings.SplitSeq(text, " ") {
			list = append(list, word)
		}
	}
	return list
}

// aclLog is the entries of ACL LOG, or whether it was emptied.
func (w *writer) aclLog(reply any) any {
	if _, list := reply.([]any); !list {
		return isText(reply, "OK")
	}
	return w.each(reply, func(v any) any {
		d := w.dict(v)
		d.set("client-info", w.clientInfo(d.get("client-info")))
		d.set("age-seconds", w.asFloat(d.get("age-seconds")))
		return d
	})
}
