package tpch

import (
	"github.com/flintsql/flint/catalog/tpch/dbgen"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
)

// layout is a table's part that is the same at every scale. The dictionaries
// are made once, so that operators recognize them by their address.
type layout struct {
	table        *dbgen.Table
	fields       []types.Field
	dictionaries []*vector.Vector // nil for columns without one
}

func newLayout(t *dbgen.Table) *layout {
	l := &layout{table: t}
	for i := range t.Columns {
		c := &t.Columns[i]
		typ := typeOf(c)
		var dictionary *vector.Vector
		if c.Kind == dbgen.Enum {
			dictionary = vector.FromStrings(typ, c.Dict)
		}
		l.fields = append(l.fields, types.Field{Name: c.Name, Type: typ})
		l.dictionaries = append(l.dictionaries, dictionary)
	}
	return l
}

// typeOf returns a column's SQL type. char(n) of the specification becomes
// varchar(n): dbgen never pads, and blank-padded comparison would only cost.
func typeOf(c *dbgen.Column) types.Type {
	switch c.Kind {
	case dbgen.Int64:
		return types.Of(types.Int8)
	case dbgen.Int32:
		return types.Of(types.Int4)
	case dbgen.Decimal:
		return types.NumericOf(15, 2)
	case dbgen.Date:
		return types.Of(types.Date)
	default:
		return types.Type{Kind: types.Varchar, Precision: int16(c.Length)}
	}
}
