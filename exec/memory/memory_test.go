package memory

import (
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/flintsql/flint/sql/sqlerr"
)

// A refused request charges nothing anywhere, and says who holds what.
func TestExceeded(t *testing.T) {
	root := NewRoot("flint", 1000)
	q7, q8 := root.Query("query 7", 600), root.Query("query 8", 0)
	sort, agg := q7.Task("stage 1 task 0").Child("Sort #5", 0), q7.Child("Aggregate #2", 0)
	for _, c := range []struct {
		a *Account
		n int64
	}{{sort, 400}, {agg, 100}, {q8.Child("Join #1", 0), 300}, {root.Child("footers", 0), 50}} {
		if err := c.a.Reserve(c.n); err != nil {
			t.Fatal(err)
		}
	}
	err := sort.Reserve(200) // over the query's limit; the only task waits for nobody
	var e *sqlerr.Error
	if !errors.As(err, &e) || e.Code != sqlerr.OutOfMemory {
		t.Fatalf("%v is not 53200", err)
	}
	for _, want := range []string{"Sort #5 of query 7", "query 7 has 500 B of its limit of 600 B"} {
		if !strings.Contains(e.Message, want) {
			t.Errorf("%q lacks %q", e.Message, want)
		}
	}
	if !strings.Contains(e.Hint, "query_memory_limit") {
		t.Errorf("hint %q", e.Hint)
	}
	err = q8.Child("Join #2", 0).Reserve(200) // over the process's
	errors.As(err, &e)
	if want := "Sort #5 of query 7 400 B, Join #1 of query 8 300 B, Aggregate #2 of query 7 100 B"; !strings.Contains(e.Detail, want) {
		t.Errorf("%q lacks %q", e.Detail, want)
	}
	if root.Used() != 850 || q7.Used() != 500 || q8.Used() != 300 {
		t.Errorf("a refused request is charged: %d, %d, %d", root.Used(), q7.Used(), q8.Used())
	}
}

// Storage uses what execution leaves, and is evicted by it; only execution
// makes memory tight.
func TestStorageGivesWay(t *testing.T) {
	root := NewRoot("flint", 1<<20)
	cache := root.Storage("cache")
	root.OnPressure(func(n int64) int64 {
		n = min(n, cache.Used())
		cache.Release(n)
		return n
	})
	q := root.Query("query 1", 0)
	op := q.Task("task").Child("Sort", 0)
	if !cache.TryReserve(900 << 10) {
		t.Fatal("the cache may use what is free")
	}
	if op.Tight() {
		t.Error("storage makes memory tight")
	}
	if err := op.Reserve(800 << 10); err != nil {
		t.Fatal(err)
	}
	if cache.Used() > 224<<10 || op.Used() != 800<<10 {
		t.Errorf("the cache has %d left", cache.Used())
	}
	if cache.TryReserve(225<<10 - cache.Used()) {
		t.Error("the cache takes from execution")
	}
	if !op.Tight() {
		t.Error("800 KiB of 1 MiB are not tight")
	}
}

// A query has its part of the pool, a task its part of the query's, an operator its part of the task's.
func TestShare(t *testing.T) {
	root := NewRoot("flint", 1<<30)
	q1 := root.Query("query 1", 0)
	t1 := q1.Task("a")
	op := t1.Child("Sort", 0)
	check := func(what string, n int, want int64) {
		t.Helper()
		if got := op.Share(n); got != want {
			t.Errorf("%s: %d MiB, want %d", what, got>>20, want>>20)
		}
	}
	check("alone", 1, 768<<20)
	check("two operators", 2, 384<<20)
	t2 := q1.Task("b")
	check("two tasks", 2, 192<<20)
	q2 := root.Query("query 2", 0)
	check("a query without tasks", 2, 192<<20)
	t3 := q2.Task("c")
	check("two queries", 2, 96<<20)
	_ = q1.Child("output", 0).Reserve(128 << 20)
	check("outputs", 2, 64<<20)
	_ = root.Child("footers", 0).Reserve(256 << 20)
	check("what the process keeps", 2, 32<<20)
	t2.Close()
	t3.Close()
	check("others have ended", 1, 384<<20)
}

