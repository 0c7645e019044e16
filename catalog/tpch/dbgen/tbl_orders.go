package dbgen

var (
	orderCustomer = stream{851767375, 1}
	orderClerk    = stream{1171034773, 1}
)

var ordersTable = Table{
	Name: "orders", base: orderBase, rowsPerUnit: 1,
	Columns: []Column{
		{Name: "o_orderkey", Kind: Int64, fill: fillOrderKey, stats: uniqueOrderKeys},
		{Name: "o_custkey", Kind: Int64, fill: fillOrderCustomer, stats: orderingCustomers},
		{Name: "o_orderstatus", Kind: Enum, Dict: orderStatuses, Length: 1, Fixed: true, fill: fillOrderStatus},
		{Name: "o_totalprice", Kind: Decimal, fill: fillTotalPrice, stats: totalPrices},
		{Name: "o_orderdate", Kind: Date, fill: fillOrderDate, stats: between(startDate, lastOrder)},
		{Name: "o_orderpriority", Kind: Enum, Dict: orderPriorities, Length: 15, Fixed: true,
			fill: fillInt32(stream{591449447, 1}, 0, int64(len(orderPriorities)))},
		{Name: "o_clerk", Kind: Text, Length: 15, Fixed: true, fill: fillClerk, stats: clerks},
		{Name: "o_shippriority", Kind: Int32, fill: fillShipPriority, stats: between(0, 0)},
		{Name: "o_comment", Kind: Text, Length: 79, Pooled: true, fill: newComment(276090261, 2, 49).fill, stats: wide(49)},
	},
}

// orderKey returns the key of the order with the given number (from 1): eight
// of every 32 keys are used.
func orderKey(number int64) int64 { return number>>3<<5 | number&7 }

func fillOrderKey(g *Generator, dst *Vector) {
	for i := range dst.int64s(g.rows) {
		dst.Int64[i] = orderKey(g.first + int64(i) + 1)
	}
}

// fillOrderCustomer skips each third customer, who never orders.
func fillOrderCustomer(g *Generator, dst *Vector) {
	last := g.scale.of(customerBase)
	scaleInto(dst.int64s(g.rows), g.draw(orderCustomer, 0), 1, last, 1)
	for i, key := range dst.Int64 {
		if uint64(key)%3 != 0 {
			continue
		}
		if key < last {
			dst.Int64[i] = key + 1
		} else {
			dst.Int64[i] = key - 1
		}
	}
}

// fillOrderStatus derives the status from the lines: F when all are shipped,
// O when none is, else P.
func fillOrderStatus(g *Generator, dst *Vector) {
	counts := resize(g.unitInts, g.units)
	clear(counts)
	g.unitInts = counts
	ship := g.shipDates()
	for i, order := range g.lines.order {
		// The low half counts lines, the high half counts shipped ones.
		counts[order] += 1 | int64(isPast(ship[i]))<<32
	}
	for i, c := range counts {
		lines, shipped := c&(1<<32-1), c>>32
		status := int32(2)
		if shipped == lines {
			status = 0
		} else if shipped == 0 {
			status = 1
		}
		dst.int32s(g.rows)[i] = status
	}
}

// fillTotalPrice sums the lines' discounted and taxed prices, each cut to
// hundredths twice as dbgen does.
func fillTotalPrice(g *Generator, dst *Vector) {
	l := g.chunkLines()
	prices := resize(g.unitInts, l.rows)
	g.unitInts = prices
	parts := g.lineParts()
	for i, quantity := range g.lineQuantities() {
		prices[i] = retailPrice(uint64(parts[i])) * quantity
	}
	steps, seeds := newLineSteps(1, 0), g.startOrders(discountStream)
	for i, order := range l.order {
		discount := scaleFraction(steps[l.line[i]&7].of(uint64(seeds[order])), discountSpan)
		prices[i] = int64(uint64(prices[i]) * (100 - discount) / 100)
	}
	total := dst.int64s(g.rows)
	clear(total)
	seeds = g.startOrders(taxStream)
	for i, order := range l.order {
		tax := scaleFraction(steps[l.line[i]&7].of(uint64(seeds[order])), taxSpan)
		total[order] += int64(uint64(prices[i]) * (100 + tax) / 100)
	}
}

func fillOrderDate(g *Generator, dst *Vector) { copy(dst.int32s(g.rows), g.orderDates()) }

func fillClerk(g *Generator, dst *Vector) {
	const prefix = "Clerk#"
	dst.startText(g.rows, len(prefix)+9)
	clerks := float64(g.scale.clerks())
	for _, s := range g.pick(g.draw(orderClerk, 0)) {
		dst.Data = append(dst.Data, prefix...)
		dst.Data = appendPadded(dst.Data, 1+uniformWide(s, clerks), 9)
		dst.endValue()
	}
	g.place(dst)
}

func fillShipPriority(g *Generator, dst *Vector) { clear(dst.int32s(g.rows)) }
