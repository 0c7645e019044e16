package parquet

import (
	"encoding/binary"
	"io"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/sql/value"
	"github.com/parquet-go/parquet-go/bloom"
	"github.com/parquet-go/parquet-go/format"
)

// bloomLimit is the most values of an IN list that are looked up.
const bloomLimit = 64

// bloomExcludes reports that the chunk's Bloom filter holds none of the values
// that a range allows.
func (r *reader) bloomExcludes(c *fileColumn, m *chunkMeta, rng *catalog.Range) (bool, error) {
	if m.bloomOffset <= 0 || rng.Nulls && c.node.def > 0 {
		return false, nil
	}
	wanted := rng.In
	if wanted == nil && rng.Min != nil && rng.Max != nil && value.Equal(*rng.Min, *rng.Max) {
		wanted = []value.Value{*rng.Min}
	}
	if len(wanted) == 0 || len(wanted) > bloomLimit {
		return false, nil
	}
	var hashes []uint64
	for i := range wanted {
		b, ok := c.leaf.plain(&wanted[i])
		if !ok {
			return false, nil
		}
		hashes = append(hashes, bloom.XXH64{}.Sum64(b))
	}
	bits, ok, err := r.bloomBits(m)
	if err != nil || !ok {
		return false, err
	}
	for _, h := range hashes {
		if found, err := bloom.CheckSplitBlock(bits, bits.Size(), h); err != nil || found {
			return false, err
		}
	}
	return true, nil
}

// bloomBits reads a Bloom filter's header and returns where its bits lie; ok is
// false for filters of unknown kinds.
func (r *reader) bloomBits(m *chunkMeta) (*io.SectionReader, bool, error) {
	n := min(256, r.file.Size-m.bloomOffset)
	head, err := r.section(section{m.bloomOffset, n})
	if err != nil {
		return nil, false, err
	}
	c := compact{b: head}
	size, known := int64(0), 0
	c.structure(func(id int16, typ byte) bool {
		if id == 1 {
			return set(&c, typ, &size)
		}
		if id < 2 || id > 4 || typ != thriftStruct {
			return false
		}
		// Each union must name its first member: split block, xxHash, uncompressed.
		c.structure(func(member int16, _ byte) bool {
			if member == 1 {
				known++
			}
			return false
		})
		return true
	})
	if c.err != nil {
		return nil, false, corrupt("a Bloom filter is malformed: %v", c.err)
	}
	at := m.bloomOffset + int64(c.pos)
	if known != 3 || size <= 0 || size%32 != 0 || size > r.file.Size-at {
		return nil, false, nil
	}
	return io.NewSectionReader(r.handle, at, size), true, nil
}

// plain returns a value in the bytes that a Bloom filter hashes, for leaves
// whose values are stored as they are.
func (l *leafType) plain(v *value.Value) ([]byte, bool) {
	if v.Null || l.convert != asIs {
		return nil, false
	}
	switch {
	case l.physical == format.ByteArray && isText(l.typ) && isText(v.Type):
		return []byte(v.S), true
	case l.physical == format.Int32 && l.typ.Kind == v.Type.Kind, l.physical == format.Int32 && l.typ.IsInteger() && v.Type.IsInteger():
		if v.I != int64(int32(v.I)) {
			return nil, false
		}
		return binary.LittleEndian.AppendUint32(nil, uint32(v.I)), true
	case l.physical == format.Int64 && l.typ.IsFixedNumeric():
		if v.Type != l.typ && (!v.Type.IsFixedNumeric() || v.Type.Scale != l.typ.Scale || v.Type.Storage() != l.typ.Storage()) {
			return nil, false
		}
		return binary.LittleEndian.AppendUint64(nil, uint64(v.I)), true
	case l.physical == format.Int64 && (l.typ.Kind == v.Type.Kind || l.typ.IsInteger() && v.Type.IsInteger()):
		return binary.LittleEndian.AppendUint64(nil, uint64(v.I)), true
	}
	return nil, false
}
