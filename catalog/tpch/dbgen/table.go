package dbgen

// Kind says how the values of a column are laid out in a Vector.
type Kind uint8

// The kinds of columns.
const (
	Int64   Kind = iota + 1 // Vector.Int64
	Int32                   // Vector.Int32
	Decimal                 // Vector.Int64, hundredths
	Date                    // Vector.Int32, days since 1970-01-01
	Enum                    // Vector.Int32, positions in Column.Dict
	Text                    // Vector.Offsets and Vector.Data
)

// Column describes one column. It is immutable.
type Column struct {
	Name string
	Kind Kind
	// Dict lists the values of an Enum column in code order.
	Dict []string
	// Length is the specification's declared length of a string; Fixed tells
	// char(Length) from varchar(Length).
	Length int
	Fixed  bool
	// Pooled tells that a Text column is cut from the TextPool.
	Pooled bool

	fill  func(g *Generator, dst *Vector)
	stats statsFunc // nil: nothing but the kind is known
	// sequential tells that a line's value depends on the lines before it.
	sequential bool
}

// Table describes one table. It is immutable.
type Table struct {
	Name    string
	Columns []Column

	// base is the number of units at scale factor 1; fixed tables have as
	// many units at every scale.
	base  int64
	fixed bool
	// rowsPerUnit is 0 for lineitem, whose orders have 1 to 7 lines.
	rowsPerUnit int64
}

// Tables lists the eight tables, in the order in which dbgen numbers them.
func Tables() []*Table {
	return []*Table{&partTable, &partsuppTable, &supplierTable, &customerTable, &ordersTable, &lineitemTable, &nationTable, &regionTable}
}

// Lookup finds a table by its lower-case name.
func Lookup(name string) (*Table, bool) {
	for _, t := range Tables() {
		if t.Name == name {
			return t, true
		}
	}
	return nil, false
}

// Column returns the position of the named column, or -1.
func (t *Table) Column(name string) int {
	for i := range t.Columns {
		if t.Columns[i].Name == name {
			return i
		}
	}
	return -1
}

// Units returns the number of units at the given scale: orders for orders and
// lineitem, parts for part and partsupp, rows for the others. Generators
// start and end at units.
func (t *Table) Units(s Scale) int64 {
	if t.fixed {
		return t.base
	}
	return s.of(t.base)
}

// UnitsOfKeys returns the units whose rows can have a value between low and
// high in the given column, when that column is the key that the table is
// generated in the order of; ok tells whether it is. The range may be empty.
func (t *Table) UnitsOfKeys(column int, low, high int64) (first, end int64, ok bool) {
	if column != 0 || high < low {
		return 0, 0, column == 0
	}
	low, high = max(low, 0), max(high, -1)
	switch {
	case t.fixed: // keys from 0 on
		return low, satAdd(high, 1), true
	case t.base == orderBase:
		return ordersUpTo(low - 1), ordersUpTo(high), true
	default: // keys from 1 on
		return max(low, 1) - 1, max(high, 0), true
	}
}

// ordersUpTo returns the number of orders whose key is at most key.
func ordersUpTo(key int64) int64 {
	if key < 0 {
		return 0
	}
	return key>>5<<3 + min(key&31, 7)
}

// satAdd adds without overflow for a non-negative b.
func satAdd(a, b int64) int64 {
	if a > 1<<62 {
		return a
	}
	return a + b
}
