package dbgen

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/parquet-go/parquet-go"
)

// sharedDir finds the shared test data, or skips the test.
func sharedDir(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("FLINT_SHARED")
	if dir == "" {
		dir = "../../../../shared"
	}
	dir = filepath.Join(dir, "tpch", "data", "sf0.01")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no reference rows: %v", err)
	}
	return dir
}

func mustScale(t testing.TB, factor float64) Scale {
	t.Helper()
	s, err := NewScale(factor)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// value renders one row of a vector for comparison.
func value(c *Column, v *Vector, row int) any {
	switch c.Kind {
	case Int64, Decimal:
		return v.Int64[row]
	case Int32, Date:
		return int64(v.Int32[row])
	case Enum:
		return c.Dict[v.Int32[row]]
	default:
		return string(v.Data[v.Offsets[row]:v.Offsets[row+1]])
	}
}

// generate makes all columns of a range of units in chunks of maxRows.
func generate(t testing.TB, table *Table, s Scale, first, end int64, maxRows int, pool *TextPool) [][]any {
	t.Helper()
	g, err := NewGenerator(table, s, first, end, pool)
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]any
	vectors := make([]Vector, len(table.Columns))
	for n := g.Next(maxRows); n > 0; n = g.Next(maxRows) {
		if n > max(maxRows, 7) {
			t.Fatalf("%s: a chunk has %d rows, more than %d", table.Name, n, maxRows)
		}
		for c := range vectors {
			g.Fill(c, &vectors[c])
		}
		for r := range n {
			row := make([]any, len(vectors))
			for c := range vectors {
				row[c] = value(&table.Columns[c], &vectors[c], r)
			}
			rows = append(rows, row)
		}
	}
	return rows
}

// reference reads all rows of a Parquet file.
func reference(t *testing.T, path string, table *Table) [][]any {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	file, err := parquet.OpenFile(f, info.Size())
	if err != nil {
		t.Fatal(err)
	}
	for i, field := range file.Schema().Fields() {
		if field.Name() != table.Columns[i].Name {
			t.Fatalf("%s: column %d is %s, want %s", table.Name, i, table.Columns[i].Name, field.Name())
		}
	}
	var rows [][]any
	for _, group := range file.RowGroups() {
		reader := group.Rows()
		buffer := make([]parquet.Row, 1000)
		for {
			n, err := reader.ReadRows(buffer)
			for _, values := range buffer[:n] {
				rows = append(rows, referenceRow(values))
			}
			if err != nil {
				break
			}
		}
		reader.Close()
	}
	return rows
}

func referenceRow(values parquet.Row) []any {
	row := make([]any, len(values))
	for i, v := range values {
		switch v.Kind() {
		case parquet.Int32:
			row[i] = int64(v.Int32())
		case parquet.Int64:
			row[i] = v.Int64()
		default:
			row[i] = string(v.ByteArray())
		}
	}
	return row
}

// compareRows reports the first differences of each column.
func compareRows(t *testing.T, table *Table, got, want [][]any) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s has %d rows, want %d", table.Name, len(got), len(want))
		return
	}
	for c := range table.Columns {
		different, example := 0, ""
		for r := range want {
			if got[r][c] != want[r][c] {
				if different == 0 {
					example = fmt.Sprintf("row %d is %q, want %q", r, fmt.Sprint(got[r][c]), fmt.Sprint(want[r][c]))
				}
				different++
			}
		}
		if different > 0 {
			t.Errorf("%s.%s differs in %d of %d rows: %s", table.Name, table.Columns[c].Name, different, len(want), example)
		}
	}
}

// TestReferenceRows compares every value of every table with the rows that
// the reference generator wrote.
func TestReferenceRows(t *testing.T) {
	dir := sharedDir(t)
	pool, scale := NewTextPool(nil), mustScale(t, 0.01)
	for _, table := range Tables() {
		want := reference(t, filepath.Join(dir, table.Name+".parquet"), table)
		got := generate(t, table, scale, 0, table.Units(scale), 8192, pool)
		compareRows(t, table, got, want)
	}
}
