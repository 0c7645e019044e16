package write

import (
	"context"
	"fmt"

	"github.com/flintsql/flint/catalog/tpch/dbgen"
)

// rowGroup generates the units [first, end) and encodes them column by column.
func (w *writer) rowGroup(ctx context.Context, t *dbgen.Table, columns []*column, first, end int64) (*rowGroup, error) {
	gen, err := dbgen.NewGenerator(t, w.scale, first, end, w.pool)
	if err != nil {
		return nil, err
	}
	const most = 1 << 20 // more rows than any group has
	n := gen.Next(most)
	out := &rowGroup{rows: n}
	var e encoder
	var values dbgen.Vector
	var s source
	for i, c := range columns {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		gen.Fill(i, &values)
		s.load(c, &values, t.Columns[i].Dict)
		if s.rows() != n {
			return nil, fmt.Errorf("column %s has %d values for %d rows", c.name, s.rows(), n)
		}
		chunk, err := e.encode(c, &s)
		if err != nil {
			return nil, err
		}
		out.chunks = append(out.chunks, chunk)
	}
	return out, nil
}

// load views or widens generated values.
func (s *source) load(c *column, v *dbgen.Vector, dict []string) {
	ints := s.ints[:0]
	*s = source{}
	switch c.kind {
	case dbgen.Enum:
		s.codes, s.dict = v.Int32, dict
	case dbgen.Text:
		s.offsets, s.text = v.Offsets, v.Data
	case dbgen.Int64, dbgen.Decimal:
		s.ints = v.Int64
	default:
		for _, x := range v.Int32 {
			ints = append(ints, int64(x))
		}
		s.ints = ints
	}
}
