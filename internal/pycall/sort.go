package pycall

import "github.com/znsocket/znsocket/internal/pyjson"

// redis-py sends SORT for sort_ro too.
var sortMethods = []line{
	{"sort", "name, start=None, num=None, by=None, get=None, desc=False, alpha=False, store=None, groups=False",
		"SORT name BY=by LIMIT=%start,%num @get DESC?desc ALPHA?alpha STORE=store", asIs.with("groups", grouped), checkSort},
	{"sort_ro", "key, start=None, num=None, by=None, get=None, desc=False, alpha=False",
		"SORT key BY=by LIMIT=%start,%num @get DESC?desc ALPHA?alpha", asIs, checkSort},
}

// checkSort sends a GET for each pattern.
func checkSort(a *args) error {
	if err := checkLimit(a); err != nil {
		return err
	}
	get := a.get("get")
	patterns := []pyjson.Value{*get}
	if get.Kind != pyjson.Null && get.Kind != pyjson.String && get.Kind != pyjson.Bytes {
		var ok bool
		if patterns, ok = elements(get); !ok {
			return a.m.notIterable(get)
		}
	}
	if a.true("groups") && (get.Kind != pyjson.Array && get.Kind != pyjson.Object || len(patterns) < 2) {
		return dataError(`when using "groups" the "get" argument must be specified and contain at least two keys`)
	}
	if get.Kind == pyjson.Null {
		return nil
	}
	var words []pyjson.Value
	for _, pattern := range patterns {
		words = append(words, literal("'GET'"), pattern)
	}
	a.send("get", words)
	return nil
}

// groups returns how many patterns a SORT whose answer is grouped has.
func (a *args) groups() int {
	if a.true("groups") {
		return len(a.get("get").Items) / 2
	}
	return 0
}
