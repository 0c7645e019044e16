package exectest

import (
	"context"
	"io"
	"math/rand"

	"github.com/flintsql/flint/exec"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// sources yields the inputs as exchange streams, in a shape.
type sources struct {
	shape  shape
	rng    *rand.Rand
	inputs []Input
	open   int
}

func (s *sources) Open(_ context.Context, edge physical.EdgeID, _ []types.Field, _ bool) ([]exec.Source, error) {
	s.open++
	return []exec.Source{&source{s: s, in: s.inputs[edge]}}, nil
}

type source struct {
	s      *sources
	in     Input
	at     int
	closed bool
	last   []*vector.Vector // handed out last, spoiled before the next batch
}

func (x *source) Close() error {
	if !x.closed {
		x.closed = true
		x.s.open--
	}
	return nil
}

func (x *source) Next(ctx context.Context) (*vector.Batch, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	x.spoil()
	if x.at >= len(x.in.Rows) {
		return nil, io.EOF
	}
	to := min(x.at+x.s.shape.batch, len(x.in.Rows))
	rows := x.in.Rows[x.at:to]
	x.at = to
	b := Batch(x.in.Fields, rows)
	if x.s.shape.sel {
		b = x.interleave(rows)
	}
	for c, v := range b.Cols {
		if x.s.shape.encode {
			v = x.encode(v)
		}
		if x.s.shape.odd {
			v = shift(v)
		}
		b.Cols[c] = v
	}
	x.last = b.Cols
	return b, nil
}

// spoil overwrites the previous batch: who kept it without Keep will notice.
func (x *source) spoil() {
	for _, v := range x.last {
		if v.Enc == vector.Flat {
			for i := range v.Data {
				v.Data[i] = 0x5a
			}
		}
	}
	x.last = nil
}

// interleave puts rows of garbage between the rows, out of the selection.
func (x *source) interleave(rows []Row) *vector.Batch {
	var all []Row
	sel := []int32{}
	for _, r := range rows {
		for x.s.rng.Intn(3) == 0 {
			all = append(all, x.in.Rows[x.s.rng.Intn(len(x.in.Rows))])
		}
		sel = append(sel, int32(len(all)))
		all = append(all, r)
	}
	b := Batch(x.in.Fields, all)
	b.Sel = sel
	return b
}

// encode gives the vector another encoding where it can.
func (x *source) encode(v *vector.Vector) *vector.Vector {
	if v.Len == 1 && x.s.rng.Intn(2) == 0 {
		c := *v
		c.Enc = vector.Const
		return &c
	}
	if x.s.rng.Intn(4) == 0 {
		return v
	}
	var entries []int32
	codes := make([]int32, v.Len)
	for i := range codes {
		if !v.IsNull(i) {
			codes[i] = int32(len(entries))
			entries = append(entries, int32(i))
		}
	}
	if len(entries) == 0 {
		return v
	}
	dict := vector.Take(v, entries)
	dict.Valid = nil
	d := vector.NewDict(codes, dict)
	d.Valid = v.Valid
	return d
}

// shift moves a vector's rows to an odd offset of longer buffers.
func shift(v *vector.Vector) *vector.Vector {
	if v.Enc != vector.Flat {
		return v
	}
	idx := []int32{0, 0, 0}
	for i := 0; i < v.Len; i++ {
		idx = append(idx, int32(i))
	}
	return vector.Slice(vector.Take(v, idx), 3, 3+v.Len)
}

// Batch makes a batch of scalars.
func Batch(fields []types.Field, rows []Row) *vector.Batch {
	b := &vector.Batch{Rows: len(rows)}
	for c, f := range fields {
		w := vector.NewBuilder(f.Type, len(rows))
		for _, r := range rows {
			x := r[c]
			x.Type = f.Type
			w.Append(x)
		}
		b.Cols = append(b.Cols, w.Finish())
	}
	return b
}

// Fields makes nullable fields named c0, c1, …
func Fields(ts ...types.Type) []types.Field {
	fs := make([]types.Field, len(ts))
	for i, t := range ts {
		fs[i] = types.Field{Name: "c" + string(rune('0'+i)), Type: t, Nullable: true}
	}
	return fs
}

// Random returns n rows; each value is drawn from about distinct ones and is
// NULL with probability nulls.
func Random(rng *rand.Rand, fields []types.Field, n, distinct int, nulls float64) []Row {
	rows := make([]Row, n)
	for i := range rows {
		rows[i] = make(Row, len(fields))
		for c, f := range fields {
			rows[i][c] = RandomValue(rng, f.Type, distinct, nulls)
		}
	}
	return rows
}

// RandomValue draws one of about distinct values of a type.
func RandomValue(rng *rand.Rand, t types.Type, distinct int, nulls float64) value.Value {
	if rng.Float64() < nulls {
		return value.NullOf(t)
	}
	k := int64(rng.Intn(distinct))
	x := value.Value{Type: t, I: k, F: float64(k)}
	switch t.Storage() {
	case types.StoreBool:
		x.I = k & 1
	case types.StoreInt128:
		x.D = value.MulInt64(k-2, 1<<62)
	case types.StoreNumeric:
		x.N = value.NumericFromFixed64((k-2)*100, 1+rng.Intn(2))
		if x.N.Scale == 1 {
			x.N = value.NumericFromFixed64((k-2)*10, 1)
		}
	case types.StoreInterval:
		x.V = value.Interval{Days: int32(k)}
	case types.StoreBytes:
		x.S = "v" + string(rune('a'+k%26)) + string(rune('a'+k/26%26))
	}
	return x
}
