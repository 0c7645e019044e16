package parquet

import (
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"
)

// fileMeta is what the connector needs of a footer. Byte slices alias the
// footer's bytes.
type fileMeta struct {
	schema []schemaElement // depth first, the root first
	rows   int64
	groups []groupMeta
}

// schemaElement is a node of the schema.
type schemaElement struct {
	name       string
	physical   format.Type // of a leaf
	leaf       bool
	typeLength int
	repetition format.FieldRepetitionType
	children   int
	converted  deprecated.ConvertedType // -1 = none
	scale      int
	precision  int
	logical    logicalType
}

// logicalType is the union LogicalType: kind is its field id, 0 = none.
type logicalType struct {
	kind      int16
	scale     int
	precision int
	utc       bool
	unit      int16 // 1 ms, 2 µs, 3 ns
	bits      int
	signed    bool
}

// The members of the union LogicalType (parquet.thrift).
const (
	logicalString    = 1
	logicalMap       = 2
	logicalList      = 3
	logicalEnum      = 4
	logicalDecimal   = 5
	logicalDate      = 6
	logicalTime      = 7
	logicalTimestamp = 8
	logicalInteger   = 10
	logicalUnknown   = 11
	logicalJSON      = 12
	logicalBSON      = 13
	logicalUUID      = 14
	logicalFloat16   = 15
)

// groupMeta is a row group.
type groupMeta struct {
	first  int64 // the file's rows before it
	rows   int64
	chunks []chunkMeta
}

// chunkMeta is a column chunk.
type chunkMeta struct {
	physical    format.Type
	codec       format.CompressionCodec
	values      int64
	compressed  int64
	dataOffset  int64
	dictOffset  int64
	stats       statistics
	bloomOffset int64
	foreign     bool // lies in another file, or is encrypted
	columnIndex section
	offsetIndex section
	hasMeta     bool
}

// section is a range of bytes of the file.
type section struct{ offset, length int64 }

// statistics are those of a chunk. A nil bound and a null count of -1 are unknown.
type statistics struct {
	min, max       []byte // in the type's own order
	oldMin, oldMax []byte // deprecated: signed byte order
	nulls          int64
}

// start returns where the chunk's first page lies.
func (m *chunkMeta) start() int64 {
	if m.dictOffset > 0 && m.dictOffset < m.dataOffset {
		return m.dictOffset
	}
	return m.dataOffset
}

// parseFooter reads a FileMetaData.
func parseFooter(b []byte) (*fileMeta, error) {
	c := &compact{b: b}
	m := &fileMeta{}
	c.structure(func(id int16, typ byte) bool {
		switch id {
		case 2:
			return c.structs(typ, 4, func() { m.schema = append(m.schema, c.schemaElement()) })
		case 3:
			return set(c, typ, &m.rows)
		case 4:
			return c.structs(typ, 5, func() { m.groups = append(m.groups, c.group()) })
		}
		return false
	})
	for i := 1; i < len(m.groups); i++ {
		m.groups[i].first = m.groups[i-1].first + m.groups[i-1].rows
	}
	return m, c.err
}

func (c *compact) schemaElement() schemaElement {
	e := schemaElement{converted: -1}
	c.structure(func(id int16, typ byte) bool {
		switch id {
		case 1:
			e.leaf = true
			return set(c, typ, &e.physical)
		case 2:
			return set(c, typ, &e.typeLength)
		case 3:
			return set(c, typ, &e.repetition)
		case 4:
			var name []byte
			ok := setBytes(c, typ, &name)
			e.name = string(name)
			return ok
		case 5:
			return set(c, typ, &e.children)
		case 6:
			return set(c, typ, &e.converted)
		case 7:
			return set(c, typ, &e.scale)
		case 8:
			return set(c, typ, &e.precision)
		case 10:
			if typ != thriftStruct {
				return false
			}
			e.logical = c.logical()
			return true
		}
		return false
	})
	return e
}

// logical reads the union LogicalType.
func (c *compact) logical() logicalType {
	var l logicalType
	c.structure(func(id int16, typ byte) bool {
		l.kind = id
		if typ != thriftStruct {
			return false
		}
		c.structure(func(field int16, typ byte) bool {
			switch {
			case id == logicalDecimal && field == 1:
				return set(c, typ, &l.scale)
			case id == logicalDecimal && field == 2:
				return set(c, typ, &l.precision)
			case id == logicalInteger && field == 1:
				return set(c, typ, &l.bits)
			case id == logicalInteger && field == 2:
				return setBool(typ, &l.signed)
			case (id == logicalTime || id == logicalTimestamp) && field == 1:
				return setBool(typ, &l.utc)
			case (id == logicalTime || id == logicalTimestamp) && field == 2 && typ == thriftStruct:
				c.structure(func(unit int16, _ byte) bool { l.unit = unit; return false })
				return true
			}
			return false
		})
		return true
	})
	return l
}

func (c *compact) group() groupMeta {
	var g groupMeta
	c.structure(func(id int16, typ byte) bool {
		switch id {
		case 1:
			return c.structs(typ, 20, func() { g.chunks = append(g.chunks, c.chunk()) })
		case 3:
			return set(c, typ, &g.rows)
		}
		return false
	})
	return g
}

func (c *compact) chunk() chunkMeta {
	m := chunkMeta{stats: statistics{nulls: -1}}
	c.structure(func(id int16, typ byte) bool {
		switch id {
		case 1:
			var path []byte
			ok := setBytes(c, typ, &path)
			m.foreign = m.foreign || len(path) > 0
			return ok
		case 3:
			if typ != thriftStruct {
				return false
			}
			m.hasMeta = true
			c.chunkMeta(&m)
			return true
		case 4:
			return set(c, typ, &m.offsetIndex.offset)
		case 5:
			return set(c, typ, &m.offsetIndex.length)
		case 6:
			return set(c, typ, &m.columnIndex.offset)
		case 7:
			return set(c, typ, &m.columnIndex.length)
		case 8:
			m.foreign = true
		}
		return false
	})
	return m
}

func (c *compact) chunkMeta(m *chunkMeta) {
	c.structure(func(id int16, typ byte) bool {
		switch id {
		case 1:
			return set(c, typ, &m.physical)
		case 4:
			return set(c, typ, &m.codec)
		case 5:
			return set(c, typ, &m.values)
		case 7:
			return set(c, typ, &m.compressed)
		case 9:
			return set(c, typ, &m.dataOffset)
		case 11:
			return set(c, typ, &m.dictOffset)
		case 12:
			if typ != thriftStruct {
				return false
			}
			m.stats = c.statistics()
			return true
		case 14:
			return set(c, typ, &m.bloomOffset)
		}
		return false
	})
}

func (c *compact) statistics() statistics {
	s := statistics{nulls: -1}
	c.structure(func(id int16, typ byte) bool {
		switch id {
		case 1:
			return setBytes(c, typ, &s.oldMax)
		case 2:
			return setBytes(c, typ, &s.oldMin)
		case 3:
			return set(c, typ, &s.nulls)
		case 5:
			return setBytes(c, typ, &s.max)
		case 6:
			return setBytes(c, typ, &s.min)
		}
		return false
	})
	return s
}
