package dbgen

import "encoding/binary"

// maxLines is the largest number of lines of an order; every line stream sets
// aside this many draws (or twice that) for each order.
const maxLines = 7

var (
	lineCountStream = stream{1434868289, 1}
	orderDateStream = stream{1066728069, 1}
	quantityStream  = stream{209208115, maxLines}
	discountStream  = stream{554590007, maxLines}
	taxStream       = stream{721958466, maxLines}
	linePartStream  = stream{1808217256, maxLines}
	shipDateStream  = stream{1769349045, maxLines}
	receiptStream   = stream{373135028, maxLines}
)

// Dates in days since 1970-01-01.
const (
	startDate   = 8035 // 1992-01-01, the first order date
	currentDate = 9298 // 1995-06-17, the specification's "today"
	orderDays   = 2406 // order dates end 151 days before 1998-12-31
	lastOrder   = startDate + orderDays - 1
	shipSpan    = 121 // shipped 1 to 121 days after the order
	commitLow   = 30  // committed for 30 to 90 days after the order
	commitSpan  = 61
	receiptSpan = 30 // received 1 to 30 days after shipping
)

// cached names the parts of a lineChunk that have been made.
type cached uint8

const (
	haveLines cached = 1 << iota
	haveParts
	haveQuantities
	haveOrderDates
	haveShipDates
	haveReceiptDates
)

// lineChunk holds what several columns of the lines of a chunk share. Rows
// are lines, in order of (order, line number).
type lineChunk struct {
	made  cached
	rows  int
	order []int32 // the line's order, counted from the chunk's first
	line  []uint8 // the line's number, from 0

	orderSeeds, lineSeeds               []uint32
	parts, quantities                   []int64
	orderDates, shipDates, receiptDates []int32
}

// bytes returns the size of the buffers.
func (l *lineChunk) bytes() int64 {
	words := cap(l.order) + cap(l.orderSeeds) + cap(l.lineSeeds) + cap(l.orderDates) + cap(l.shipDates) + cap(l.receiptDates)
	return int64(cap(l.line) + 4*words + 8*(cap(l.parts)+cap(l.quantities)))
}

// has tells whether a part has been made and marks it as made.
func (l *lineChunk) has(part cached) bool {
	had := l.made&part != 0
	l.made |= part
	return had
}

// layOut lays out the lines of as many orders from first on as fit into
// maxOrders and maxRows, but of at least one, and returns how many orders.
func (l *lineChunk) layOut(first, maxOrders int64, maxRows int) int {
	limit := max(maxRows, maxLines)
	l.order = resize(l.order, limit+maxLines+1)
	l.line = resize(l.line, limit+maxLines+1)
	seed, rows, orders := lineCountStream.at(first), 0, int32(0)
	for ; int64(orders) < maxOrders; orders++ {
		seed = mulmod(seed, multiplier)
		count := 1 + int(uniform(uint32(seed), maxLines))
		if rows+count > limit {
			break
		}
		// Writing all seven lines and moving on by the count has no branch
		// that depends on the count; the next order overwrites the excess.
		order := (*[maxLines]int32)(l.order[rows:])
		for i := range order {
			order[i] = orders
		}
		binary.LittleEndian.PutUint64(l.line[rows:], 0x0706050403020100)
		rows += count
	}
	l.order, l.line, l.rows = l.order[:rows], l.line[:rows], rows
	l.made = haveLines
	return int(orders)
}

// countLines starts a chunk of lineitem.
func (g *Generator) countLines(maxRows int) (orders, rows int) {
	if g.first == g.end {
		return 0, 0
	}
	orders = g.lines.layOut(g.first, g.end-g.first, maxRows)
	return orders, g.lines.rows
}

// chunkLines returns the lines of the chunk's orders; for the orders table it
// lays them out first.
func (g *Generator) chunkLines() *lineChunk {
	if g.lines.made&haveLines == 0 {
		g.lines.layOut(g.first, int64(g.units), g.units*maxLines)
	}
	return &g.lines
}

// lineSteps are the ways from an order's seed to a draw of each of its lines.
// The eighth is never used; it lets the compiler drop a check.
type lineSteps [maxLines + 1]fractions

// newLineSteps returns the ways to the given draw of each line, in a stream
// with perLine draws a line.
func newLineSteps(perLine, draw int64) *lineSteps {
	var steps lineSteps
	for i := range steps {
		steps[i] = newFractions(int64(i)*perLine + draw + 1)
	}
	return &steps
}

