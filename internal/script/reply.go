package script

import (
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/znsocket/znsocket/internal/keyspace"
)

// value is the reply of a command as scripts have it: as RESP2 has it, or RESP3
// where the script has said so.
func (m *machine) value(l *lua.LState, v any) lua.LValue {
	m.work(l, 1)
	switch v := v.(type) {
	case nil:
		if m.resp3 {
			return lua.LNil
		}
		return lua.LFalse
	case string:
		m.grow(l, len(v))
		return lua.LString(v)
	case int64:
		return lua.LNumber(v)
	case keyspace.Status:
		return m.one("ok", lua.LString(v))
	case float64:
		return m.double(v)
	case bool:
		if m.resp3 {
			return lua.LBool(v)
		}
		return m.value(l, map[bool]int64{true: 1}[v])
	case error:
		return m.errorTable("-" + v.Error())
	case []string:
		return m.texts(l, v)
	case keyspace.Set:
		if !m.resp3 {
			return m.texts(l, v)
		}
		set := l.NewTable()
		for _, text := range v {
			set.RawSetString(text, lua.LTrue)
		}
		m.work(l, len(v))
		return m.one("set", set)
	case keyspace.Pairs:
		if !m.resp3 {
			return m.texts(l, v)
		}
		fields := l.NewTable()
		for i := 0; i+1 < len(v); i += 2 {
			fields.RawSetString(v[i], lua.LString(v[i+1]))
		}
		m.work(l, len(v))
		return m.one("map", fields)
	case keyspace.Map:
		if !m.resp3 {
			return m.elements(l, v)
		}
		fields := l.NewTable()
		for i := 0; i+1 < len(v); i += 2 {
			fields.RawSet(m.value(l, v[i]), m.value(l, v[i+1]))
		}
		return m.one("map", fields)
	case keyspace.Scores:
		return m.scores(l, v)
	case keyspace.Scan:
		t := l.NewTable()
		t.Append(lua.LString(strconv.FormatUint(v.Cursor, 10)))
		t.Append(m.scanned(l, v.Items))
		return t
	case []any:
		return m.elements(l, v)
	}
	return lua.LFalse
}

func (m *machine) one(name string, v lua.LValue) lua.LValue {
	t := m.l.CreateTable(0, 1)
	t.RawSetString(name, v)
	return t
}

func (m *machine) double(f float64) lua.LValue {
	if m.resp3 {
		return m.one("double", lua.LNumber(f))
	}
	return lua.LString(keyspace.FormatFloat(f))
}

func (m *machine) texts(l *lua.LState, texts []string) lua.LValue {
	size := 0
	for _, text := range texts {
		size += len(text) + 2*valueBytes
	}
	m.work(l, len(texts))
	m.grow(l, size)
	return m.list(texts)
}

// valueBytes is what a value takes in a table, beside its text.
const valueBytes = 16

func (m *machine) elements(l *lua.LState, list []any) lua.LValue {
	m.grow(l, valueBytes*len(list))
	t := l.CreateTable(len(list), 0)
	for i, v := range list {
		t.RawSetInt(i+1, m.value(l, v))
	}
	return t
}

func (m *machine) scores(l *lua.LState, scores keyspace.Scores) lua.LValue {
	m.grow(l, 8*valueBytes*len(scores))
	t := l.NewTable()
	for _, z := range scores {
		m.work(l, 1)
		if !m.resp3 {
			t.Append(lua.LString(z.Member))
			t.Append(m.double(z.Score))
			continue
		}
		pair := l.NewTable()
		pair.Append(lua.LString(z.Member))
		pair.Append(m.double(z.Score))
		t.Append(pair)
	}
	return t
}

// scanned is what a scan has found, which is a list in both revisions.
func (m *machine) scanned(l *lua.LState, items any) lua.LValue {
	switch items := items.(type) {
	case keyspace.Pairs:
		return m.texts(l, items)
	case keyspace.Scores:
		var texts []string
		for _, z := range items {
			texts = append(texts, z.Member, keyspace.FormatFloat(z.Score))
		}
		return m.texts(l, texts)
	}
	return m.value(l, items)
}

// reply is what a script returns, as a reply.
func (m *machine) reply(v lua.LValue) (any, error) {
	r := &replying{m: m}
	reply := r.reply(v, 0)
	if m.meter.err != nil {
		return nil, m.overLimit()
	}
	if err, ok := reply.(keyspace.Error); ok {
		return nil, err
	}
	return reply, nil
}

type replying struct {
	m     *machine
	bytes int // of its texts
}

// text counts a text of the reply: a table can have one very often and takes no more
// memory for it, but the reply does.
func (r *replying) text(v lua.LString) string {
	if r.bytes += len(v); r.bytes > r.m.meter.limits.Memory {
		r.m.meter.grow(r.bytes)
	}
	return string(v)
}

// maxReplyDepth is how deep lists may lie in each other.
const maxReplyDepth = 1000

func (r *replying) reply(v lua.LValue, depth int) any {
	if depth > maxReplyDepth {
		return keyspace.Error("ERR reached lua stack limit")
	}
	if r.m.meter.work(1) != nil || r.m.meter.grow(2*valueBytes) != nil {
		return nil
	}
	switch v := v.(type) {
	case lua.LString:
		return r.text(v)
	case lua.LNumber:
		return whole(float64(v))
	case lua.LBool:
		switch {
		case r.m.resp3:
			return bool(v)
		case bool(v):
			return int64(1)
		}
	case *lua.LTable:
		return r.table(r.m.behind(v), depth+1)
	}
	return nil
}

func (r *replying) table(t *lua.LTable, depth int) any {
	if text, ok := t.RawGetString("err").(lua.LString); ok {
		return keyspace.Error(oneLine.Replace(strings.Trim(r.text(text), "\r\n")))
	}
	if text, ok := t.RawGetString("ok").(lua.LString); ok {
		return keyspace.Status(oneLine.Replace(r.text(text)))
	}
	if n, ok := t.RawGetString("double").(lua.LNumber); ok {
		return float64(n)
	}
	if text, ok := t.RawGetString("big_number").(lua.LString); ok {
		return keyspace.BigNumber(oneLine.Replace(r.text(text)))
	}
	if v, ok := t.RawGetString("verbatim_string").(*lua.LTable); ok {
		format, isFormat := v.RawGetString("format").(lua.LString)
		text, isText := v.RawGetString("string").(lua.LString)
		if isFormat && isText {
			return keyspace.Verbatim{Format: string(format), Text: r.text(text)}
		}
	}
	if fields, ok := t.RawGetString("map").(*lua.LTable); ok {
		found := keyspace.Map{}
		for k, v := fields.Next(lua.LNil); k != lua.LNil && r.m.meter.err == nil; k, v = fields.Next(k) {
			found = append(found, r.reply(k, depth), r.reply(v, depth))
		}
		return found
	}
	if members, ok := t.RawGetString("set").(*lua.LTable); ok {
		found := keyspace.Elements{}
		for k, _ := members.Next(lua.LNil); k != lua.LNil && r.m.meter.err == nil; k, _ = members.Next(k) {
			found = append(found, r.reply(k, depth))
		}
		return found
	}
	list := []any{}
	for i := 1; r.m.meter.err == nil; i++ {
		v := t.RawGetInt(i)
		if v == lua.LNil {
			break
		}
		list = append(list, r.reply(v, depth))
	}
	return list
}