// Of two that wait for each other the younger query fails, at once when nobody
// else runs, and the older one goes on.
func TestYoungestFails(t *testing.T) {
	root := NewRoot("flint", 100)
	old, young := root.Query("query 1", 0), root.Query("query 2", 0)
	var errs [2]error
	var wg sync.WaitGroup
	var ready sync.WaitGroup
	ready.Add(2)
	for i, q := range []*Account{old, young} {
		wg.Add(1)
		go func() {
			defer wg.Done()
			task := q.Task("task")
			defer task.Close()
			op := task.Child("Window", 0)
			defer op.Close()
			if err := op.Reserve(50); err != nil {
				t.Error(err)
			}
			ready.Done()
			ready.Wait()
			errs[i] = op.Reserve(30)
		}()
	}
	start := time.Now()
	wg.Wait()
	if errs[0] != nil || errs[1] == nil {
		t.Errorf("old: %v, young: %v", errs[0], errs[1])
	}
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("it took %v to see that nobody else runs", d)
	}
	if root.Used() != 0 {
		t.Errorf("%d bytes are left", root.Used())
	}
}

// A query with less than its fair part does not fail for one with more, though it is younger.
func TestGreedyFailsFirst(t *testing.T) {
	root := NewRoot("flint", 100)
	old, young := root.Query("query 1", 0), root.Query("query 2", 0)
	a, b := old.Task("task"), young.Task("task")
	hog, small := a.Child("Aggregate", 0), b.Child("Scan", 0)
	if hog.Reserve(95) != nil || small.Reserve(5) != nil {
		t.Fatal("there is room")
	}
	done := make(chan error, 1)
	go func() {
		err := hog.Reserve(10)
		hog.Close()
		done <- err
	}()
	if err := small.Reserve(10); err != nil {
		t.Error(err)
	}
	if <-done == nil {
		t.Error("nobody failed")
	}
}

// Who waits is heard: the largest operator is asked to spill, and cancelling ends the waiting.
func TestWaiting(t *testing.T) {
	root := NewRoot("flint", 8<<20)
	q := root.Query("query 1", 0)
	busy, waits := q.Task("a"), q.Task("b")
	sort := busy.Child("Sort", 0)
	if err := sort.Reserve(8 << 20); err != nil {
		t.Fatal(err)
	}
	sort.MaySpill(nil)
	if sort.Reserve(1) == nil {
		t.Fatal("more than there is")
	}
	done := make(chan error, 1)
	go func() { done <- waits.Child("Scan", 0).Reserve(1 << 20) }()
	for !sort.Asked() {
		time.Sleep(time.Millisecond)
	}
	sort.Release(8 << 20)
	sort.Answered()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	go func() { done <- waits.Child("Scan", 0).Reserve(8 << 20) }()
	time.Sleep(10 * time.Millisecond)
	waits.Stop()
	if <-done == nil {
		t.Error("a stopped task got memory that is not there")
	}
}

// A query alone under its own limit fails at once where all its tasks wait: for memory, for a build that waits
// for memory, or for rows of such a task. A task that gets rows from another one is not taken to be stuck.
func TestWaitingForEachOther(t *testing.T) {
	root := NewRoot("flint", 0)
	q := root.Query("query 1", 8<<20)
	builds, helps, reads := q.Task("a"), q.Task("b"), q.Task("c")
	shared := q.Child("SharedBuild", 0)
	if err := shared.Reserve(6 << 20); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	ask := func() { go func() { done <- shared.Reserve(4 << 20) }() }
	fails := func(what string) {
		t.Helper()
		select {
		case err := <-done:
			var e *sqlerr.Error
			if !errors.As(err, &e) || e.Code != sqlerr.OutOfMemory {
				t.Errorf("%s: %v", what, err)
			}
		case <-time.After(patience / 2):
			t.Fatalf("%s: nobody noticed", what)
		}
	}
	helps.Pause() // as when it waits for the shared build
	row := Await(InTask(t.Context(), reads))
	ask()
	fails("one builds, one waits for it, one for rows")

	ask()
	for range 3 * settled / lookAgain { // rows come
		row()
		time.Sleep(lookAgain / 4)
		row = Await(InTask(t.Context(), reads))
		time.Sleep(lookAgain / 2)
	}
	select {
	case err := <-done:
		t.Errorf("somebody works, and %v", err)
	default:
	}
	row()
	shared.Release(3 << 20)
	if err := <-done; err != nil {
		t.Error(err)
	}
	reads.Close()
	done <- builds.Child("Scan", 0).Reserve(8 << 20)
	fails("what works has ended")
	helps.Resume()
	for _, n := range []int64{root.paused.Load(), root.idle.Load(), q.paused.Load(), q.idle.Load()} {
		if n != 0 {
			t.Errorf("%d tasks wait for ever", n)
		}
	}
}

