package keyspace

import (
	"bytes"
	"hash/crc32"
	"io"

	"github.com/fxamacker/cbor/v2"
)

// What Save writes is a sequence of CBOR items. The first is savedBegin, and all others
// are savedBlocks: each has some of the data, itself a sequence of items, and their
// checksum. So neither who writes nor who reads needs to have more than a block, and
// what is not as it was written is found where it is.
//
// For each key there is a savedKey and then what it holds:
//
//	string  its text
//	list    its elements, in parts
//	hash    fields and values in turn, in parts
//	set     its members, in parts
//	zset    savedScores, in parts
//	stream  savedStream, a savedChunk for each chunk, and for each group savedGroup,
//	        its savedConsumers and savedPending, in parts
//
// Before the first key is a savedLibrary for each library of functions, and behind the
// last one savedEnd, and nothing more. Texts are byte strings, as they hold any bytes.
const (
	saveMagic   = "znsocket"
	saveVersion = 1

	savedBlockSize = 64 << 10 // the least that is in a block, but for the last
	savedPart      = 512      // the most elements of a part, in which no more than fill a block are
)

type (
	savedBegin struct {
		_       struct{} `cbor:",toarray"`
		Magic   string
		Version uint64
	}

	savedBlock struct {
		_    struct{} `cbor:",toarray"`
		Sum  uint32   // CRC-32C
		Data []byte
	}

	savedKey struct {
		_      struct{} `cbor:",toarray"`
		DB     uint
		Key    text
		Expire int64 // as item has it
		Type   string
		Size   int  // how many elements, fields, members or entries
		Grown  bool // it is not in the compact form that Redis would give it anew
	}

	savedLibrary struct {
		_    struct{} `cbor:",toarray"`
		Code text
	}

	savedScores struct {
		_       struct{} `cbor:",toarray"`
		Members []text
		Scores  []float64
	}

	savedID struct {
		_       struct{} `cbor:",toarray"`
		Ms, Seq uint64
	}

	savedStream struct {
		_              struct{} `cbor:",toarray"`
		Last, Deleted  savedID
		Added          int64
		Chunks, Groups int
	}

	savedChunk struct {
		_           struct{} `cbor:",toarray"`
		First, Last savedID
		Names       []text
		Added       int
		Bytes       int
		Entries     []savedEntry
	}

	savedEntry struct {
		_      struct{} `cbor:",toarray"`
		ID     savedID
		Fields []text
	}

	savedGroup struct {
		_         struct{} `cbor:",toarray"`
		Name      text
		Last      savedID
		Read      int64
		Consumers int
	}

	savedConsumer struct {
		_       struct{} `cbor:",toarray"`
		Name    text
		Seen    int64
		Pending int
	}

	savedPending struct {
		_     struct{} `cbor:",toarray"`
		ID    savedID
		At    int64
		Count int64
	}

	savedEnd struct {
		_    struct{} `cbor:",toarray"`
		End  string
		Keys int
	}

	text = cbor.ByteString
)

const savedEndMark = "end"

func (id streamID) saved() savedID { return savedID{Ms: id.ms, Seq: id.seq} }

// Save writes what the Snapshot has, for Load. Others may use the Space meanwhile.
func (snap *Snapshot) Save(w io.Writer) error {
	s := saver{out: cbor.NewEncoder(w)}
	s.items = cbor.NewEncoder(&s.block)
	s.write(savedBegin{Magic: saveMagic, Version: saveVersion})
	for _, code := range snap.code {
		s.put(savedLibrary{Code: text(code)})
	}
	keys := 0
	for db := range snap.dbs {
		snap.dbs[db].keys.each(func(key string, it *item) bool {
			s.key(uint(db), key, it)
			keys++
			return s.err == nil
		})
	}
	s.put(savedEnd{End: savedEndMark, Keys: keys})
	s.endBlock()
	return s.err
}

// saver writes blocks. After an error it writes nothing more.
type saver struct {
	out   *cbor.Encoder
	items *cbor.Encoder // into block
	block bytes.Buffer
	part  []text
	long  int // bytes in part
	err   error
}

