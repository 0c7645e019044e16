package spill

import (
	"fmt"
	"io"
	"math/rand"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

var fields = []types.Field{
	{Name: "a", Type: types.Of(types.Int8)}, {Name: "b", Type: types.Of(types.Text)}, {Name: "c", Type: types.Of(types.Bool)},
	{Name: "d", Type: types.Of(types.Numeric)}, {Name: "e", Type: types.Of(types.Float8)}, {Name: "f", Type: types.ArrayOf(types.Of(types.Text))},
	{Name: "g", Type: types.Of(types.Interval)}, {Name: "h", Type: types.NumericOf(30, 4)},
}

func scalar(rng *rand.Rand, t types.Type) value.Value {
	if rng.Intn(5) == 0 {
		return value.NullOf(t)
	}
	x := value.Value{Type: t}
	switch t.Storage() {
	case types.StoreBool:
		x.I = rng.Int63n(2)
	case types.StoreInt64:
		x.I = rng.Int63()
	case types.StoreFloat64:
		// So near to each other that an approximate comparison takes them for equal.
		x.F = 1 + float64(rng.Intn(4))*1e-15
	case types.StoreInt128:
		x.D = value.Int128{Lo: rng.Uint64(), Hi: -rng.Int63()}
	case types.StoreNumeric:
		x.N = value.Numeric{Coef: value.Int128{Lo: rng.Uint64()}, Scale: int16(rng.Intn(9))}
	case types.StoreInterval:
		x.V = value.Interval{Months: rng.Int31(), Days: -rng.Int31(), Micros: rng.Int63()}
	case types.StoreBytes:
		x.S = fmt.Sprint("row ", rng.Intn(1000))
	case types.StoreList:
		for k := rng.Intn(3); k > 0; k-- {
			x.List = append(x.List, scalar(rng, types.Of(types.Text)))
		}
	}
	return x
}

func randomBatch(rng *rand.Rand, dicts []*vector.Vector, n int) *vector.Batch {
	b := &vector.Batch{Rows: n}
	for i, f := range fields {
		if d := dicts[i]; d != nil {
			codes := make([]int32, n)
			for k := range codes {
				codes[k] = int32(rng.Intn(d.Len))
			}
			b.Cols = append(b.Cols, vector.NewDict(codes, d))
			continue
		}
		c := vector.NewBuilder(f.Type, n)
		for k := 0; k < n; k++ {
			c.Append(scalar(rng, f.Type))
		}
		b.Cols = append(b.Cols, c.Finish())
	}
	if rng.Intn(2) == 0 {
		for k := 0; k < n; k += 1 + rng.Intn(3) {
			b.Sel = append(b.Sel, int32(k))
		}
	}
	return b
}

func randomDict(rng *rand.Rand, t types.Type) *vector.Vector {
	c := vector.NewBuilder(t, 5)
	for c.Len() < 5 {
		if x := scalar(rng, t); !x.Null {
			c.Append(x)
		}
	}
	return c.Finish()
}

func rowsOf(b *vector.Batch) (rows [][]value.Value) {
	b = b.Compact()
	for k := 0; k < b.Rows; k++ {
		row := make([]value.Value, len(b.Cols))
		for i, v := range b.Cols {
			row[i] = v.Get(k)
		}
		rows = append(rows, row)
	}
	return rows
}

func openFiles(t *testing.T) int {
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("needs /proc")
	}
	return len(fds)
}

