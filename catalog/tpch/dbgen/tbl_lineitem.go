package dbgen

// Discounts are 0 to 10 hundredths, taxes 0 to 8.
const (
	discountSpan = 11
	taxSpan      = 9
)

var (
	lineSupplier   = stream{2095021727, maxLines}
	commitStream   = stream{904914315, maxLines}
	returnStream   = stream{717419739, maxLines}
	instructStream = stream{1371272478, maxLines}
	modeStream     = stream{675466456, maxLines}
	lineComment    = newComment(1095462486, 2*maxLines, 27)
)

var lineitemTable = Table{
	Name: "lineitem", base: orderBase,
	Columns: []Column{
		{Name: "l_orderkey", Kind: Int64, fill: fillLineOrder, stats: orderKeys},
		{Name: "l_partkey", Kind: Int64, fill: fillLinePart, stats: keyOf(partBase)},
		{Name: "l_suppkey", Kind: Int64, fill: fillLineSupplier, stats: keyOf(supplierBase)},
		{Name: "l_linenumber", Kind: Int32, fill: fillLineNumber, stats: between(1, maxLines)},
		{Name: "l_quantity", Kind: Decimal, fill: fillQuantity, stats: hundreds(1, 50)},
		{Name: "l_extendedprice", Kind: Decimal, fill: fillExtendedPrice, stats: prices(50)},
		{Name: "l_discount", Kind: Decimal, fill: fillLineCents(discountStream, discountSpan), stats: between(0, discountSpan-1)},
		{Name: "l_tax", Kind: Decimal, fill: fillLineCents(taxStream, taxSpan), stats: between(0, taxSpan-1)},
		{Name: "l_returnflag", Kind: Enum, Dict: returnFlags, Length: 1, Fixed: true, fill: fillReturnFlag, sequential: true},
		{Name: "l_linestatus", Kind: Enum, Dict: lineStatuses, Length: 1, Fixed: true, fill: fillLineStatus},
		{Name: "l_shipdate", Kind: Date, fill: fillShipDate, stats: between(startDate+1, lastOrder+shipSpan)},
		{Name: "l_commitdate", Kind: Date, fill: fillCommitDate, stats: between(startDate+commitLow, lastOrder+commitLow+commitSpan-1)},
		{Name: "l_receiptdate", Kind: Date, fill: fillReceiptDate, stats: between(startDate+2, lastOrder+shipSpan+receiptSpan)},
		{Name: "l_shipinstruct", Kind: Enum, Dict: shipInstructs, Length: 25, Fixed: true,
			fill: fillLineEnum(instructStream, shipInstructs)},
		{Name: "l_shipmode", Kind: Enum, Dict: shipModes, Length: 10, Fixed: true, fill: fillLineEnum(modeStream, shipModes)},
		{Name: "l_comment", Kind: Text, Length: 44, Pooled: true, fill: fillLineComment, stats: wide(27)},
	},
}

func fillLineOrder(g *Generator, dst *Vector) {
	keys := dst.int64s(g.rows)
	for i, order := range g.chunkLines().order {
		keys[i] = orderKey(g.first + int64(order) + 1)
	}
}

func fillLinePart(g *Generator, dst *Vector) { copy(dst.int64s(g.rows), g.lineParts()) }

func fillLineSupplier(g *Generator, dst *Vector) {
	s := newSuppliers(g.scale)
	keys, parts := dst.int64s(g.rows), g.lineParts()
	fillLines(g, keys, lineSupplier, 0, suppliersPerPart, 1)
	for i, part := range parts {
		keys[i] = s.of(uint64(part), uint64(keys[i]))
	}
}

func fillLineNumber(g *Generator, dst *Vector) {
	numbers := dst.int32s(g.rows)
	for i, line := range g.chunkLines().line {
		numbers[i] = int32(line) + 1
	}
}

func fillQuantity(g *Generator, dst *Vector) {
	quantities := dst.int64s(g.rows)
	for i, quantity := range g.lineQuantities() {
		quantities[i] = quantity * 100
	}
}

func fillExtendedPrice(g *Generator, dst *Vector) {
	prices, parts := dst.int64s(g.rows), g.lineParts()
	for i, quantity := range g.lineQuantities() {
		prices[i] = retailPrice(uint64(parts[i])) * quantity
	}
}

// fillLineCents returns a filler for hundredths in [0, span).
func fillLineCents(s stream, span int64) func(*Generator, *Vector) {
	return func(g *Generator, dst *Vector) {
		fillLines(g, dst.int64s(g.rows), s, 0, span, 1)
	}
}

// fillLineEnum returns a filler for evenly distributed codes.
func fillLineEnum(s stream, dict []string) func(*Generator, *Vector) {
	return func(g *Generator, dst *Vector) {
		fillLines(g, dst.int32s(g.rows), s, 0, int64(len(dict)), 1)
	}
}

// fillReturnFlag draws R or A for lines received by the current date and sets
// N for the others, which take no draw: a line's draw is numbered by the
// received lines of its order before it.
func fillReturnFlag(g *Generator, dst *Vector) {
	codes, dates := dst.int32s(g.rows), g.receiptDates()
	seeds, steps := g.startOrders(returnStream), newLineSteps(1, 0)
	received := int32(0)
	for i, order := range g.lines.order {
		if g.lines.line[i] == 0 {
			received = 0
		}
		past := isPast(dates[i])
		drawn := int32(steps[received&7].of(uint64(seeds[order])) >> 63) // in [0, 2)
		codes[i] = drawn*past + 2*(1-past)
		received += past
	}
}

func fillLineStatus(g *Generator, dst *Vector) {
	codes := dst.int32s(g.rows)
	for i, date := range g.shipDates() {
		codes[i] = 1 - isPast(date)
	}
}

func fillShipDate(g *Generator, dst *Vector) { copy(dst.int32s(g.rows), g.shipDates()) }

func fillCommitDate(g *Generator, dst *Vector) {
	g.fillLineDates(dst.int32s(g.rows), commitStream, commitLow, commitSpan)
}

func fillReceiptDate(g *Generator, dst *Vector) { copy(dst.int32s(g.rows), g.receiptDates()) }

func fillLineComment(g *Generator, dst *Vector) {
	positions := g.lineDraw(lineComment.stream, 2, 0)
	g.seeds2 = append(g.seeds2[:0], positions...)
	lineComment.cut(g, dst, g.seeds2, g.lineDraw(lineComment.stream, 2, 1))
}
