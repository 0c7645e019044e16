package parquet

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/exec/vector"
	"github.com/parquet-go/parquet-go"
)

type innerRow struct {
	X int32    `parquet:"x"`
	Y *string  `parquet:"y,optional"`
	Z []string `parquet:"z,list"`
}

type nestedRow struct {
	Ints   []int64          `parquet:"ints,list"`
	Bare   []string         `parquet:"bare,dict"`
	Inner  *innerRow        `parquet:"inner,optional"`
	Many   []innerRow       `parquet:"many,list"`
	Deep   [][]int32        `parquet:"deep,list"`
	Counts map[string]int32 `parquet:"counts"`
}

// makeNested returns a row and how SQL shows its columns, by name.
func makeNested(i int) (nestedRow, map[string]string) {
	r := nestedRow{Counts: map[string]int32{}}
	show := map[string]string{}
	var ints, bare []string
	for k := range i % 7 {
		r.Ints = append(r.Ints, int64(i*k))
		ints = append(ints, fmt.Sprint(i*k))
	}
	for k := range (i / 3) % 4 {
		r.Bare = append(r.Bare, fmt.Sprint("s", (i+k)%5))
		bare = append(bare, fmt.Sprint("s", (i+k)%5))
	}
	show["ints"], show["bare"] = "'{"+strings.Join(ints, ",")+"}'", "'{"+strings.Join(bare, ",")+"}'"
	inner := func(n int) (innerRow, string) {
		y := fmt.Sprint("y", n)
		x := innerRow{X: int32(n), Y: &y, Z: []string{"a", y}}
		if n%2 == 0 {
			return innerRow{X: int32(n)}, fmt.Sprintf(`{"x":%d,"y":null,"z":[]}`, n)
		}
		return x, fmt.Sprintf(`{"x":%d,"y":"%s","z":["a","%s"]}`, n, y, y)
	}
	show["inner"] = "NULL"
	if i%3 > 0 {
		x, s := inner(i)
		r.Inner, show["inner"] = &x, "'"+s+"'"
	}
	var many, deep []string
	for k := range i % 4 {
		x, s := inner(i + k)
		r.Many, many = append(r.Many, x), append(many, s)
		var row []int32
		for n := range k {
			row = append(row, int32(n))
		}
		r.Deep, deep = append(r.Deep, row), append(deep, strings.ReplaceAll(fmt.Sprint(row), " ", ","))
	}
	show["many"], show["deep"] = "'["+strings.Join(many, ",")+"]'", "'["+strings.Join(deep, ",")+"]'"
	show["counts"] = "'{}'"
	if i%2 == 1 {
		r.Counts["k"] = int32(i)
		show["counts"] = fmt.Sprintf(`'{"k":%d}'`, i)
	}
	return r, show
}

// TestNested reads lists, structs and maps whose rows are spread over many
// small pages, whole and with rows passed over.
func TestNested(t *testing.T) {
	const n = 3000
	for version := 1; version <= 2; version++ {
		dir := t.TempDir()
		var out bytes.Buffer
		w := parquet.NewGenericWriter[nestedRow](&out, parquet.PageBufferSize(700), parquet.DataPageVersion(version), parquet.MaxRowsPerRowGroup(1000))
		want := map[string][]string{}
		for i := range n {
			r, show := makeNested(i)
			if _, err := w.Write([]nestedRow{r}); err != nil {
				t.Fatal(err)
			}
			for name, s := range show {
				want[name] = append(want[name], "|"+s)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "t.parquet"), out.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		c := open(t, dir)
		tab, err := c.Table(context.Background(), "public", "t")
		if err != nil {
			t.Fatal(err)
		}
		for i, f := range tab.Schema() {
			for _, size := range []int{0, 17} {
				got := scan(t, c, tab, []int{i}, catalog.ScanRequest{Limit: -1}, catalog.ReadRequest{Limit: -1, BatchSize: size})
				compareRows(t, fmt.Sprintf("%s, version %d", f.Name, version), got, want[f.Name])
			}
		}
		// Rows are passed over where a predicate excludes batches.
		whole := scan(t, c, tab, all(tab), catalog.ScanRequest{Limit: -1}, catalog.ReadRequest{Limit: -1})
		every := &everyThird{}
		got := scan(t, c, tab, all(tab), catalog.ScanRequest{Limit: -1}, catalog.ReadRequest{Limit: -1, BatchSize: 50, Predicate: every})
		compareRows(t, "selected", got, every.of(whole, 50, 1000))
	}
}

// everyThird passes the last row of every third batch of a row group.
type everyThird struct{ batch int }

func (p *everyThird) Columns() []int          { return nil }
func (p *everyThird) Ranges() []catalog.Range { return nil }

func (p *everyThird) Select(b *vector.Batch) ([]int32, bool, error) {
	p.batch++
	if p.batch%3 != 0 {
		return nil, false, nil
	}
	return []int32{int32(b.Rows - 1)}, false, nil
}

// of returns the rows that pass of groups of rows that are read in batches.
func (p *everyThird) of(rows []string, batch, group int) []string {
	var out []string
	k := 0
	for g := 0; g < len(rows); g += group {
		for from := g; from < g+group; from += batch {
			if k++; k%3 == 0 {
				out = append(out, rows[min(from+batch, g+group)-1])
			}
		}
	}
	return out
}

// TestConcurrent reads one file from many goroutines, whose footers, pools and
// dictionaries are shared.
func TestConcurrent(t *testing.T) {
	dir := t.TempDir()
	want := writeSample(t, filepath.Join(dir, "t.parquet"), 600, 1, &parquet.Zstd, 2, func(i int) bool { return i%5 == 0 })
	c := open(t, dir)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			tab, err := c.Table(context.Background(), "public", "t")
			if err != nil {
				t.Error(err)
				return
			}
			if _, err := tab.Stats(context.Background(), all(tab)); err != nil {
				t.Error(err)
			}
			for range 3 {
				got := scan(t, c, tab, all(tab), catalog.ScanRequest{Limit: -1}, catalog.ReadRequest{Limit: -1, BatchSize: 90})
				compareRows(t, "concurrent", got, want)
			}
		})
	}
	group.Wait()
	if len(c.footers.known) != 1 {
		t.Errorf("%d footers are known", len(c.footers.known))
	}
}
