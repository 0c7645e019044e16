package spill

import (
	"encoding/binary"
	"io"
	"math"
	"math/rand"
	"reflect"
	"strings"
	"testing"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// Columns come back whatever their range and encoding is, texts that compress and others, dictionaries that stay and
// that change; a damaged block is an error.
func TestBlocks(t *testing.T) {
	rng := rand.New(rand.NewSource(4))
	fields := []types.Field{
		{Type: types.Of(types.Int4)}, {Type: types.Of(types.Int8)}, {Type: types.NumericOf(30, 2)}, {Type: types.Of(types.Date)},
		{Type: types.Of(types.Float8)}, {Type: types.Of(types.Bool)}, {Type: types.Of(types.Int2)}, {Type: types.Of(types.Numeric)}, {Type: types.Of(types.Interval)},
		{Type: types.Of(types.Text)}, {Type: types.Of(types.Text)}, {Type: types.Of(types.Int8)},
	}
	w, err := NewDir(t.TempDir()).NewWriter(fields)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	var want [][]value.Value
	dicts := make([]*vector.Vector, len(fields))
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
				case f.Type.Storage() == types.StoreBytes && k%3 == 0:
					x.S = string(binary.LittleEndian.AppendUint64(nil, rng.Uint64())[:rng.Intn(8)])
				case f.Type.Storage() == types.StoreBytes && k%5 == 0:
					x.S = strings.Repeat(x.S, rng.Intn(500))
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
		if k%9 == 3 && n > 0 {
			b.Cols[1] = vector.FromValue(value.Int8(base/2), n)
		}
		for _, c := range []int{len(fields) - 2, len(fields) - 1} {
			if k%10 == 0 {
				dicts[c] = randomDict(rng, fields[c].Type)
			}
			if k%10 < 6 {
				d := vector.NewDict(make([]int32, n), dicts[c])
				for i := range d.Codes {
					d.Codes[i] = int32(rng.Intn(dicts[c].Len))
				}
				b.Cols[c] = d
			}
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
	if len(run.segments) != 1 || !run.segments[0].blocks {
		t.Fatalf("segments %v", run.segments)
	}
	dictionaries := map[*vector.Vector]bool{}
	read := func() (got [][]value.Value, err error) {
		r := run.Open()
		defer r.Close()
		for {
			b, err := r.Next()
			if err != nil {
				return got, err
			}
			if d := b.Cols[len(b.Cols)-1].Dictionary; d != nil {
				dictionaries[d] = true
			}
			got = append(got, rowsOf(b)...)
		}
	}
	if got, err := read(); err != io.EOF || !reflect.DeepEqual(got, want) {
		t.Fatalf("%d rows of %d, or others: %v", len(got), len(want), err)
	}
	if len(dictionaries) != 9 {
		t.Errorf("%d dictionaries instead of 9", len(dictionaries))
	}
	for range 300 { // any damage is an error or other rows, but nothing worse
		at, old := rng.Int63n(run.Bytes()), make([]byte, 1)
		if _, err := run.file.File.ReadAt(old, at); err != nil {
			t.Fatal(err)
		}
		if _, err := run.file.File.WriteAt([]byte{byte(rng.Int())}, at); err != nil {
			t.Fatal(err)
		}
		if _, err := read(); err != io.EOF && sqlerr.Code(err) != sqlerr.IOError {
			t.Fatalf("damage at %d: %v", at, err)
		}
		if _, err := run.file.File.WriteAt(old, at); err != nil {
			t.Fatal(err)
		}
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
