package exec

import (
	"context"
	"fmt"
	"math/rand"
	"slices"
	"sync"
	"testing"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
)

// helped calls f with a crew that has so many helpers.
func helped(t *testing.T, helpers int, f func(*workCrew)) {
	t.Helper()
	crew, done := newWorkCrew(), make(chan struct{})
	b := &sharedBuild{done: done, crew: crew}
	var wg sync.WaitGroup
	for range helpers {
		wg.Go(func() { b.wait(t.Context()) })
	}
	f(crew)
	close(done)
	wg.Wait()
}

// A joinIndex finds exactly the rows of each key, in their order, whatever the number of partitions,
// repeated keys, NULLs, words of a key and helpers.
func TestJoinIndex(t *testing.T) {
	rng := rand.New(rand.NewSource(1))
	overrun := 0
	for _, words := range []int{1, 2, 3} {
		for _, n := range []int{0, 1, 700, 20_000, 90_000} {
			for _, distinct := range []int{1, n/3 + 1, n * 1000} {
				name := fmt.Sprint(words, " words, ", n, " rows, ", distinct, " keys")
				keys, in := joinIndexInput(rng, words, n, distinct)
				table := &joinTable{rows: n}
				helped(t, 2, func(crew *workCrew) {
					in.crew = crew
					table.layout = joinLayout(in.types, nil)
					if table.layout.words != words {
						t.Fatalf("%s: the keys have %d words", name, table.layout.words)
					}
					var err error
					switch words {
					case 1:
						err = buildIndex(t.Context(), table, &table.one, in)
						overrun += outOfPlace(&table.one)
					case 2:
						err = buildIndex(t.Context(), table, &table.two, in)
					case 3:
						err = buildIndex(t.Context(), table, &table.three, in)
					}
					if err != nil {
						t.Fatal(err)
					}
				})
				checkJoinIndex(t, name, table, keys, in)
			}
		}
	}
	if overrun == 0 {
		t.Error("no key ran over the end of its partition")
	}
}

// joinIndexInput makes pieces of key columns and what is in them, -1 = NULL.
func joinIndexInput(rng *rand.Rand, words, n, distinct int) (keys []int, in joinKeys) {
	typ := types.Of(types.Int8)
	in = joinKeys{types: slices.Repeat([]types.Type{typ}, words), filter: func(int64) bool { return true }}
	if words > 1 {
		in.filter = nil
	}
	for row := 0; row < n; {
		size := min(1+rng.Intn(5000), n-row)
		vals := make([]int64, size)
		v := vector.FromSlice(typ, vals)
		for i := range vals {
			k := rng.Intn(distinct)
			if vals[i] = int64(k) * 1_000_003; rng.Intn(50) == 0 {
				k = -1
				v.SetNull(i)
			}
			keys = append(keys, k)
		}
		in.parts = append(in.parts, slices.Repeat([]*vector.Vector{v}, words))
		row += size
	}
	return keys, in
}

func outOfPlace(x *joinIndex[uint64]) (n int) {
	for j, s := range x.slots {
		if s.entry != 0 && x.home(joinHash(s.key))>>indexPartShift != j>>indexPartShift {
			n++
		}
	}
	return n
}

