package dbgen

import (
	"errors"
	"fmt"
)

// Generator makes the rows of a range of units of one table, chunk by chunk.
// It is used by one goroutine.
type Generator struct {
	table *Table
	scale Scale
	pool  *TextPool

	// The chunk: units [first, first+units), rows rows. next and end bound
	// what is left of the range.
	first, next, end int64
	units, rows      int

	seeds, seeds2 []uint32
	wanted        []int32 // see FillRows; nil = all
	sparse        lineChunk
	lines         lineChunk
	unitInts      []int64
	rewritten     *rewritten // of a sparse pool
}

// NewGenerator returns a generator over the units [first, end) of a table;
// see Table.Units. It stands before the first chunk. The pool may be nil when
// no pseudo text will be filled.
func NewGenerator(t *Table, s Scale, first, end int64, pool *TextPool) (*Generator, error) {
	if s.milli == 0 {
		return nil, errors.New("scale is not set")
	}
	if first < 0 || end < first || end > t.Units(s) {
		return nil, fmt.Errorf("units [%d, %d) are outside of %s at scale factor %s", first, end, t.Name, s)
	}
	return &Generator{table: t, scale: s, pool: pool, first: first, next: first, end: end}, nil
}

// Next moves to the next chunk and returns its number of rows: as many whole
// units as fit into maxRows (a unit has at most 7 rows), but at least one
// unit. It returns 0 at the end of the range.
func (g *Generator) Next(maxRows int) int {
	g.first = g.next
	g.lines.made = 0
	if g.table.rowsPerUnit == 0 {
		g.units, g.rows = g.countLines(maxRows)
	} else {
		per := g.table.rowsPerUnit
		units := min(max(1, int64(maxRows)/per), g.end-g.first)
		g.units, g.rows = int(units), int(units*per)
	}
	g.next = g.first + int64(g.units)
	return g.rows
}

// Narrow intersects what is left of the range with the units [first, end).
func (g *Generator) Narrow(first, end int64) {
	g.end = max(g.next, min(g.end, end))
	g.next = min(g.end, max(g.next, first))
}

// Rows returns the number of rows of the current chunk.
func (g *Generator) Rows() int { return g.rows }

// Fill makes one column of the current chunk. Columns may be filled in any
// order, any number of times, or not at all.
func (g *Generator) Fill(column int, dst *Vector) { g.table.Columns[column].fill(g, dst) }

// Scratch returns the bytes of the generator's own buffers now.
func (g *Generator) Scratch() int64 {
	return int64(4*(cap(g.seeds)+cap(g.seeds2))+8*cap(g.unitInts)) + g.lines.bytes() + g.sparse.bytes()
}

// draw returns the seeds of the given draw of each unit of the chunk. The
// result is valid until the next call.
func (g *Generator) draw(s stream, draw int64) []uint32 {
	g.seeds = resize(g.seeds, g.units)
	g.drawInto(g.seeds, s, draw)
	return g.seeds
}

// drawInto sets dst to the seeds of the given draw (0 is the first) of each
// unit of the chunk.
func (g *Generator) drawInto(dst []uint32, s stream, draw int64) {
	fillSeeds(dst, mulmod(s.at(g.first), power(multiplier, draw+1)), s.step())
}

// fillInt32 returns a filler for a uniform 32-bit column of one draw a row.
func fillInt32(s stream, low int32, span int64) func(*Generator, *Vector) {
	return func(g *Generator, dst *Vector) {
		scaleInto(dst.int32s(g.rows), g.draw(s, 0), low, span, 1)
	}
}

// fillCents returns a filler for a uniform column of hundredths.
func fillCents(s stream, low, span int64) func(*Generator, *Vector) {
	return func(g *Generator, dst *Vector) {
		scaleInto(dst.int64s(g.rows), g.draw(s, 0), low, span, 1)
	}
}

// fillKey fills a dense key that starts at 1.
func fillKey(g *Generator, dst *Vector) {
	for i := range dst.int64s(g.rows) {
		dst.Int64[i] = g.first + int64(i) + 1
	}
}

// fillOrdinal fills a 32-bit column with the row number, from 0 on.
func fillOrdinal(g *Generator, dst *Vector) {
	for i := range dst.int32s(g.rows) {
		dst.Int32[i] = int32(g.first) + int32(i)
	}
}