// put adds an item to the block.
func (s *saver) put(item any) {
	if s.err == nil {
		s.err = s.items.Encode(item)
	}
	if s.block.Len() >= savedBlockSize {
		s.endBlock()
	}
}

func (s *saver) endBlock() {
	if s.block.Len() > 0 {
		s.write(savedBlock{Sum: crc32.Checksum(s.block.Bytes(), castagnoli), Data: s.block.Bytes()})
		s.block.Reset()
	}
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func (s *saver) write(item any) {
	if s.err == nil {
		s.err = s.out.Encode(item)
	}
}

func (s *saver) key(db uint, key string, it *item) {
	k := savedKey{DB: db, Key: text(key), Expire: it.expire, Type: typeName(it.obj)}
	switch v := it.obj.(type) {
	case string:
		s.put(k)
		s.put(text(v))
	case *buffer:
		k.Grown = true
		s.put(k)
		s.put(text(v.b))
	case *list:
		k.Size = v.len()
		s.put(k)
		for _, element := range v.ascend(0) {
			s.add(element)
		}
		s.endPart()
	case *hash:
		k.Size, k.Grown = v.len(), v.table
		s.put(k)
		v.each(func(field string, value *string) bool {
			s.add(field)
			s.add(*value)
			return true
		})
		s.endPart()
	case *set:
		k.Size, k.Grown = v.len(), v.table
		s.put(k)
		v.each(func(member string, _ *struct{}) bool {
			s.add(member)
			return true
		})
		s.endPart()
	case *zset:
		k.Size, k.Grown = v.len(), v.skiplist
		s.put(k)
		s.scores(v)
	case *stream:
		k.Size = v.length
		s.put(k)
		s.stream(v)
	}
}

// add adds a text to a part, which has an even number of them.
func (s *saver) add(element string) {
	s.part = append(s.part, text(element))
	s.long += len(element)
	if n := len(s.part); n == savedPart || n%2 == 0 && s.long >= savedBlockSize {
		s.endPart()
	}
}

func (s *saver) endPart() {
	if len(s.part) > 0 {
		s.put(s.part)
		clear(s.part)
		s.part, s.long = s.part[:0], 0
	}
}

// scores keeps the order in which members came, which is that of the map.
func (s *saver) scores(z *zset) {
	var part savedScores
	long := 0
	end := func() {
		if len(part.Members) > 0 {
			s.put(part)
			part.Members, part.Scores, long = part.Members[:0], part.Scores[:0], 0
		}
	}
	z.scores.each(func(member string, score *float64) bool {
		part.Members, part.Scores = append(part.Members, text(member)), append(part.Scores, *score)
		if long += len(member); len(part.Members) == savedPart || long >= savedBlockSize {
			end()
		}
		return true
	})
	end()
}

func (s *saver) stream(v *stream) {
	s.put(savedStream{Last: v.last.saved(), Deleted: v.deleted.saved(), Added: v.added, Chunks: v.chunks.Len(), Groups: v.groups.Len()})
	v.chunks.Scan(func(n streamNode) bool {
		c := savedChunk{First: n.first.saved(), Last: n.last.saved(), Names: savedTexts(n.names), Added: n.added, Bytes: n.bytes}
		for i, e := range n.entries {
			c.Entries = append(c.Entries, savedEntry{ID: e.id.saved(), Fields: savedTexts(n.entry(i).fields())})
		}
		s.put(c)
		return s.err == nil
	})
	v.groups.Scan(func(name string, g *group) bool {
		s.put(savedGroup{Name: text(name), Last: g.last.saved(), Read: g.read, Consumers: g.consumers.Len()})
		g.consumers.Scan(func(name string, c *consumer) bool {
			s.put(savedConsumer{Name: text(name), Seen: c.seen, Pending: c.pending.len()})
			for p := range c.pending.from(streamID{}) {
				s.put(savedPending{ID: p.id.saved(), At: p.at, Count: p.count})
			}
			return s.err == nil
		})
		return s.err == nil
	})
}

func savedTexts(words []string) []text {
	all := make([]text, len(words))
	for i, word := range words {
		all[i] = text(word)
	}
	return all
}
