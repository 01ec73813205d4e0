package journal

import (
	"encoding/binary"
	"hash/crc32"
)

// A segment is segmentMagic and then blocks. A block is what was written at once: a
// header and, each behind its length, records.
//
//	8 bytes  how long the records are, with their lengths
//	4 bytes  checksum of these
//	4 bytes  checksum of the segment's number, the place of the block in it, and the
//	         two above
//
// So a block is valid at one place only, and a copy of it in a record is none. All
// numbers have their lowest byte first; checksums are CRC-32C.
const (
	segmentMagic = "znlog\x00\x00\x01" // the last byte is the version
	headerSize   = 16

	// blockSize is how large a block grows; a record that is larger is one by itself.
	blockSize = 1 << 20
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// block is records on their way to a segment.
type block struct {
	segment uint64
	end     int64  // the place behind its last record, as Journal counts
	data    []byte // room for the header, and the records
}

func newBlock(segment uint64, room []byte) block {
	var header [headerSize]byte
	return block{segment: segment, data: append(room[:0], header[:]...)}
}

func (b *block) isFull() bool  { return len(b.data) >= blockSize }
func (b *block) isEmpty() bool { return len(b.data) == headerSize }

func (b *block) add(record []byte) {
	b.data = append(binary.AppendUvarint(b.data, uint64(len(record))), record...)
}

// seal writes the header for a place in the segment and returns the whole.
func (b *block) seal(offset int64) []byte {
	records := b.data[headerSize:]
	binary.LittleEndian.PutUint64(b.data, uint64(len(records)))
	binary.LittleEndian.PutUint32(b.data[8:], crc32.Checksum(records, castagnoli))
	binary.LittleEndian.PutUint32(b.data[12:], headerSum(b.segment, offset, b.data[:12]))
	return b.data
}

func headerSum(segment uint64, offset int64, start []byte) uint32 {
	var place [16]byte
	binary.LittleEndian.PutUint64(place[:], segment)
	binary.LittleEndian.PutUint64(place[8:], uint64(offset))
	return crc32.Update(crc32.Checksum(place[:], castagnoli), castagnoli, start)
}

// header is what the header of a block says.
type header struct {
	size int64
	sum  uint32
}

// readHeader reads the header at a place in a segment; it is not ok where there is
// none, or where the records would reach beyond room bytes.
func readHeader(data []byte, segment uint64, offset, room int64) (h header, ok bool) {
	if binary.LittleEndian.Uint32(data[12:]) != headerSum(segment, offset, data[:12]) {
		return h, false
	}
	size := binary.LittleEndian.Uint64(data)
	if size == 0 || room < 0 || size > uint64(room) {
		return h, false
	}
	return header{int64(size), binary.LittleEndian.Uint32(data[8:])}, true
}

// nextRecord takes the first record off the records of a block.
func nextRecord(records []byte) (record, rest []byte, ok bool) {
	size, n := binary.Uvarint(records)
	if n <= 0 || size == 0 || size > uint64(len(records)-n) {
		return nil, nil, false
	}
	return records[n : n+int(size)], records[n+int(size):], true
}