func checkJoinIndex(t *testing.T, name string, table *joinTable, keys []int, in joinKeys) {
	t.Helper()
	want := map[int][]int32{}
	unique := true
	for row, k := range keys {
		if k >= 0 {
			unique = unique && want[k] == nil
			want[k] = append(want[k], int32(row))
		}
	}
	if table.unique != unique {
		t.Fatalf("%s: unique is %v", name, table.unique)
	}
	probe := newJoinProber(table, nil)
	var one [1]int32
	row, found := 0, map[int]int32{}
	filter := &keyFilter{bloom: table.bloom, min: table.facts.lo, max: table.facts.hi}
	for _, p := range in.parts {
		entry := make([]int32, p[0].Len)
		if err := probe.lookup(p, nil, p[0].Len, entry); err != nil {
			t.Fatal(err)
		}
		for i, e := range entry {
			k := keys[row+i]
			if k < 0 && e < 0 || k >= 0 && found[k] == e+1 {
				continue
			}
			if found[k] = e + 1; k < 0 || e < 0 || !slices.Equal(table.rowsOf(e, &one), want[k]) {
				t.Fatalf("%s: row %d has entry %d", name, row+i, e)
			}
			if table.bloom != nil && !filter.has(int64(k)*1_000_003) {
				t.Fatalf("%s: the filter does not know key %d", name, k)
			}
		}
		row += p[0].Len
	}
	others := make([]int64, 1000)
	for i := range others {
		others[i] = int64(i)*1_000_003 + 1
	}
	entry := make([]int32, len(others))
	v := vector.FromSlice(in.types[0], others)
	if err := probe.lookup(slices.Repeat([]*vector.Vector{v}, len(in.types)), nil, len(others), entry); err != nil {
		t.Fatal(err)
	}
	if slices.Max(entry) >= 0 {
		t.Fatalf("%s: finds a key that is not there", name)
	}
}

// Helpers are gone when a job's run returns, whether it ends or is canceled, and
// what fails in a helper fails the run.
func TestWorkCrew(t *testing.T) {
	helped(t, 3, func(c *workCrew) {
		for range 200 {
			var mu sync.Mutex
			seen := make([]int, 50)
			err := c.run(t.Context(), len(seen), func(next func() (int, bool)) {
				for i, ok := next(); ok; i, ok = next() {
					mu.Lock()
					seen[i]++
					mu.Unlock()
				}
			})
			if err != nil || slices.Min(seen) != 1 || slices.Max(seen) != 1 {
				t.Fatalf("%v: %v", seen, err)
			}
		}
	})
	ctx, cancel := context.WithCancel(t.Context())
	err := newWorkCrew().run(ctx, 10, func(next func() (int, bool)) {
		for i, ok := next(); ok; i, ok = next() {
			if i == 3 {
				cancel()
			}
			if i > 3 {
				t.Error("goes on after it was canceled")
			}
		}
	})
	if err == nil {
		t.Error("canceled and yet done")
	}
}

func TestWorkCrewPanic(t *testing.T) {
	c, taken := newWorkCrew(), make(chan struct{})
	go func() {
		defer func() {
			if recover() == nil {
				t.Error("no panic in the helper")
			}
			close(taken)
		}()
		for {
			_, posted := c.help(t.Context())
			<-posted
		}
	}()
	runner := true
	var mu sync.Mutex
	err := c.run(t.Context(), 2, func(next func() (int, bool)) {
		mu.Lock()
		first := runner
		runner = false
		mu.Unlock()
		next()
		if !first {
			panic("helper")
		}
		<-taken
	})
	if err == nil {
		t.Error("a helper failed and the run did not")
	}
}

// Rows that an exchange has divided by their keys' hash spread over all of the table.
func TestJoinIndexOfOneTask(t *testing.T) {
	typ := types.Of(types.Int8)
	var vals []int64
	for k := int64(0); len(vals) < 20_000; k++ {
		if partitionOf(vector.Mix64(uint64(k)), 8) == 3 {
			vals = append(vals, k)
		}
	}
	in := joinKeys{types: []types.Type{typ}, parts: [][]*vector.Vector{{vector.FromSlice(typ, vals)}}, filter: func(int64) bool { return true }}
	table := &joinTable{rows: len(vals), layout: joinLayout([]types.Type{typ}, nil)}
	helped(t, 0, func(crew *workCrew) {
		in.crew = crew
		if err := buildIndex(t.Context(), table, &table.one, in); err != nil {
			t.Fatal(err)
		}
	})
	longest, run := 0, 0
	for _, s := range table.one.slots {
		if run++; s.entry == 0 {
			run = 0
		}
		longest = max(longest, run)
	}
	if longest > 500 {
		t.Errorf("%d slots in a row are taken", longest)
	}
}
