package znsocket

import (
	"encoding/json"
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

// merge returns one Refresh that says what r and then other say. Where they
// cannot be told together exactly it says more rather than less: everything
// from the first place on, or Resync.
func (r Refresh) merge(other Refresh) Refresh {
	if r.Resync || other.Resync {
		return Refresh{Resync: true}
	}
	keyed, otherKeyed := r.Start == nil && r.Indices == nil, other.Start == nil && other.Indices == nil
	switch {
	case keyed && otherKeyed:
		return mergeKeys(r.Keys, other.Keys)
	case keyed != otherKeyed:
		return Refresh{Resync: true}
	case r.Start == nil && other.Start == nil && len(r.Indices)+len(other.Indices) <= maxMerged:
		indices := slices.Concat(r.Indices, other.Indices)
		slices.Sort(indices)
		return Refresh{Indices: slices.Compact(indices)}
	}
	first, ok := r.first()
	second, okToo := other.first()
	if !ok || !okToo {
		return Refresh{Resync: true}
	}
	return refreshFrom(min(first, second))
}

// first is the lowest place that r tells of; it is not known for one that is
// counted from the end.
func (r Refresh) first() (at int, known bool) {
	places := r.Indices
	if r.Start != nil {
		places = append([]int{*r.Start}, places...)
	}
	if len(places) == 0 {
		return 0, false
	}
	at = slices.Min(places)
	return at, at >= 0
}

func mergeKeys(a, b []string) Refresh {
	if len(a)+len(b) > maxMerged {
		return Refresh{Resync: true}
	}
	known := make(map[string]struct{}, len(a)+len(b))
	var keys []string
	for _, key := range slices.Concat(a, b) {
		if _, ok := known[key]; !ok {
			known[key] = struct{}{}
			keys = append(keys, key)
		}
	}
	return Refresh{Keys: keys}
}
