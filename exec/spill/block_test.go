package spill

import (
	"io"
	"math"
	"math/rand"
	"reflect"
	"testing"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// Columns of fixed width come back whatever their range is, between batches
// that are written as streams, and a damaged block is an error.
func TestBlocks(t *testing.T) {
	rng := rand.New(rand.NewSource(4))
	fields := []types.Field{
		{Type: types.Of(types.Int4)}, {Type: types.Of(types.Int8)}, {Type: types.NumericOf(30, 2)}, {Type: types.Of(types.Date)},
		{Type: types.Of(types.Float8)}, {Type: types.Of(types.Bool)}, {Type: types.Of(types.Int2)}, {Type: types.Of(types.Numeric)}, {Type: types.Of(types.Interval)},
	}
	w, err := NewDir(t.TempDir()).NewWriter(fields)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	var want [][]value.Value
	for k := range 90 {
		n, bits := rng.Intn(70), 1+k*64/90
		b := &vector.Batch{Rows: n}
		base := []int64{0, math.MaxInt64, math.MinInt64, -5}[rng.Intn(4)]
		for _, f := range fields {
			c := vector.NewBuilder(f.Type, n)
			for range n {
				x := scalar(rng, f.Type)
				d := base + rng.Int63()>>(64-bits)
				switch {
				case x.Null:
				case f.Type.Storage() == types.StoreInt128:
					x.D = value.Int128From(d)
					if k%7 == 0 {
						x.D.Hi ^= 1 << 40
					}
				case f.Type.Storage() == types.StoreInt32:
					x.I = int64(int32(d))
				case f.Type.Storage() == types.StoreInt16:
					x.I = int64(int16(d))
				case f.Type.Storage() == types.StoreInt64:
					x.I = d
				}
				c.Append(x)
			}
			b.Cols = append(b.Cols, c.Finish())
		}
		if k%9 == 3 && n > 0 { // a constant column makes it a stream
			b.Cols[1] = vector.FromValue(value.Int8(base/2), n)
		}
		want = append(want, rowsOf(b)...)
		if err := w.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	run, err := w.Finish()
	if err != nil {
		t.Fatal(err)
	}
	defer run.Close()
	blocks := 0
	for _, s := range run.segments {
		if s.blocks {
			blocks++
		}
	}
	if blocks < 2 || blocks == len(run.segments) {
		t.Fatalf("%d of %d segments are blocks", blocks, len(run.segments))
	}
	read := func() (got [][]value.Value, err error) {
		r := run.Open()
		defer r.Close()
		for {
			b, err := r.Next()
			if err != nil {
				return got, err
			}
			got = append(got, rowsOf(b)...)
		}
	}
	if got, err := read(); err != io.EOF || !reflect.DeepEqual(got, want) {
		t.Fatalf("%d rows of %d, or others: %v", len(got), len(want), err)
	}
	for _, at := range []int64{0, 2, blockHead, blockHead + 1} {
		if _, err := run.file.File.WriteAt([]byte{255, 255, 255}, at); err != nil {
			t.Fatal(err)
		}
		if _, err := read(); sqlerr.Code(err) != sqlerr.IOError {
			t.Errorf("damage at %d: %v", at, err)
		}
	}
}
