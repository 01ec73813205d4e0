package pycall

import (
	"strings"

	"github.com/znsocket/znsocket/internal/pyjson"
)

// check is what a method of redis-py refuses before it sends anything, in
// redis-py's words. It may also replace arguments by others that mean the same.
type check func(a *args) error

func checkSet(a *args) error {
	if !a.atMostOne([]string{"ex", "px", "exat", "pxat"}, "keepttl") {
		return dataError("``ex``, ``px``, ``exat``, ``pxat``, and ``keepttl`` are mutually exclusive.")
	}
	if !a.atMostOne([]string{"ifeq", "ifne", "ifdeq", "ifdne"}, "nx", "xx") {
		return dataError("``nx``, ``xx``, ``ifeq``, ``ifne``, ``ifdeq``, ``ifdne`` are mutually exclusive.")
	}
	return a.checkExpiry()
}

func checkGetex(a *args) error {
	if !a.atMostOne([]string{"ex", "px", "exat", "pxat"}, "persist") {
		return dataError("``ex``, ``px``, ``exat``, ``pxat``, and ``persist`` are mutually exclusive.")
	}
	return a.checkExpiry()
}

// atMostOne reports whether no more than one of the arguments is there: not
// None, or true.
func (a *args) atMostOne(given []string, true ...string) bool {
	n := 0
	for _, name := range given {
		if a.given(name) {
			n++
		}
	}
	for _, name := range true {
		if a.true(name) {
			n++
		}
	}
	return n <= 1
}

func (a *args) checkExpiry() error {
	ex, px := a.get("ex"), a.get("px")
	if n, ok := digits(ex.Text); ok && ex.Kind == pyjson.String {
		a.set("ex", n)
	} else if ex.Kind != pyjson.Null && !isInt(ex) {
		return dataError("ex must be datetime.timedelta or int")
	}
	if px.Kind != pyjson.Null && !isInt(px) {
		return dataError("px must be datetime.timedelta or int")
	}
	return nil
}

// isInt reports whether Python takes a value for an int, which a bool is too.
func isInt(v *pyjson.Value) bool {
	return v.Kind == pyjson.Int || v.Kind == pyjson.True || v.Kind == pyjson.False
}

func checkLcs(a *args) error {
	if !a.given("minmatchlen") {
		a.set("minmatchlen", integer(0))
	}
	return nil
}

func checkHmset(a *args) error {
	if !a.true("mapping") {
		return dataError("'hmset' with 'mapping' of length 0")
	}
	return nil
}

func checkHset(a *args) error {
	if !a.given("key") && !a.true("mapping") && !a.true("items") {
		return dataError("'hset' with no key value pairs")
	}
	items := a.get("items")
	if !truthy(items) {
		a.set("items", &pyjson.Value{Kind: pyjson.Array})
	} else if _, ok := elements(items); !ok {
		return a.m.notIterable(items)
	}
	if !a.true("mapping") {
		a.set("mapping", &pyjson.Value{Kind: pyjson.Object})
	}
	return nil
}

func checkZadd(a *args) error {
	mapping := a.get("mapping")
	switch {
	case !truthy(mapping):
		return dataError("ZADD requires at least one element/score pair")
	case a.true("nx") && a.true("xx"):
		return dataError("ZADD allows either 'nx' or 'xx', not both")
	case a.true("gt") && a.true("lt"):
		return dataError("ZADD allows either 'gt' or 'lt', not both")
	case a.true("incr"):
		pairs, ok := elements(mapping)
		if !ok {
			return a.m.unsized(mapping)
		}
		if len(pairs) != 1 {
			return dataError("ZADD option 'incr' only works when passing a single element/score pair")
		}
	}
	if a.true("nx") && (a.true("gt") || a.true("lt")) {
		return dataError("Only one of 'nx', 'lt', or 'gr' may be defined.")
	}
	return nil
}

func checkZrange(a *args) error {
	switch {
	case a.true("byscore") && a.true("bylex"):
		return dataError("``byscore`` and ``bylex`` can not be specified together.")
	case a.given("offset") != a.given("num"):
		return dataError("``offset`` and ``num`` must both be specified.")
	case a.true("bylex") && a.true("withscores"):
		return dataError("``withscores`` not supported in combination with ``bylex``.")
	}
	return nil
}

func checkLimit(a *args) error {
	if a.given("start") != a.given("num") {
		return dataError("``start`` and ``num`` must both be specified")
	}
	return nil
}

func checkAggregate(a *args) error {
	keys := a.get("keys")
	if _, ok := elements(keys); !ok {
		return a.m.unsized(keys)
	}
	aggregate := a.get("aggregate")
	if !truthy(aggregate) {
		a.set("aggregate", &absent)
		return nil
	}
	if aggregate.Kind != pyjson.String && aggregate.Kind != pyjson.Bytes {
		return a.m.noAttribute(aggregate, "upper")
	}
	switch strings.ToUpper(aggregate.Text) {
	case "SUM", "MIN", "MAX", "COUNT":
		return nil
	}
	return dataError("aggregate can be sum, min, max or count.")
}

func checkZmpop(a *args) error {
	if err := a.checkList("keys"); err != nil {
		return err
	}
	if a.true("min") == a.true("max") {
		return dataError("'zmpop' needs either 'min' or 'max'")
	}
	return nil
}

func checkZmscore(a *args) error {
	if !a.true("members") {
		return dataError("ZMSCORE members must be a non-empty list")
	}
	return a.checkList("members")
}

// checkList refuses what redis-py cannot add to a list.
func (a *args) checkList(name string) error {
	if v := a.get(name); v.Kind != pyjson.Array {
		return a.m.invalid(`can only concatenate list (not "%s") to list`, typeName(v))
	}
	return nil
}

func checkMigrate(a *args) error {
	if list, ok := elements(a.get("keys")); ok && len(list) == 0 && a.get("keys").Kind != pyjson.String {
		return dataError("MIGRATE requires at least one key")
	}
	a.forget("auth")
	return nil
}

func checkRestore(a *args) error {
	for _, option := range []struct{ name, refusal string }{
		{"idletime", "idletimemust be an integer"}, {"frequency", "frequency must be an integer"},
	} {
		if !a.given(option.name) {
			continue
		}
		n, err := a.m.toInt(a.get(option.name))
		switch {
		case err == nil:
			a.set(option.name, n)
		case err.Type == "ValueError":
			return dataError("%s", option.refusal)
		default:
			return err
		}
	}
	return nil
}

// checkCommand refuses what redis-py cannot look for a space in.
func checkCommand(a *args) error {
	if len(a.rest) == 0 {
		return &Error{"IndexError", "tuple index out of range"}
	}
	name := &a.rest[0]
	if _, ok := elements(name); !ok && name.Kind != pyjson.Bytes {
		return a.m.invalid("argument of type '%s' is not iterable", typeName(name))
	}
	return nil
}
