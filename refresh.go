package znsocket

import (
	"encoding/json"
	"maps"
	"slices"
)

// Refresh says what changed in a List, Dict or Segments: the elements from
// Start up to Stop (nil: to the end), single Indices, or Keys of a Dict. It is a
// hint to read again, not a log of changes. What it holds is shared by all who
// hear it and must not be changed.
//
// Go counts every place from the begin. Python tells of one as it was asked for:
// l[-1] = x is index -1, l.insert(-1, x) a start of -1.
type Refresh struct {
	Start   *int     `json:"start,omitempty"`
	Stop    *int     `json:"stop,omitempty"`
	Indices []int    `json:"indices,omitempty"`
	Keys    []string `json:"keys,omitempty"`
	// Resync: events were lost, for the reader was slow or the connection was
	// made anew, or nothing more exact is known. Read everything again.
	Resync bool `json:"resync,omitempty"`
}

// MarshalJSON writes the wire's form, in which a range always has its stop.
func (r Refresh) MarshalJSON() ([]byte, error) {
	type plain Refresh
	if r.Start == nil {
		return json.Marshal(plain(r))
	}
	return json.Marshal(struct {
		Start *int `json:"start"`
		Stop  *int `json:"stop"`
	}{r.Start, r.Stop})
}

// UnmarshalJSON reads the wire's form. The keys of a Python dict may be numbers
// there; a Dict has them as texts.
func (r *Refresh) UnmarshalJSON(text []byte) error {
	type plain Refresh
	wire := struct {
		*plain
		Keys []refreshKey `json:"keys"`
	}{plain: (*plain)(r)}
	if err := json.Unmarshal(text, &wire); err != nil {
		return err
	}
	r.Keys = nil
	for _, key := range wire.Keys {
		r.Keys = append(r.Keys, string(key))
	}
	return nil
}

type refreshKey string

func (k *refreshKey) UnmarshalJSON(text []byte) error {
	if text[0] == '"' {
		return json.Unmarshal(text, (*string)(k))
	}
	*k = refreshKey(text)
	return nil
}

func refreshFrom(start int) Refresh { return Refresh{Start: &start} }

// maxMerged is how many indices or keys a merged Refresh names before it gives
// up being exact.
const maxMerged = 1024

// merge returns one Refresh that says what r and then other say; see merging.
func (r Refresh) merge(other Refresh) Refresh {
	var m merging
	m.add(r)
	m.add(other)
	return m.refresh()
}

// merging makes one Refresh of several of the same target. Where they cannot be
// told together exactly it says more rather than less: everything from the first
// place on, or Resync.
type merging struct {
	single bool // one was added so far
	first  Refresh

	everything bool
	from       *int // all places from there on
	places     map[int]struct{}
	keys       map[string]struct{}
	order      []string // of keys

	// old is for clients that do not know Resync: there are as many keys as there
	// are.
	old  bool
	size int // in bytes, about
}

func (m *merging) add(r Refresh) {
	if m.size == 0 && len(r.Indices)+len(r.Keys) <= maxMerged {
		m.single, m.first = true, r
		m.size = mergingSize + 8*len(r.Indices)
		for _, key := range r.Keys {
			m.size += len(key) + mergedKeySize
		}
		return
	}
	if m.single {
		first := m.first
		m.single, m.first, m.size = false, Refresh{}, mergingSize
		m.fold(first)
	}
	m.size = max(m.size, mergingSize)
	m.fold(r)
}

// What a merging and a key in it cost beside the texts.
const (
	mergingSize   = 128
	mergedKeySize = 64
	mergedInt     = 16
)

func (m *merging) fold(r Refresh) {
	placed, keyed := r.Start != nil || len(r.Indices) > 0, len(r.Keys) > 0
	switch {
	case m.everything:
		return
	case r.Resync, placed == keyed, placed && m.keys != nil, keyed && (m.from != nil || m.places != nil):
		*m = merging{everything: true, old: m.old, size: mergingSize}
		return
	}
	for _, key := range r.Keys {
		m.addKey(key)
	}
	if r.Start != nil {
		m.addFrom(*r.Start)
	}
	for _, i := range r.Indices {
		m.addPlace(i)
	}
}

func (m *merging) addKey(key string) {
	if _, known := m.keys[key]; known || m.everything {
		return
	}
	if len(m.keys) >= maxMerged && !m.old {
		*m = merging{everything: true, size: mergingSize}
		return
	}
	if m.keys == nil {
		m.keys = map[string]struct{}{}
	}
	m.keys[key] = struct{}{}
	m.order = append(m.order, key)
	m.size += len(key) + mergedKeySize
}

// addPlace adds an element that has changed. One that is counted from the end
// has another place once the list grows, so it may be any.
func (m *merging) addPlace(i int) {
	switch {
	case i < 0:
		*m = merging{everything: true, old: m.old, size: mergingSize}
	case m.everything:
	case m.from != nil:
		m.addFrom(i)
	default:
		if m.places == nil {
			m.places = map[int]struct{}{}
		}
		m.places[i] = struct{}{}
		if len(m.places) > maxMerged {
			m.addFrom(i)
			return
		}
		m.size = mergingSize + mergedInt*len(m.places)
	}
}

func (m *merging) addFrom(start int) {
	switch {
	case start < 0:
		*m = merging{everything: true, old: m.old, size: mergingSize}
		return
	case m.everything:
		return
	case m.from != nil:
		start = min(start, *m.from)
	}
	for i := range m.places {
		start = min(start, i)
	}
	m.from, m.places, m.size = &start, nil, mergingSize
}

func (m *merging) refresh() Refresh {
	switch {
	case m.single:
		return m.first
	case m.everything:
		return Refresh{Resync: true}
	case m.from != nil:
		return Refresh{Start: m.from}
	case m.places != nil:
		return Refresh{Indices: slices.Sorted(maps.Keys(m.places))}
	}
	return Refresh{Keys: m.order}
}
