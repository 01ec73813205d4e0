package znsocket

import "context"

// Sort is how Commands.Sort sorts.
type Sort struct {
	By            string   // a pattern: by the value of the key that has the element for its *; "nosort" keeps the order
	Offset, Count int64    // skip so many and give at most so many; a Count of 0 is all
	Get           []string // patterns: give these values instead; "#" is the element itself
	Order         string   // ASC or DESC; "" is ASC
	Alpha         bool     // as texts, not as numbers
}

// Sort returns the elements of a list, set or sorted set in order. What a pattern of
// Get finds nothing for is "".
func (c Commands) Sort(ctx context.Context, key string, s Sort) ([]string, error) {
	return call(ctx, c, asTextsOrEmpty, s.words("SORT", key))
}

// SortRO is Sort as a command that only reads.
func (c Commands) SortRO(ctx context.Context, key string, s Sort) ([]string, error) {
	return call(ctx, c, asTextsOrEmpty, s.words("SORT_RO", key))
}

// SortStore stores what Sort gives as the list dst and returns how many. As everywhere
// here dst comes first, which go-redis has the other way round.
func (c Commands) SortStore(ctx context.Context, dst, key string, s Sort) (int64, error) {
	return call(ctx, c, asInt, s.words("SORT", key).strs("STORE", dst))
}

func (s Sort) words(command, key string) argv {
	w := words(command, key).when(s.By != "", "BY", s.By)
	if s.Offset != 0 || s.Count != 0 {
		count := s.Count
		if count == 0 {
			count = -1
		}
		w = w.strs("LIMIT").num(s.Offset).num(count)
	}
	for _, pattern := range s.Get {
		w = w.strs("GET", pattern)
	}
	return w.when(s.Order != "", s.Order).when(s.Alpha, "ALPHA")
}