// startOrders returns the seed of each of the chunk's orders. The result is
// valid until the next call.
func (g *Generator) startOrders(s stream) []uint32 {
	l := g.chunkLines()
	l.orderSeeds = resize(l.orderSeeds, g.units)
	fillSeeds(l.orderSeeds, s.at(g.first), s.step())
	return l.orderSeeds
}

// lineDraw returns the seeds of the given draw of each line, of a stream with
// perLine draws a line. The result is valid until the next call.
func (g *Generator) lineDraw(s stream, perLine, draw int64) []uint32 {
	seeds, steps := g.startOrders(s), newLineSteps(perLine, draw)
	l := &g.lines
	l.lineSeeds = resize(l.lineSeeds, l.rows)
	for i, order := range l.order {
		l.lineSeeds[i] = uint32(mulmod(uint64(seeds[order]), steps[l.line[i]&7].multiplier))
	}
	return l.lineSeeds
}

// fillLines sets dst to (low + uniform in [0, span)) × unit for each line, from
// a stream with one draw a line.
func fillLines[T int32 | int64](g *Generator, dst []T, s stream, low T, span int64, unit T) {
	seeds, steps := g.startOrders(s), newLineSteps(1, 0)
	line := g.lines.line[:len(dst)]
	if span < exactRange {
		for i, order := range g.lines.order[:len(dst)] {
			f := steps[line[i]&7].of(uint64(seeds[order]))
			dst[i] = (low + T(scaleFraction(f, uint64(span)))) * unit
		}
		return
	}
	for i, order := range g.lines.order[:len(dst)] {
		step := &steps[line[i]&7]
		v, ok := scaleFractionWide(step.of(uint64(seeds[order])), uint64(span))
		if !ok {
			v = uint64(uniformWide(uint32(mulmod(uint64(seeds[order]), step.multiplier)), float64(span)))
		}
		dst[i] = (low + T(v)) * unit
	}
}

// fillLineDates sets dst to the order's date plus low plus [0, span) days.
func (g *Generator) fillLineDates(dst []int32, s stream, low int32, span uint64) {
	dates, seeds, steps := g.orderDates(), g.startOrders(s), newLineSteps(1, 0)
	line := g.lines.line[:len(dst)]
	dates = dates[:len(seeds)]
	for i, order := range g.lines.order[:len(dst)] {
		f := steps[line[i]&7].of(uint64(seeds[order]))
		dst[i] = dates[order] + low + int32(scaleFraction(f, span))
	}
}

// lineParts returns each line's part key.
func (g *Generator) lineParts() []int64 {
	l := g.chunkLines()
	if !l.has(haveParts) {
		l.parts = resize(l.parts, l.rows)
		fillLines(g, l.parts, linePartStream, 1, g.scale.of(partBase), 1)
	}
	return l.parts
}

// lineQuantities returns each line's quantity, from 1 to 50.
func (g *Generator) lineQuantities() []int64 {
	l := g.chunkLines()
	if !l.has(haveQuantities) {
		l.quantities = resize(l.quantities, l.rows)
		fillLines(g, l.quantities, quantityStream, 1, 50, 1)
	}
	return l.quantities
}

// orderDates returns each order's date.
func (g *Generator) orderDates() []int32 {
	l := &g.lines
	if !l.has(haveOrderDates) {
		l.orderDates = resize(l.orderDates, g.units)
		scaleInto(l.orderDates, g.draw(orderDateStream, 0), startDate, orderDays, 1)
	}
	return l.orderDates
}

// shipDates returns each line's ship date.
func (g *Generator) shipDates() []int32 {
	l := g.chunkLines()
	if !l.has(haveShipDates) {
		l.shipDates = resize(l.shipDates, l.rows)
		g.fillLineDates(l.shipDates, shipDateStream, 1, shipSpan)
	}
	return l.shipDates
}

// receiptDates returns each line's receipt date.
func (g *Generator) receiptDates() []int32 {
	l := g.chunkLines()
	if !l.has(haveReceiptDates) {
		l.receiptDates = resize(l.receiptDates, l.rows)
		fillLines(g, l.receiptDates, receiptStream, 1, receiptSpan, 1)
		for i, ship := range g.shipDates() {
			l.receiptDates[i] += ship
		}
	}
	return l.receiptDates
}

// isPast returns 1 for dates up to the specification's current date, else 0.
func isPast(date int32) int32 { return int32(uint32(date-currentDate-1) >> 31) }
