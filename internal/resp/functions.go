package resp

import (
	"strings"

	"github.com/znsocket/znsocket/internal/keyspace"
)

// functionInfo is the reply of FUNCTION LIST and STATS: maps in maps.
func functionInfo(argv []string, v []any) any {
	switch strings.ToUpper(argv[1]) {
	case "STATS":
		engines := v[3].([]any)
		engines[1] = mapping(engines[1].([]any))
		v[3] = mapping(engines)
		return mapping(v)
	case "LIST":
		for i, lib := range v {
			lib := lib.([]any)
			functions := lib[5].([]any)
			for j, f := range functions {
				f := f.([]any)
				f[5] = keyspace.Elements(f[5].([]any))
				functions[j] = mapping(f)
			}
			v[i] = mapping(lib)
		}
	}
	return v
}
