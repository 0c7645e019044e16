package physical

import (
	"math"
	"math/rand"
	"slices"
	"testing"

	"github.com/flintsql/flint/catalog"
)

// randomZones makes splits with rows in rough order of a key, and tells every row's key by split.
func randomZones(rng *rand.Rand, splits int, blur int64) (*scanSplits, [][]int64) {
	var keys [][]int64
	s := &scanSplits{node: &Scan{Columns: []int{3}, Limit: -1}}
	at := rng.Int63n(1000) - 500
	for i := range splits {
		var k []int64
		for range 1 + rng.Intn(40) {
			k = append(k, at+rng.Int63n(blur))
			at += rng.Int63n(3)
		}
		keys = append(keys, k)
		s.splits = append(s.splits, catalog.Split{Payload: []byte{byte(i)}, Rows: int64(len(k))})
	}
	s.bounds = func(split, column int) (int64, int64, bool) {
		return slices.Min(keys[split]), slices.Max(keys[split]), column == 3
	}
	return s, keys
}

// TestRangesPartition: every row belongs to exactly one task, that of its key in every scan, and is in a split that
// the task reads; one without others' rows is not tested.
func TestRangesPartition(t *testing.T) {
	rng := rand.New(rand.NewSource(5))
	dealt := 0
	for range 3000 {
		tasks := 2 + rng.Intn(4)
		p := &planner{o: Options{Slots: tasks, Processes: 2}}
		a, keysA := randomZones(rng, 1+rng.Intn(20), 1+rng.Int63n(20))
		b, keysB := randomZones(rng, 1+rng.Intn(20), 1+rng.Int63n(20))
		if rng.Intn(10) == 0 { // in no order
			b, keysB = randomZones(rng, 3+rng.Intn(20), 2000)
		}
		x, okA := a.by(0)
		y, okB := b.by(0)
		if !okA || !okB {
			t.Fatal("bounds are not found")
		}
		if !p.dealScans([]rangedScan{x, y}) {
			continue
		}
		if n := len(b.splits); n > 4 && y.splits[n-1].least < y.splits[0].greatest {
			t.Fatal("a table in no order is dealt by ranges")
		}
		dealt++
		checkRanges(t, a, keysA, tasks)
		checkRanges(t, b, keysB, tasks)
		for i := range a.ranges {
			if c, d := a.ranges[i].cut, b.ranges[i].cut; c.Least != d.Least || c.Greatest != d.Greatest {
				t.Fatalf("the scans' ranges differ: %v, %v", c, d)
			}
		}
	}
	if dealt < 300 {
		t.Errorf("only %d cases were dealt", dealt)
	}
}

func checkRanges(t *testing.T, s *scanSplits, keys [][]int64, tasks int) {
	t.Helper()
	if len(s.ranges) != tasks || s.ranges[0].cut.Least != math.MinInt64 || s.ranges[tasks-1].cut.Greatest != math.MaxInt64 {
		t.Fatalf("%d ranges of %d, or open ends", len(s.ranges), tasks)
	}
	rows, want := 0, 0
	for _, k := range keys {
		want += len(k)
	}
	for i, r := range s.ranges {
		if i > 0 && r.cut.Least != s.ranges[i-1].cut.Greatest+1 {
			t.Fatalf("range %d begins at %d, the one before ends at %d", i, r.cut.Least, s.ranges[i-1].cut.Greatest)
		}
		for j, sp := range r.splits {
			for _, k := range keys[sp.Payload[0]] {
				if k >= r.cut.Least && k <= r.cut.Greatest {
					rows++
				} else if !slices.Contains(r.cut.Mixed, j) {
					t.Fatalf("task %d takes key %d of another range", i, k)
				}
			}
		}
	}
	if rows != want {
		t.Fatalf("tasks read %d rows of %d", rows, want)
	}
}
