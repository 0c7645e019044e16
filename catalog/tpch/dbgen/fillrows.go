package dbgen

// sparseShare is the largest share of rows (1 in sparseShare) for which lines
// are made one by one instead of all.
const sparseShare = 4

// FillRows is Fill for a caller that will look at the given rows (ascending)
// only; the others may hold anything, and texts are empty there. Dear columns
// cost only what the wanted rows cost.
func (g *Generator) FillRows(column int, rows []int32, dst *Vector) {
	c := &g.table.Columns[column]
	if g.table.rowsPerUnit == 0 && !c.sequential && len(rows) < g.rows/sparseShare {
		g.fillSparse(c, rows, dst)
		return
	}
	g.wanted = rows
	c.fill(g, dst)
	g.wanted = nil
}

// fillSparse lets the filler see a chunk of the wanted lines only, then moves
// the values to their rows.
func (g *Generator) fillSparse(c *Column, rows []int32, dst *Vector) {
	all, n := &g.lines, g.rows
	few := &g.sparse
	few.order, few.line = resize(few.order, len(rows)), resize(few.line, len(rows))
	for i, row := range rows {
		few.order[i], few.line[i] = all.order[row], all.line[row]
	}
	few.rows, few.made = len(rows), haveLines
	switch c.Kind {
	case Int64, Decimal:
		dst.int64s(n)
	case Text:
		dst.startText(n, 0)
	default:
		dst.int32s(n)
	}
	g.lines, g.sparse, g.rows = g.sparse, g.lines, len(rows)
	c.fill(g, dst)
	g.lines, g.sparse, g.rows = g.sparse, g.lines, n
	switch c.Kind {
	case Int64, Decimal:
		scatter(dst.int64s(n), rows)
	case Text:
		dst.spread(rows, n)
	default:
		scatter(dst.int32s(n), rows)
	}
}

// scatter moves the first values to the given rows.
func scatter[T int32 | int64](values []T, rows []int32) {
	for i := len(rows) - 1; i >= 0; i-- {
		values[rows[i]] = values[i]
	}
}

// pick keeps the wanted rows' seeds, in place.
func (g *Generator) pick(seeds []uint32) []uint32 {
	if g.wanted == nil {
		return seeds
	}
	for i, row := range g.wanted {
		seeds[i] = seeds[row]
	}
	return seeds[:len(g.wanted)]
}

// place moves texts that were made for the wanted rows to their rows.
func (g *Generator) place(dst *Vector) {
	if g.wanted != nil {
		dst.spread(g.wanted, g.rows)
	}
}
