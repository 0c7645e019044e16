package dbgen

import "math"

// ColumnStats describe a column at one scale. Bounds always hold for every
// row, and most are reached; distinct counts are exact for keys and
// enumerations and expectations otherwise. No column has NULLs.
type ColumnStats struct {
	// Bounded tells that Min and Max (kinds Int64, Int32, Decimal, Date) or
	// MinText and MaxText (kinds Enum, Text) are set.
	Bounded          bool
	Min, Max         int64
	MinText, MaxText string
	Distinct         float64
	Width            float64 // average bytes of a value
	Unique           bool    // no two rows share a value
}

// Stats returns the statistics of one of the table's columns.
func (t *Table) Stats(s Scale, column int) ColumnStats {
	c := &t.Columns[column]
	st := ColumnStats{Width: 8}
	if c.stats != nil {
		c.stats(s, &st)
	}
	rows, _ := t.Rows(s)
	switch c.Kind {
	case Enum:
		st.describeDict(c.Dict)
	case Int32, Date:
		st.Width = 4
	}
	if st.Distinct == 0 && st.Bounded {
		st.Distinct = drawn(float64(st.Max-st.Min+1), float64(rows))
	}
	if st.Unique || st.Distinct == 0 {
		st.Distinct = float64(rows)
	}
	st.Distinct = min(st.Distinct, float64(rows))
	return st
}

// drawn returns the expected number of different values among rows uniform
// draws out of values.
func drawn(values, rows float64) float64 { return values * -math.Expm1(-rows/values) }

// describeDict sets the bounds and the average width of an even enumeration.
func (st *ColumnStats) describeDict(dict []string) {
	st.Bounded, st.MinText, st.MaxText = true, dict[0], dict[0]
	total := 0
	for _, word := range dict {
		st.MinText, st.MaxText = min(st.MinText, word), max(st.MaxText, word)
		total += len(word)
	}
	st.Width = float64(total) / float64(len(dict))
	st.Distinct = float64(len(dict))
}

// statsFunc completes the statistics of a column.
type statsFunc func(s Scale, st *ColumnStats)

// between is for integers, dates and hundredths with fixed bounds.
func between(low, high int64) statsFunc {
	return func(_ Scale, st *ColumnStats) { st.Bounded, st.Min, st.Max = true, low, high }
}

// keyOf is for references to the dense key of a table with the given base.
func keyOf(base int64) statsFunc {
	return func(s Scale, st *ColumnStats) { st.Bounded, st.Min, st.Max = true, 1, s.of(base) }
}

// everyKeyOf is for references that reach every key of a table.
func everyKeyOf(base int64) statsFunc {
	return func(s Scale, st *ColumnStats) {
		keyOf(base)(s, st)
		st.Distinct = float64(s.of(base))
	}
}

// unique is for a table's own dense key.
func unique(base int64) statsFunc {
	return func(s Scale, st *ColumnStats) {
		keyOf(base)(s, st)
		st.Unique = true
	}
}

// orderKeys is for the sparse key of orders.
func orderKeys(s Scale, st *ColumnStats) {
	orders := s.of(orderBase)
	st.Bounded, st.Min, st.Max = true, 1, orderKey(orders)
	st.Distinct = float64(orders)
}

// uniqueOrderKeys is for the orders' own key.
func uniqueOrderKeys(s Scale, st *ColumnStats) {
	orderKeys(s, st)
	st.Unique = true
}

// orderingCustomers is for the customers of orders: two in three order.
func orderingCustomers(s Scale, st *ColumnStats) {
	keyOf(customerBase)(s, st)
	st.Distinct = drawn(float64(st.Max)*2/3, float64(s.of(orderBase)))
}

// totalPrices bounds the sum of one cheapest line and of seven dearest ones.
func totalPrices(s Scale, st *ColumnStats) {
	st.Bounded, st.Min, st.Max = true, 90000*90/100, 209900*50*maxLines*108/100
	st.Distinct = drawn(40e6, float64(s.of(orderBase)))
}

// clerks is for the clerks of orders.
func clerks(s Scale, st *ColumnStats) {
	st.Width = float64(len("Clerk#") + 9)
	st.Distinct = drawn(float64(s.clerks()), float64(s.of(orderBase)))
}

// hundreds is for whole numbers kept in hundredths.
func hundreds(low, high int64) statsFunc {
	return func(_ Scale, st *ColumnStats) {
		st.Bounded, st.Min, st.Max, st.Distinct = true, low*100, high*100, float64(high-low+1)
	}
}

// ordinals is for row numbers of the fixed tables.
func ordinals(rows int64) statsFunc {
	return func(_ Scale, st *ColumnStats) { st.Bounded, st.Max, st.Unique = true, rows-1, true }
}

// wide is for texts with the given average width that hardly repeat.
func wide(width float64) statsFunc {
	return func(_ Scale, st *ColumnStats) { st.Width = width }
}

// keyName is for unique texts that number the rows.
func keyName(prefix string) statsFunc {
	return func(_ Scale, st *ColumnStats) {
		st.Width, st.Unique = float64(len(prefix)+9), true
	}
}

// prices is for retail prices times a factor of up to most. The number of
// different prices grows in steps until all 120,000 hundredths occur.
func prices(most int64) statsFunc {
	return func(s Scale, st *ColumnStats) {
		parts := s.of(partBase)
		st.Bounded, st.Min, st.Max = true, 90000, 209900*most
		distinct := 119901.0
		switch {
		case parts <= 200_000:
			distinct = min(float64(parts), 899+float64(parts)/10)
		case parts < 20_000_000:
			distinct = 20899 * math.Pow(float64(parts)/200_000, 0.38)
		}
		st.Distinct = distinct
		if most > 1 { // products of a price and a factor coincide now and then
			st.Distinct = distinct * float64(most) * 0.89
		}
	}
}

// lineCounts are the published row counts of lineitem by thousandths of the
// scale factor.
var lineCounts = map[int64]int64{
	10: 60_175, 100: 600_572, 1_000: 6_001_215, 10_000: 59_986_052, 100_000: 600_037_902,
	300_000: 1_799_989_091, 1_000_000: 5_999_989_709, 3_000_000: 18_000_048_306, 10_000_000: 59_999_994_267,
}

// Rows returns the number of rows of a table and whether it is exact. For
// lineitem at scales without a published count it is four rows an order,
// which is off by less than 2/√orders; see CountLines.
func (t *Table) Rows(s Scale) (rows int64, exact bool) {
	if t.rowsPerUnit > 0 {
		return t.Units(s) * t.rowsPerUnit, true
	}
	if n, ok := lineCounts[s.milli]; ok {
		return n, true
	}
	return t.Units(s) * (maxLines + 1) / 2, false
}

// CountLines returns the exact number of lines of the orders [first, end), in
// one to two nanoseconds an order.
func CountLines(first, end int64) int64 {
	var seeds [1024]uint32
	total := end - first
	step := lineCountStream.step()
	for first < end {
		chunk := seeds[:min(end-first, int64(len(seeds)))]
		fillSeeds(chunk, mulmod(lineCountStream.at(first), multiplier), step)
		for _, s := range chunk {
			total += int64(uniform(s, maxLines))
		}
		first += int64(len(chunk))
	}
	return total
}