// Random queries with random operators: the limit holds, nobody waits for
// ever, some fail and some succeed, and nothing stays behind.
func TestArbitrationStorm(t *testing.T) {
	const limit, workers = 64 << 20, 12
	root := NewRoot("flint", limit)
	root.arbiter.patience = 30 * time.Millisecond
	cache := root.Storage("cache")
	root.OnPressure(func(n int64) int64 {
		n = min(n, cache.Used())
		cache.Release(n)
		return n
	})
	var ok, failed, spills atomic.Int64
	var wg sync.WaitGroup
	for w := range workers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			rnd := rand.New(rand.NewPCG(1, uint64(w)))
			for range 25 {
				if stormQuery(root, rnd, &spills) == nil {
					ok.Add(1)
				} else {
					failed.Add(1)
				}
				if n := cache.Used(); n < 8<<20 {
					cache.TryReserve(1 << 20)
				}
			}
		}()
	}
	ended := make(chan struct{})
	go func() { wg.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(60 * time.Second):
		t.Fatal("somebody waits for ever")
	}
	t.Logf("%d queries succeeded, %d failed, %d spills", ok.Load(), failed.Load(), spills.Load())
	if ok.Load() < 25 || failed.Load() == 0 || spills.Load() == 0 {
		t.Error("the storm is none")
	}
	cache.Close()
	if root.Used() != 0 || root.stored.Load() != 0 || root.running.Load() != 0 || root.queries.Load() != 0 {
		t.Errorf("left: %d used, %d stored, %d tasks, %d queries", root.Used(), root.stored.Load(), root.running.Load(), root.queries.Load())
	}
	if root.Peak() > limit {
		t.Errorf("peak %d", root.Peak())
	}
}

// stormQuery runs up to three tasks, each with one operator that can spill and
// one that can't.
func stormQuery(root *Account, rnd *rand.Rand, spills *atomic.Int64) error {
	q := root.Query("query", 0)
	defer q.Close()
	tasks := 1 + rnd.IntN(3)
	errs := make([]error, tasks)
	var wg sync.WaitGroup
	for i := range tasks {
		wg.Add(1)
		seed := rnd.Uint64()
		go func() {
			defer wg.Done()
			errs[i] = stormTask(q.Task("task"), rand.New(rand.NewPCG(seed, 0)), spills)
		}()
	}
	wg.Wait()
	return errors.Join(errs...)
}

func stormTask(task *Account, rnd *rand.Rand, spills *atomic.Int64) error {
	defer task.Close()
	can, cannot := task.Child("Sort", 0), task.Child("Window", 0)
	held := int64(0)
	for range 40 {
		n := int64(rnd.IntN(2 << 20))
		err := can.Reserve(n)
		can.MaySpill(nil)
		if held += n; err != nil || can.Asked() || can.Tight() && held > can.Share(2) {
			if err != nil {
				held -= n
			}
			if err != nil && held == 0 {
				return err
			}
			spills.Add(1)
			can.Release(held)
			can.Answered()
			held = 0
		}
		if rnd.IntN(4) == 0 {
			if err := cannot.Reserve(int64(rnd.IntN(1 << 20))); err != nil {
				return err
			}
		}
		if rnd.IntN(8) == 0 {
			time.Sleep(time.Duration(rnd.IntN(200)) * time.Microsecond)
		}
	}
	return nil
}
