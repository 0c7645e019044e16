package shuffle

import (
	"errors"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/flintsql/flint/cluster/scheduler"
	"github.com/flintsql/flint/exec/vector"
)

// TestSmallSpool: an output that is read at once, its blocks aligned or not, reads as it was written, and
// damage to it is an error.
func TestSmallSpool(t *testing.T) {
	for c := None; c <= Zstd; c++ {
		tc := newTestCluster(t, c)
		r := rand.New(rand.NewPCG(uint64(c), 3))
		// Large enough for compression, and too small for it.
		parts := [][]*vector.Batch{append(randomBatches(r, 3, 60), randomBatches(r, 3, 4)...), nil, randomBatches(r, 2, 30)}
		a := attemptNo(9, 0, 1)
		if err := tc.spool(t, a, parts); err != nil {
			t.Fatal(err)
		}
		path := outputPath(tc.dir, Key{a, 3})
		data, err := os.ReadFile(path)
		if err != nil || len(data) > wholeFile {
			t.Fatalf("%d bytes, %v", len(data), err)
		}
		for _, side := range []*Remote{tc.local, tc.remote} {
			for p := range parts {
				got, err := tc.read(t, side, a, scheduler.Spooled, One(p))
				if err != nil {
					t.Fatal(err)
				}
				equal(t, "small", got, texts(parts[p]))
			}
		}
		for _, n := range []int{1, 8, 16, len(data) - 9, len(data)} { // the index does not fit any more
			if err := os.WriteFile(path, data[n:], 0o600); err != nil {
				t.Fatal(err)
			}
			if got, err := tc.read(t, tc.local, a, scheduler.Spooled, All()); err == nil && len(got) > 0 {
				t.Errorf("without its first %d of %d bytes it reads", n, len(data))
			}
		}
	}
}

// TestBegin: a query that has begun commits by renaming alone, one that has ended begins no more.
func TestBegin(t *testing.T) {
	tc := newTestCluster(t, None)
	commits := tc.store.spooler.(*FileSpooler).Committer.(*WorkerCommitter)
	commits.Begin(t.Context(), 5)
	commits.client = nil // so that a request would panic
	parts := [][]*vector.Batch{randomBatches(rand.New(rand.NewPCG(1, 1)), 2, 10)}
	if err := tc.spool(t, attemptNo(5, 0, 1), parts); err != nil {
		t.Fatal(err)
	}
	var refused *CommitError
	if err := tc.spool(t, attemptNo(5, 0, 1), parts); !errors.As(err, &refused) {
		t.Errorf("the same attempt commits twice: %v", err)
	}
	if err := tc.depot.Drop(5); err != nil {
		t.Fatal(err)
	}
	if err := tc.depot.Commit(scheduler.Attempt{TaskID: scheduler.TaskID{Query: 5}}, nil); !errors.As(err, &refused) {
		t.Errorf("an ended query begins: %v", err)
	}
	if left, _ := os.ReadDir(tc.dir); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
}
