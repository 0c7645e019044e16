package core

import (
	"sort"
	"unicode/utf8"
)

// SourceMap leads from offsets in core text to positions in the client's text.
type SourceMap struct {
	client  string
	offsets []int32 // offsets in the core text, ascending
	sources []int32 // byte offset in the client's text, for each of offsets
	tables  []int32 // core offsets of table names and WITH names, in order of appearance
}

// NewSourceMap starts a map for a client's text.
func NewSourceMap(client string) *SourceMap { return &SourceMap{client: client} }

// Add states that the core text from offset on stems from byte source of the
// client's text. Offsets come in ascending order.
func (m *SourceMap) Add(offset, source int) {
	m.offsets = append(m.offsets, int32(offset))
	m.sources = append(m.sources, int32(source))
}

// AddTable states that a table name or a WITH name starts at a core offset.
// Parse hands the offsets to the nodes, since TiDB gives those no offset.
func (m *SourceMap) AddTable(offset int) { m.tables = append(m.tables, int32(offset)) }

// Position turns an offset in the core text (a node's OriginTextPosition, or
// SelectField.Offset) into the 1-based character position that Postgres would
// report. It is 0 when the map is empty.
func (m *SourceMap) Position(offset int) int {
	if m == nil {
		return 0
	}
	i := sort.Search(len(m.offsets), func(i int) bool { return int(m.offsets[i]) > offset }) - 1
	if i < 0 {
		return 0
	}
	return utf8.RuneCountInString(m.client[:m.sources[i]]) + 1
}
