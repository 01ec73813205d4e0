package resp

import "strings"

// How replies about streams look, where it is not as their kinds say: see shaped.

// streamsRead is the reply of XREAD and XREADGROUP: in revision 3 the streams are a
// map. Of an entry that was deleted there are no fields.
func streamsRead(streams []any, revision int) any {
	var all mapping
	for _, s := range streams {
		s := s.([]any)
		for _, e := range s[1].([]any) {
			if e := e.([]any); e[1] == nil {
				e[1] = nullArray{}
			}
		}
		all = append(all, s...)
	}
	if revision == 3 {
		return all
	}
	return streams
}

// streamInfo is the reply of XINFO, which is maps in maps.
func streamInfo(argv []string, v []any) any {
	switch strings.ToUpper(argv[1]) {
	case "HELP":
		return v
	case "STREAM":
		return withMaps(v, "groups")
	}
	return mappings(v)
}

// withMaps is a map; what it has by a name is a list of maps, or none.
func withMaps(v []any, name string) mapping {
	for i := 0; i < len(v); i += 2 {
		if list, ok := v[i+1].([]any); ok && v[i] == name {
			v[i+1] = mappings(list)
		}
	}
	return v
}

// mappings is a list of groups or consumers.
func mappings(list []any) []any {
	for i, v := range list {
		list[i] = withMaps(v.([]any), "consumers")
	}
	return list
}
