package keyspace

// WarmMost is how many keys Warm takes.
const WarmMost = 32

// Warm looks at where keys lie that the next commands will ask for, and at their texts.
// It finds out nothing. What it looks at is in the processor's cache afterwards, and
// as one key does not wait for the other, many come in the time of one: a command
// by itself spends most of its time waiting for memory, four or five times in turn.
func (s *Space) Warm(db int, keys []string) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if many := s.dbs[db].keys.many; many != nil {
		warm(many, keys[:min(len(keys), WarmMost)])
	}
}

// warm returns something that depends on all it has looked at, lest the compiler find
// that it need not look.
//
//go:noinline
func warm(p *pages[item], keys []string) (seen uint) {
	var hashes [WarmMost]uint32
	var entries [WarmMost]*dictEntry[item]
	var texts [WarmMost]string
	for i, key := range keys {
		hash := hashKey(key)
		b := p.index.bucket(hash)
		seen += uint(b.slots[int(hash)&(len(b.slots)-1)])
		hashes[i] = hash
	}
	n := 0
	for _, hash := range hashes[:len(keys)] {
		if place := p.index.bucket(hash).find(hash); place >= 0 {
			entries[n] = p.at(place)
			seen += uint(len(entries[n].key))
			n++
		}
	}
	for i, e := range entries[:n] {
		if e.key != "" {
			seen += uint(e.key[0])
		}
		if text, plain := e.val.obj.(string); plain {
			texts[i] = text
		}
	}
	for _, text := range texts[:n] {
		if text != "" {
			seen += uint(text[0])
		}
	}
	return seen
}