// Two readers of a run see every row that was written, while columns change
// between flat and dictionary; nothing is left behind at any time.
func TestRunRoundTrip(t *testing.T) {
	rng := rand.New(rand.NewSource(1))
	dir := NewDir(filepath.Join(t.TempDir(), "deep", "spill"))
	before := openFiles(t)
	w, err := dir.NewWriter(fields)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	var want [][]value.Value
	dicts := make([]*vector.Vector, len(fields))
	for k := 0; k < 60; k++ {
		if i := rng.Intn(3 * len(fields)); i < len(fields) {
			if dicts[i] = nil; rng.Intn(3) > 0 {
				dicts[i] = randomDict(rng, fields[i].Type)
			}
		}
		b := randomBatch(rng, dicts, rng.Intn(50))
		want = append(want, rowsOf(b)...)
		if err := w.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	run, err := w.Finish()
	if err != nil || run.Rows() != int64(len(want)) || run.Bytes() == 0 || dir.Used() != run.Bytes() {
		t.Fatalf("%d rows of %d, %d bytes of %d, %v", run.Rows(), len(want), run.Bytes(), dir.Used(), err)
	}
	if names, _ := os.ReadDir(dir.Path()); len(names) != 0 {
		t.Errorf("a file has a name: %v", names)
	}
	readers := []*Reader{run.Open(), run.Open()}
	got := make([][][]value.Value, 2)
	for done := 0; done < 2; {
		done = 0
		for i, r := range readers {
			b, err := r.Next()
			if err == io.EOF {
				done++
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			got[i] = append(got[i], rowsOf(b)...)
		}
	}
	for i, r := range readers {
		r.Close()
		if !reflect.DeepEqual(got[i], want) {
			t.Errorf("reader %d differs", i)
		}
	}
	for k := 0; k < 2; k++ {
		if err := run.Close(); err != nil || dir.Used() != 0 || openFiles(t) != before {
			t.Errorf("%d bytes and %d files are left, %v", dir.Used(), openFiles(t)-before, err)
		}
	}
	if _, err := run.Open().Next(); sqlerr.Code(err) != sqlerr.Internal {
		t.Errorf("a closed run reads: %v", err)
	}
	if err := dir.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir.Path()); !os.IsNotExist(err) {
		t.Error("the directory is left")
	}
	if _, err := dir.NewWriter(fields); err == nil {
		t.Error("a closed directory takes a run")
	}
}

// Batches of one dictionary share it on the way back too.
func TestRunSharesDictionary(t *testing.T) {
	rng := rand.New(rand.NewSource(2))
	dir := NewDir(t.TempDir())
	w, err := dir.NewWriter(fields)
	if err != nil {
		t.Fatal(err)
	}
	dicts := make([]*vector.Vector, len(fields))
	dicts[1] = randomDict(rng, fields[1].Type)
	for k := 0; k < 3; k++ {
		if err := w.Write(randomBatch(rng, dicts, 10)); err != nil {
			t.Fatal(err)
		}
	}
	run, err := w.Finish()
	if err != nil {
		t.Fatal(err)
	}
	defer run.Close()
	r := run.Open()
	defer r.Close()
	a, _ := r.Next()
	b, err := r.Next()
	if err != nil || a.Cols[1].Dictionary == nil || a.Cols[1].Dictionary != b.Cols[1].Dictionary {
		t.Errorf("dictionaries %p and %p, %v", a.Cols[1].Dictionary, b.Cols[1].Dictionary, err)
	}
}

// A column that is all NULL over an empty dictionary, and one of constants, come back.
func TestRunOddColumns(t *testing.T) {
	dir := NewDir(t.TempDir())
	fields := fields[:2]
	w, err := dir.NewWriter(fields)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	none := vector.NewDict(make([]int32, 9), vector.New(fields[1].Type, 0))
	for i := range none.Codes {
		none.SetNull(i)
	}
	b := &vector.Batch{Rows: 9, Cols: []*vector.Vector{vector.FromValue(value.Int8(5), 9), none}}
	if err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	run, err := w.Finish()
	if err != nil {
		t.Fatal(err)
	}
	defer run.Close()
	r := run.Open()
	defer r.Close()
	got, err := r.Next()
	if err != nil || !reflect.DeepEqual(rowsOf(got), rowsOf(b)) {
		t.Errorf("%v, %v", got, err)
	}
}

// A full disk is 53100, a damaged file 58030; an unfinished run is freed.
func TestErrors(t *testing.T) {
	before := openFiles(t)
	rng := rand.New(rand.NewSource(3))
	b := randomBatch(rng, make([]*vector.Vector, len(fields)), 5000)
	full, err := os.OpenFile("/dev/full", os.O_RDWR, 0)
	if err != nil {
		t.Skip("needs /dev/full")
	}
	dir := NewDir(t.TempDir())
	w, err := dir.NewWriter(fields)
	if err != nil {
		t.Fatal(err)
	}
	w.file.File.Close()
	w.file.File = full
	for k := 0; k < 3 && err == nil; k++ {
		if err = w.Write(b); err == nil {
			_, err = w.Finish()
		}
	}
	if sqlerr.Code(err) != sqlerr.DiskFull || w.Close() != nil || dir.Used() != 0 {
		t.Errorf("a full disk: %v, %d bytes used", err, dir.Used())
	}

	if w, err = dir.NewWriter(fields); err != nil {
		t.Fatal(err)
	}
	for k := 0; k < 3; k++ {
		if err := w.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	run, err := w.Finish()
	if err != nil {
		t.Fatal(err)
	}
	run.file.Truncate(run.Bytes() / 2)
	r := run.Open()
	for err == nil {
		_, err = r.Next()
	}
	if r.Close(); sqlerr.Code(err) != sqlerr.IOError {
		t.Errorf("a truncated file: %v", err)
	}
	if run.Close(); dir.Used() != 0 || openFiles(t) != before {
		t.Errorf("%d bytes and %d files are left", dir.Used(), openFiles(t)-before)
	}
	if _, err := NewDir("/proc/none").NewWriter(fields); sqlerr.Code(err) != sqlerr.IOError {
		t.Errorf("a directory that can't be made: %v", err)
	}
}
