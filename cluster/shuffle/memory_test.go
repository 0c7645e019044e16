package shuffle

import (
	"context"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/flintsql/flint/cluster/scheduler"
	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/exec/spill"
	"github.com/flintsql/flint/exec/vector"
)

// Outputs that nobody reads give their memory to others, by partition; what is
// being read stays, and everything reads the same afterwards, also what was written when memory was tight.
func TestEvict(t *testing.T) {
	root := memory.NewRoot("flint", 0)
	dir := spill.NewDir(filepath.Join(t.TempDir(), "spill"))
	defer dir.Close()
	store := NewStore(nil)
	store.Overflow(dir, root)
	rnd := rand.New(rand.NewPCG(9, 9))
	parts := [][]*vector.Batch{randomBatches(rnd, 6, 4000), randomBatches(rnd, 3, 4000), randomBatches(rnd, 1, 10)}
	put := func(store *Store, a scheduler.Attempt, acct *memory.Account) {
		t.Helper()
		w, err := store.NewWriter(a, []Output{{Edge: 3, Partitions: len(parts), Mode: scheduler.Spooled, Fields: testFields()}}, acct)
		if err != nil {
			t.Fatal(err)
		}
		for p, bs := range parts {
			for _, b := range bs {
				if err := w.Write(t.Context(), 3, p, b); err != nil {
					t.Fatal(err)
				}
			}
		}
		if _, _, err := w.Finish(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	check := func(store *Store, a scheduler.Attempt) {
		t.Helper()
		for p, bs := range parts {
			s, err := store.Spooled(Key{a, 3}, One(p))
			if err != nil {
				t.Fatal(err)
			}
			rows, err := drain(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			equal(t, "partition", rows, texts(bs))
		}
	}
	a, q := attemptNo(1, 0, 1), root.Query("query 1", 0)
	put(store, a, q)
	whole := root.Used()
	reader, err := store.Spooled(Key{a, 3}, One(0))
	if err != nil {
		t.Fatal(err)
	}
	if n := store.evict(whole, nil); n == 0 || n > whole/2 || dir.Used() == 0 {
		t.Errorf("%d of %d bytes were evicted while the larger partition is read", n, whole)
	}
	first, err := reader.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "a batch", text(first), text(parts[0][0]))
	reader.Close()
	if n := store.evict(whole, nil); n < whole/2 || root.Used() > evictLeast {
		t.Errorf("%d of %d bytes were evicted, %d are charged", n, whole, root.Used())
	}
	check(store, a)

	// A query's own limit moves its outputs, and nobody else's.
	other := root.Query("query 2", whole+whole/4)
	put(store, attemptNo(2, 0, 1), other)
	mine := other.Used()
	put(store, attemptNo(3, 0, 1), root.Query("query 3", 0))
	others := root.Used() - mine
	if err := other.ReserveNow(whole); err != nil || other.Used() > whole+whole/4 || root.Used() != others+other.Used() {
		t.Errorf("the query has %d bytes, all have %d; before %d and %d: %v", other.Used(), root.Used(), mine, others+mine, err)
	}
	other.Release(whole)
	check(store, attemptNo(2, 0, 1))
	store.Drop(2)
	store.Drop(3)

	// A small process: the output goes to disk while it is written.
	small := memory.NewRoot("flint", whole/2)
	tight := NewStore(nil)
	tight.Overflow(dir, small)
	put(tight, a, small.Query("query 1", 0))
	if small.Used() != 0 || small.Peak() > whole/2 {
		t.Errorf("%d bytes are charged, at most %d", small.Used(), small.Peak())
	}
	check(tight, a)
	store.Drop(1)
	tight.Drop(1)
	if root.Used() != 0 || small.Used() != 0 || dir.Used() != 0 {
		t.Errorf("left: %d and %d bytes, %d on disk", root.Used(), small.Used(), dir.Used())
	}
}

// Batches on their way are charged; without memory one at a time passes.
func TestPipeCharges(t *testing.T) {
	b := randomBatches(rand.New(rand.NewPCG(9, 9)), 1, 1000)[0]
	root := memory.NewRoot("flint", 5*b.Size()/2)
	store := NewStore(nil)
	w, err := store.NewWriter(attemptNo(1, 0, 1), []Output{{Edge: 3, Partitions: 1, Mode: scheduler.Pipelined}}, root)
	if err != nil {
		t.Fatal(err)
	}
	q := w.pipes[3].queues[0]
	put := func() error {
		ctx, stop := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer stop()
		return w.Write(ctx, 3, 0, b)
	}
	taken := 0
	for put() == nil {
		taken++
	}
	if taken != 2 || root.Used() != 2*b.Size() {
		t.Errorf("%d bytes are charged for two batches of %d, and a third must wait", root.Used(), b.Size())
	}
	for range 2 {
		if _, err := q.Next(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	other := root.Child("other", 0)
	if root.Used() != 0 || other.Reserve(2*b.Size()) != nil {
		t.Errorf("%d bytes are charged", root.Used())
	}
	if put() != nil || put() == nil {
		t.Error("one batch must pass, and one only")
	}
	q.Close()
	other.Close()
	if root.Used() != 0 {
		t.Errorf("%d bytes are left", root.Used())
	}
}
