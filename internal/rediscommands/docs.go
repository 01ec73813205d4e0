package rediscommands

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// docs7 is what a Redis 7.0 answers to COMMAND and to COMMAND DOCS, in revision 3 of
// its protocol and sorted by name. See NOTICE for whose texts these are.
//
//go:embed docs7.resp.gz
var docs7 []byte

// Values of these answers, beside string, int64, nil and []any.
type (
	Map    []any // keys and values in turn
	Set    []any
	Status string
)

func (m Map) get(key string) any {
	for i := 0; i < len(m); i += 2 {
		if m[i] == key {
			return m[i+1]
		}
	}
	return nil
}

// Description is what Redis says of a command.
type Description struct {
	Name string // as COMMAND has it: xinfo|stream
	Info []any  // an element of the reply of COMMAND INFO
	Docs Map    // what is behind the name in that of COMMAND DOCS
}

// Categories are the command's ACL categories, such as @read.
func (d *Description) Categories() []any { return d.Info[6].(Set) }

// Flags are the command's flags, such as readonly.
func (d *Description) Flags() []any { return d.Info[2].(Set) }

// Doc is one of the texts of the docs, such as summary or group.
func (d *Description) Doc(of string) string {
	text, _ := d.Docs.get(of).(string)
	return text
}

// Subcommands are the command's own.
func (d *Description) Subcommands() []*Description {
	var all []*Description
	for _, info := range elements(d.Info[9]) {
		all = append(all, &Description{Name: info.([]any)[0].(string), Info: info.([]any)})
	}
	return all
}

// elements are those of a list or a set: Redis says that there are none with either.
func elements(v any) []any {
	if set, ok := v.(Set); ok {
		return set
	}
	return v.([]any)
}

// Describe returns the description of a command or, by a name with |, of a
// subcommand, in any case; nil where Redis has none.
func Describe(name string) *Description { return descriptions()[strings.ToLower(name)] }

var descriptions = sync.OnceValue(func() map[string]*Description {
	all := map[string]*Description{}
	infos, docs := readDocs(docs7)
	for _, info := range infos {
		d := &Description{Name: info.([]any)[0].(string), Info: info.([]any)}
		all[d.Name] = d
		for _, sub := range d.Subcommands() {
			all[sub.Name] = sub
		}
	}
	var document func(docs Map)
	document = func(docs Map) {
		for i := 0; i < len(docs); i += 2 {
			about := docs[i+1].(Map)
			all[docs[i].(string)].Docs = about
			if of, ok := about.get("subcommands").(Map); ok {
				document(of)
			}
		}
	}
	document(docs)
	return all
})

// readDocs takes the file apart. It is a part of the program: nothing can be wrong
// with it that the tests do not find.
func readDocs(packed []byte) (infos []any, docs Map) {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		panic(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		panic(err)
	}
	r := reader{string(text)}
	return r.value().([]any), r.value().(Map)
}

// reader reads values of revision 3 of the protocol.
type reader struct{ left string }

func (r *reader) value() any {
	line, rest, _ := strings.Cut(r.left, "\r\n")
	r.left = rest
	n, _ := strconv.Atoi(line[1:])
	switch line[0] {
	case '+':
		return Status(line[1:])
	case ':':
		return int64(n)
	case '$':
		text := r.left[:n]
		r.left = r.left[n+2:]
		return text
	case '_':
		return nil
	case '~':
		return Set(r.values(n))
	case '%':
		return Map(r.values(2 * n))
	}
	return r.values(n)
}

func (r *reader) values(n int) []any {
	list := make([]any, n)
	for i := range list {
		list[i] = r.value()
	}
	return list
}

// Each calls fn for all commands and subcommands of Redis, by name.
func Each(fn func(*Description)) {
	all := descriptions()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		fn(all[name])
	}
}
