package parquet

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/sql/types"
	"github.com/parquet-go/parquet-go"
)

// TestCache reads files again and again, in several goroutines at once,
// through caches that hold everything, a part, and hardly anything.
func TestCache(t *testing.T) {
	for turn, limit := range []int64{1 << 30, 300 << 10, 5000} {
		for _, nulls := range []func(int) bool{nil, func(i int) bool { return mix(i)%3 == 0 }} {
			dir := t.TempDir()
			want := writeSample(t, filepath.Join(dir, "t.parquet"), 1100, turn, &parquet.Snappy, 1+turn%2, nulls)
			c := open(t, dir)
			root := memory.NewRoot("cache", 0)
			cache := NewCache(root, limit)
			c.UseCache(cache)
			tab, err := c.Table(context.Background(), "public", "t")
			if err != nil {
				t.Fatal(err)
			}
			var wg sync.WaitGroup
			for k := range 4 {
				wg.Go(func() {
					for round := range 3 {
						size := []int{0, 7, 130}[(k+round)%3]
						got := scan(t, c, tab, all(tab), catalog.ScanRequest{Limit: -1}, catalog.ReadRequest{Limit: -1, BatchSize: size})
						compareRows(t, fmt.Sprintf("limit %d, round %d", limit, round), got, want)
						// Other rows of the same pages, jumped to.
						p := &between{column: 0, low: 0, high: 5}
						some := []int{columnNamed(tab, "int64"), 0, len(tab.Schema()) - 1}
						_ = scan(t, c, tab, some, catalog.ScanRequest{Limit: -1}, catalog.ReadRequest{Limit: -1, BatchSize: size, Predicate: p})
						if round == 0 && k == 0 { // pages become narrow while others read them
							cache.scarce.Store(true)
						}
					}
				})
			}
			wg.Wait()
			if cache.held > limit || cache.held != root.Used() || limit >= 300<<10 && len(cache.known) == 0 {
				t.Fatalf("the cache holds %d bytes of %d in %d pages, charged %d", cache.held, limit, len(cache.known), root.Used())
			}
			held, narrow := int64(0), map[layout]int{}
			for _, p := range cache.known {
				held += p.size
				narrow[p.page.layout]++
			}
			if limit == 1<<30 && (narrow[layoutNarrow] == 0 || narrow[layoutNarrowWords] == 0 || narrow[layoutWords] > 0) {
				t.Fatalf("layouts of pages: %v", narrow)
			}
			if held != cache.held {
				t.Fatalf("pages of %d bytes, %d held", held, cache.held)
			}
		}
	}
}

func columnNamed(tab catalog.Table, name string) int {
	return slices.IndexFunc(tab.Schema(), func(f types.Field) bool { return f.Name == name })
}

// TestCachePressure checks that a reservation takes memory from the cache
// before it fails, and that the cache takes none from anybody.
func TestCachePressure(t *testing.T) {
	root := memory.NewRoot("process", 1000)
	c := NewCache(root, 800)
	f := &file{}
	for i := range int64(10) {
		if c.reserve(pageKey{f, i}, 100) {
			c.put(&cachedPage{key: pageKey{f, i}, size: 100})
		}
	}
	if root.Used() != 800 {
		t.Fatalf("%d bytes cached", root.Used())
	}
	query := root.Child("query", 0)
	if err := query.Reserve(600); err != nil {
		t.Fatal(err)
	}
	if root.Used() > 1000 || c.held != root.Used()-600 {
		t.Fatalf("%d bytes used, %d cached", root.Used(), c.held)
	}
	if err := query.Reserve(401); err == nil {
		t.Fatal("more than the limit was reserved")
	}
	if c.reserve(pageKey{f, 11}, 500) {
		t.Fatal("the cache took what is not there")
	}
	query.Close()
	c.shrink(1 << 40)
	if root.Used() != 0 || len(c.known) != 0 {
		t.Fatalf("%d bytes are still charged", root.Used())
	}
}

// TestCachePatience scans twice the cache's size over and over: a part of it stays.
func TestCachePatience(t *testing.T) {
	c := NewCache(memory.NewRoot("process", 0), 50*100)
	f := &file{}
	hits := 0
	for range 10 {
		for i := range int64(100) {
			k := pageKey{f, i}
			if c.get(k) != nil {
				hits++
			} else if c.reserve(k, 100) {
				c.put(&cachedPage{key: k, size: 100})
			}
		}
	}
	if hits < 400 {
		t.Fatalf("%d hits in 1000", hits)
	}
	for range 10 { // others come, and stay instead
		for i := range int64(50) {
			k := pageKey{f, 1000 + i}
			if c.get(k) == nil && c.reserve(k, 100) {
				c.put(&cachedPage{key: k, size: 100})
			}
		}
	}
	if c.get(pageKey{f, 1000}) == nil || c.get(pageKey{f, 1049}) == nil {
		t.Fatal("pages that nobody uses keep others out")
	}
}

// TestCacheTurns lets pages that come a second time take the place of others
// that lie unused for longer, long before patience ends, also when it is not the cache's limit that is reached.
func TestCacheTurns(t *testing.T) {
	for _, limits := range [][2]int64{{0, 50 * 100}, {50 * 100, 1 << 20}} {
		c := NewCache(memory.NewRoot("process", limits[0]), limits[1])
		f := &file{}
		turn := func(from int64) (hits int) {
			for i := from; i < from+50; i++ {
				k := pageKey{f, i}
				if c.get(k) != nil {
					hits++
				} else if c.reserve(k, 100) {
					c.put(&cachedPage{key: k, size: 100})
				}
			}
			return hits
		}
		for range 20 {
			turn(0)
		}
		if turn(0) != 50 || turn(1000) != 0 || turn(1000) != 0 {
			t.Fatal("pages of a first turn are kept instead of others")
		}
		if hits := turn(1000); hits < 40 {
			t.Fatalf("%d of 50 pages are there in the third turn", hits)
		}
	}
}
