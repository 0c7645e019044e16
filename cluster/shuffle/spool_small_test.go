package shuffle

import (
	"errors"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/flintsql/flint/cluster/scheduler"
	"github.com/flintsql/flint/exec/memory"
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

// TestCarried: an output that is small enough goes with the word of its commit, from files' spools and from memory's, and
// reads as it was written; larger ones, those whose bytes had to be written before, and damaged ones do not.
func TestCarried(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 8))
	small := [][]*vector.Batch{randomBatches(r, 3, 20), nil, append(randomBatches(r, 2, 60), randomBatches(r, 2, 4)...)}
	large := [][]*vector.Batch{randomBatches(r, 60, 900)}
	for c := None; c <= Zstd; c++ {
		tc := newTestCluster(t, c)
		var outgrown []scheduler.QueryID
		tc.store.spooler.(*FileSpooler).Outgrown = func(q scheduler.QueryID) { outgrown = append(outgrown, q) }
		for name, store := range map[string]*Store{"files": tc.store, "memory": NewStore(nil)} {
			acct := memory.NewRoot("test", 0)
			carried := commit(t, store, attemptNo(9, 0, 1), small, 64<<10, acct)
			for _, parts := range []scheduler.Span{One(0), One(1), One(2), All()} {
				var want []string
				for p := range small {
					if parts == All() || parts == One(p) {
						want = append(want, texts(small[p])...)
					}
				}
				src, err := OpenCarried(carried, parts, NewSchema(testFields()))
				if err != nil {
					t.Fatal(err)
				}
				got, err := drain(t.Context(), src)
				if err != nil {
					t.Fatal(err)
				}
				equal(t, name, got, want)
			}
			for _, n := range []int{1, 8, 16, len(carried) - 9, len(carried)} {
				if src, err := OpenCarried(carried[n:], All(), NewSchema(testFields())); err == nil {
					if got, err := drain(t.Context(), src); err == nil && len(got) > 0 {
						t.Errorf("without its first %d of %d bytes it reads", n, len(carried))
					}
				}
			}
			if got := commit(t, store, attemptNo(9, 1, 1), small, 100, acct); got != "" {
				t.Errorf("%s: %d bytes are carried where 100 may be", name, len(got))
			}
			if got := commit(t, store, attemptNo(9, 2, 1), large, 1<<30, acct); name == "files" && got != "" {
				t.Errorf("%d bytes are carried beside a file", len(got))
			}
			store.Drop(9)
			if acct.Used() != 0 {
				t.Errorf("%s: %d bytes are held", name, acct.Used())
			}
		}
		if len(outgrown) != 1 { // of the small one: the large one may be of any size
			t.Errorf("%d outputs have outgrown their part", len(outgrown))
		}
	}
}

// commit spools an output and returns what of it is carried.
func commit(t *testing.T, s *Store, a scheduler.Attempt, parts [][]*vector.Batch, carry int, acct *memory.Account) string {
	t.Helper()
	w, err := s.NewWriter(a, []Output{{Edge: 3, Partitions: len(parts), Mode: scheduler.Spooled, Fields: testFields(), Carry: carry}}, acct)
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
	sizes, _, err := w.Finish(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return sizes[0].Carried
}
