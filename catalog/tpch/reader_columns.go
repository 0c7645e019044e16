package tpch

import (
	"github.com/flintsql/flint/catalog/tpch/dbgen"
	"github.com/flintsql/flint/exec/vector"
)

// fill makes output column i of the chunk, at least for the rows in sel.
func (r *reader) fill(i int, sel []int32, n int) error {
	column := r.req.Columns[i]
	kind := r.layout.table.Columns[column].Kind
	values, out := &r.values[i], &r.cols[i]
	*out = vector.Vector{Type: r.layout.fields[column].Type, Len: n}
	r.batch.Cols[i] = out
	if kind == dbgen.Text && r.layout.table.Columns[column].Pooled {
		rows := n
		if sel != nil {
			rows = len(sel)
		}
		bound, err := r.pool.begin(rows)
		if err != nil {
			return err
		}
		defer r.pool.end(bound)
	}
	if sel != nil {
		r.gen.FillRows(column, sel, values)
	} else {
		r.gen.Fill(column, values)
	}
	switch kind {
	case dbgen.Int64, dbgen.Decimal:
		out.Data = vector.BytesOf(values.Int64)
	case dbgen.Int32, dbgen.Date:
		out.Data = vector.BytesOf(values.Int32)
	case dbgen.Enum:
		out.Enc, out.Codes, out.Dictionary = vector.Dict, values.Int32, r.layout.dictionaries[column]
	default:
		out.Offsets, out.Data = values.Offsets, values.Data
	}
	return nil
}

// estimate returns about the bytes that the first batch will need.
func (r *reader) estimate() int64 {
	bytes := int64(0)
	for _, c := range r.req.Columns {
		bytes += 8
		if l := r.layout.table.Columns[c]; l.Kind == dbgen.Text {
			bytes += int64(l.Length)
		}
	}
	return bytes * int64(max(r.chunk, mostPerUnit))
}

// size returns the bytes of the buffers now.
func (r *reader) size() int64 {
	bytes := r.gen.Scratch()
	for i := range r.values {
		v := &r.values[i]
		bytes += int64(8*cap(v.Int64) + 4*cap(v.Int32) + 4*cap(v.Offsets) + cap(v.Data))
	}
	return bytes
}

// account charges the reader's buffers.
func (r *reader) account(bytes int64) error {
	if bytes == r.held {
		return nil
	}
	return r.req.Account.Resize(&r.held, bytes)
}
