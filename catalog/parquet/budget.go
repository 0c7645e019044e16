package parquet

import (
	"unsafe"

	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/exec/vector"
)

// budget charges a reader's buffers to its account, always before they grow.
type budget struct {
	account *memory.Account
	held    int64
}

// reserve charges n more bytes (or gives back, when negative).
func (b *budget) reserve(n int64) error {
	return b.account.Resize(&b.held, b.held+n)
}

// close gives everything back.
func (b *budget) close() {
	b.account.Release(b.held)
	b.held = 0
}

// window is how much of a chunk is read at once: the windows of all columns
// have a quarter of what one operator of the task may keep.
func (r *reader) window() int64 {
	share := r.req.Account.Share(1)
	if share == 0 {
		return windowBytes
	}
	return min(windowBytes, max(windowLeast, share/int64(4*max(1, len(r.columns)))))
}

// grow returns s with length n and stale contents, in memory that is aligned
// to 8 bytes. The old contents are lost when it has to grow.
func grow[T any](b *budget, s []T, n int) ([]T, error) {
	if n <= cap(s) {
		return s[:n], nil
	}
	var z T
	size := int(unsafe.Sizeof(z))
	want := n + n/8
	if err := b.reserve(int64(want-cap(s)) * int64(size)); err != nil {
		return s, err
	}
	buf := vector.Alloc(want * size)
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(buf))), want)[:n], nil
}
