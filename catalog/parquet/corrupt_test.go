package parquet

import (
	"context"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
)

// readSplit reads a split to its end under a memory limit (0 = none).
func readSplit(c *Connector, split catalog.Split, columns []int, limit int64) error {
	ctx := context.Background()
	account := memory.NewRoot("split", limit)
	r, err := c.Open(ctx, split, catalog.ReadRequest{Columns: columns, Account: account, Limit: -1, Predicate: nil})
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	for {
		b, err := r.Next(ctx)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		for _, v := range b.Cols {
			for i := range b.Rows {
				v.Get(i) // every row can be looked at
			}
		}
	}
}

// readEverything reads a file with everything: statistics, splits and rows.
func readEverything(c *Connector, name string) error {
	ctx := context.Background()
	tab, err := c.Table(ctx, "public", name)
	if err != nil {
		return err
	}
	if _, err := tab.Stats(ctx, all(tab)); err != nil {
		return err
	}
	plan, err := tab.Scan(ctx, catalog.ScanRequest{Columns: all(tab), Limit: -1})
	if err != nil {
		return err
	}
	for _, s := range plan.Splits {
		if s.Rows > 1<<20 {
			continue // rows that are not there take no memory, but time
		}
		if err := readSplit(c, s, all(tab), 64<<20); err != nil {
			return err
		}
	}
	return nil
}

// allowed reports the errors that bad files may give, which name the file.
func allowed(err error) bool {
	switch sqlerr.Code(err) {
	case "", "53200":
		return true
	case "58030", "XX001", "0A000":
		return strings.Contains(err.Error(), "t.parquet")
	}
	return false
}

// FuzzFile checks that no file makes the reader panic, hang or allocate
// without measure, whatever it says.
func FuzzFile(f *testing.F) {
	for _, b := range seeds(f) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "t.parquet"), b, 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := New(dir, memory.NewRoot("test", 256<<20))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Close() }()
		if err := readEverything(c, "t"); !allowed(err) {
			t.Fatalf("%v", err)
		}
	})
}

// seeds are small valid files of many kinds.
func seeds(t testing.TB) [][]byte {
	var out [][]byte
	dir := t.TempDir()
	for turn := range 4 {
		path := filepath.Join(dir, "s.parquet")
		writeSample(t, path, 40, turn, []compress.Codec{&parquet.Snappy, &parquet.Zstd, &parquet.Gzip, &parquet.Lz4Raw}[turn], 1+turn%2, func(i int) bool { return turn > 1 && i%3 == 0 })
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, b)
	}
	frozen, _ := filepath.Glob("testdata/*.parquet")
	for _, p := range frozen {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, b)
	}
	return out
}

// TestCorrupt flips, cuts and overwrites bytes of valid files at random.
func TestCorrupt(t *testing.T) {
	rounds := 150
	if testing.Short() {
		rounds = 50
	}
	failed := 0
	for k, good := range seeds(t) {
		r := rand.New(rand.NewPCG(1, uint64(k)))
		for range rounds {
			b := append([]byte(nil), good...)
			for range 1 + r.IntN(4) {
				switch r.IntN(8) {
				case 0:
					b = b[:r.IntN(len(b)+1)]
				case 1: // the footer is where the lies are
					if len(b) > 3000 {
						b[len(b)-1-r.IntN(3000)] = byte(r.Uint32())
					}
				default:
					if len(b) > 0 {
						b[r.IntN(len(b))] ^= 1 << r.IntN(8)
					}
				}
			}
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "t.parquet"), b, 0o600); err != nil {
				t.Fatal(err)
			}
			c, err := New(dir, memory.NewRoot("test", 256<<20))
			if err != nil {
				t.Fatal(err)
			}
			err = readEverything(c, "t")
			if !allowed(err) {
				t.Errorf("seed %d: %v", k, err)
			}
			if err != nil {
				failed++
			}
			_ = c.Close()
		}
	}
	if failed == 0 {
		t.Error("nothing was noticed")
	}
}

// TestNotParquet checks the errors for files that never were Parquet.
func TestNotParquet(t *testing.T) {
	for text, code := range map[string]string{
		"": "XX001", "PAR1": "XX001", "hello, this is a text": "XX001", "PAR1xxxxxxxxPAR1": "XX001", "PAR1\xff\xff\xff\x7fPAR1": "XX001", "PAR1xxxx\x04\x00\x00\x00PARE": "0A000",
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "t.parquet"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := readEverything(open(t, dir), "t"); sqlerr.Code(err) != code || !allowed(err) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
