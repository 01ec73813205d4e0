package resp

// places is the reply of a command about places, in which coordinates are numbers
// and what is no place is no list.
func places(list []any) []any {
	all := make([]any, len(list))
	for i, v := range list {
		switch v := v.(type) {
		case nil:
			all[i] = nullArray{}
		case []string:
			coordinates := make([]any, len(v))
			for j, text := range v {
				coordinates[j] = figure(text)
			}
			all[i] = coordinates
		case []any: // a place with what was asked for
			all[i] = places(v)
		default:
			all[i] = v
		}
	}
	return all
}
