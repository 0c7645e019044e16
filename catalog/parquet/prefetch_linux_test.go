package parquet

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"
	"unsafe"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/catalog/parquet/write"
	"golang.org/x/sys/unix"
)

// Prefetch brings a split's columns into the page cache, only after reads were
// slow, and changes nothing that is read.
func TestPrefetch(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	if err := write.TPCH(ctx, 0.02, dir, write.Options{Tables: []string{"lineitem"}}); err != nil {
		t.Fatal(err)
	}
	c := open(t, dir)
	tab, err := c.Table(ctx, "public", "lineitem")
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(filepath.Join(dir, "lineitem.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	plan, err := tab.Scan(ctx, catalog.ScanRequest{Columns: []int{5}, Limit: -1, Slots: 1})
	if err != nil {
		t.Fatal(err)
	}
	request := catalog.ReadRequest{Columns: []int{5}, Limit: -1}
	want := scan(t, c, tab, []int{5}, catalog.ScanRequest{Limit: -1}, catalog.ReadRequest{Limit: -1})

	evict(t, f)
	c.cold.left.Store(0) // a busy machine reads slowly, too
	c.Prefetch(plan.Splits[0], request)
	time.Sleep(20 * time.Millisecond)
	if n := resident(t, f); n > 0 {
		t.Errorf("%d pages are read ahead though reads were fast", n)
	}
	c.cold.note(1<<20, time.Second)
	c.Prefetch(plan.Splits[0], request)
	deadline := time.Now().Add(5 * time.Second)
	least := int(plan.Splits[0].Bytes) / os.Getpagesize() / 2
	for resident(t, f) < least {
		if time.Now().After(deadline) {
			t.Fatalf("%d pages are read ahead, at least %d were expected", resident(t, f), least)
		}
		time.Sleep(time.Millisecond)
	}
	compareRows(t, "after prefetching", scan(t, c, tab, []int{5}, catalog.ScanRequest{Limit: -1}, catalog.ReadRequest{Limit: -1}), want)
	c.Prefetch(catalog.Split{Payload: []byte("no JSON")}, request)
	if err := os.Remove(f.Name()); err != nil {
		t.Fatal(err)
	}
	c.Prefetch(plan.Splits[0], request)
}

// evict drops a file from the page cache, or skips where the file system keeps it there.
func evict(t *testing.T, f *os.File) {
	if err := f.Sync(); err != nil {
		t.Fatal(err)
	}
	if err := unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED); err != nil || resident(t, f) > 0 {
		t.Skip("the file system does not let go of pages")
	}
}

// resident counts the pages of a file that are in memory.
func resident(t *testing.T, f *os.File) int {
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	b, err := unix.Mmap(int(f.Fd()), 0, int(info.Size()), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unix.Munmap(b) }()
	in := make([]byte, (len(b)+os.Getpagesize()-1)/os.Getpagesize())
	_, _, errno := unix.Syscall(unix.SYS_MINCORE, uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)), uintptr(unsafe.Pointer(unsafe.SliceData(in))))
	if errno != 0 {
		t.Skip("mincore: ", errno)
	}
	n := 0
	for _, x := range in {
		n += int(x & 1)
	}
	return n
}
