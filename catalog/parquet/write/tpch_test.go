package write

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/flintsql/flint/catalog/tpch/dbgen"
	"github.com/parquet-go/parquet-go"
)

// TestReadable reads every file with parquet-go and checks rows, pages and
// indexes; what the rows hold is checked by the connector's tests.
func TestReadable(t *testing.T) {
	dir := t.TempDir()
	var last string
	rows := map[string]int64{}
	err := TPCH(context.Background(), 0.05, dir, Options{Parallel: 3, Progress: func(table string, n, total int64) {
		if n < rows[table] || float64(n) > 1.05*float64(total) {
			t.Errorf("%s: %d of %d rows", table, n, total)
		}
		rows[table], last = n, table
	}})
	if err != nil || last == "" {
		t.Fatal(err)
	}
	entries, _ := os.ReadDir(dir)
	if len(entries) != 8 {
		t.Errorf("%d files", len(entries))
	}
	for _, table := range dbgen.Tables() {
		b, err := os.ReadFile(filepath.Join(dir, table.Name+".parquet"))
		if err != nil {
			t.Fatal(err)
		}
		f, err := parquet.OpenFile(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		if f.NumRows() != rows[table.Name] {
			t.Errorf("%s: %d rows, reported %d", table.Name, f.NumRows(), rows[table.Name])
		}
		for _, g := range f.RowGroups() {
			if g.NumRows() > groupRows {
				t.Errorf("%s: a row group of %d rows", table.Name, g.NumRows())
			}
			for _, c := range g.ColumnChunks() {
				checkPages(t, c, g.NumRows())
			}
		}
	}
}

// checkPages compares a chunk's pages with its indexes.
func checkPages(t *testing.T, c parquet.ColumnChunk, rows int64) {
	t.Helper()
	index, err := c.ColumnIndex()
	if err != nil {
		t.Fatal(err)
	}
	offsets, err := c.OffsetIndex()
	if err != nil {
		t.Fatal(err)
	}
	pages := c.Pages()
	defer func() { _ = pages.Close() }()
	seen := int64(0)
	for i := 0; ; i++ {
		p, err := pages.ReadPage()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if offsets.FirstRowIndex(i) != seen || p.NumNulls() != 0 {
			t.Errorf("page %d starts with row %d, not %d", i, offsets.FirstRowIndex(i), seen)
		}
		seen += p.NumRows()
		low, high := index.MinValue(i), index.MaxValue(i)
		values := make([]parquet.Value, p.NumValues())
		if n, err := p.Values().ReadValues(values); n != len(values) {
			t.Fatal(n, err)
		}
		for _, v := range values {
			if c.Type().Compare(v, low) < 0 || c.Type().Compare(v, high) > 0 {
				t.Fatalf("%v is not between %v and %v", v, low, high)
			}
		}
		parquet.Release(p)
	}
	if seen != rows {
		t.Errorf("%d rows in pages, %d in the row group", seen, rows)
	}
}

// TestCancel checks that an interrupted write leaves nothing behind.
func TestCancel(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	err := TPCH(ctx, 0.2, dir, Options{Tables: []string{"lineitem"}, Progress: func(string, int64, int64) { cancel() }})
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 0 {
		t.Errorf("%v was left behind", entries)
	}
	if err := TPCH(context.Background(), -1, dir, Options{}); err == nil {
		t.Error("scale factor -1 is accepted")
	}
}

// TestHybrid checks the code encoder bit by bit.
func TestHybrid(t *testing.T) {
	for width := uint(1); width <= 20; width++ {
		r := rand.New(rand.NewPCG(1, uint64(width)))
		var codes []int32
		for range 40 {
			v := int32(r.Uint32() & (1<<width - 1))
			for range 1 + r.IntN(40)*r.IntN(2) {
				codes = append(codes, v)
			}
		}
		if got := decodeHybrid(appendHybrid(nil, codes, width), width, len(codes)); !equal(got, codes) {
			t.Errorf("width %d: %v, want %v", width, got, codes)
		}
	}
}

func equal(a, b []int32) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// decodeHybrid follows the specification bit by bit.
func decodeHybrid(b []byte, width uint, n int) []int32 {
	var out []int32
	for len(out) < n {
		head, k := uint64(0), 0
		for shift := uint(0); ; shift += 7 {
			head |= uint64(b[k]&0x7f) << shift
			k++
			if b[k-1] < 0x80 {
				break
			}
		}
		b = b[k:]
		if head&1 == 0 {
			size := int(width+7) / 8
			v := int32(0)
			for i := range size {
				v |= int32(b[i]) << (8 * i)
			}
			for range head >> 1 {
				out = append(out, v)
			}
			b = b[size:]
			continue
		}
		for i := range int(head>>1) * 8 {
			v := int32(0)
			for bit := range int(width) {
				at := i*int(width) + bit
				v |= int32(b[at>>3]>>(at&7)&1) << bit
			}
			out = append(out, v)
		}
		b = b[int(head>>1)*int(width):]
	}
	return out[:n]
}

// BenchmarkTPCH writes FLINT_TPCH_SF (or 0.1) into FLINT_TPCH_OUT, which stays,
// or a folder that goes.
func BenchmarkTPCH(b *testing.B) {
	sf := 0.1
	if s := os.Getenv("FLINT_TPCH_SF"); s != "" {
		var err error
		if sf, err = strconv.ParseFloat(s, 64); err != nil {
			b.Fatal(err)
		}
	}
	dir := os.Getenv("FLINT_TPCH_OUT")
	if dir == "" {
		dir = b.TempDir()
	}
	for b.Loop() {
		if err := TPCH(context.Background(), sf, dir, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
