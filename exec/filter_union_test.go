package exec

import (
	"context"
	"fmt"
	"math/rand"
	"testing"

	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/types"
)

// partSink keeps the rows of a filter edge.
type partSink struct{ rows [][]byte }

func (s *partSink) Write(_ context.Context, _ physical.EdgeID, _ int, b *vector.Batch) error {
	for i := range b.Rows {
		s.rows = append(s.rows, append([]byte{}, b.Cols[0].Bytes(i)...))
	}
	return nil
}

// filterParts gives what a task of so many sends of keys.
func filterParts(t *testing.T, v *vector.Vector, tasks int) [][]byte {
	t.Helper()
	root := memory.NewRoot("test", 0)
	sink := &partSink{}
	env := &Env{Account: root, Sink: sink, Tasks: tasks, Stats: &TaskStats{Out: map[physical.EdgeID][]PartitionStats{}}}
	e := &physical.Edge{Partitioning: physical.Partitioning{Kind: physical.Broadcast, N: 1}, Keys: []int{0},
		Fields: []types.Field{physical.FilterField(types.Field{Type: v.Type})}}
	out := &memoryHolder{account: root.Child("out", 0)}
	w := newEdgeWriter(env, e, out, false)
	if err := w.write(t.Context(), &vector.Batch{Rows: v.Len, Cols: []*vector.Vector{v}}); err != nil {
		t.Fatal(err)
	}
	if err := w.flushAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if root.Used() != 0 {
		t.Errorf("%d bytes are still charged", root.Used())
	}
	return sink.rows
}

// keysFrom makes keys number from to to-1 of a type: integers far apart.
func keysFrom(t types.Type, from, to int) *vector.Vector {
	if textual(t) {
		texts := make([]string, to-from)
		for i := range texts {
			texts[i] = fmt.Sprintf("key number %d", from+i)
		}
		return vector.FromStrings(t, texts)
	}
	x := make([]int64, to-from)
	for i := range x {
		x[i] = int64(from+i) * 1_000_003_003
	}
	return vector.FromSlice(t, x)
}

func unite(t *testing.T, typ types.Type, rows [][]byte, may func(int64) bool) runtimeFilter {
	t.Helper()
	u := newFilterUnion(typ, may)
	for _, r := range rows {
		if err := u.add(r); err != nil {
			t.Fatal(err)
		}
	}
	u.finish()
	f, none := u.filterOf(physical.KeyFilter{})
	if none {
		t.Fatal("the filter has no key")
	}
	return f
}

// Tasks of most different numbers of keys send Bloom filters of different sizes, and keys as they are, which meet in
// a filter that has all of them and few others, in whatever order they come. Wherever memory ends, no key is lost.
func TestFilterUnion(t *testing.T) {
	all := func(int64) bool { return true }
	rng := rand.New(rand.NewSource(3))
	for _, typ := range []types.Type{types.Of(types.Int8), types.Of(types.Text)} {
		ends := []int{0, 10, 20_000, 90_000, 91_000, 250_000}
		var rows [][]byte
		blooms := map[int64]bool{}
		for i := range len(ends) - 1 {
			part := filterParts(t, keysFrom(typ, ends[i], ends[i+1]), 2)
			for _, r := range part {
				if x := (partReader{b: r[1:]}); partKind(r[0]) == partBloom {
					x.int()
					blooms[x.int()] = true
				}
			}
			rows = append(rows, part...)
		}
		if len(blooms) < 3 {
			t.Errorf("%v: Bloom filters of sizes %v, want three at least", typ, blooms)
		}
		rng.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		keys, others := keysFrom(typ, 0, 250_000), keysFrom(typ, 250_000, 300_000)
		buf := make([]int32, keys.Len)
		f := unite(t, typ, rows, all)
		if n := len(f.filter(keys, nil, keys.Len, buf)); n != keys.Len {
			t.Errorf("%v: %d of %d keys pass", typ, n, keys.Len)
		}
		if n := len(f.filter(others, nil, others.Len, buf)); n > others.Len/20 {
			t.Errorf("%v: %d of %d others pass", typ, n, others.Len)
		}
		for calls := range 12 {
			left := calls
			f := unite(t, typ, rows, func(int64) bool { left--; return left >= 0 })
			if !f.useful() {
				continue // it is not asked
			}
			if n := len(f.filter(keys, nil, keys.Len, buf)); n != keys.Len {
				t.Errorf("%v: %d of %d keys pass with memory for %d steps", typ, n, keys.Len, calls)
			}
		}
	}
}

// What is not a part of a filter is an error.
func TestMalformedFilterPart(t *testing.T) {
	rng := rand.New(rand.NewSource(4))
	for _, typ := range []types.Type{types.Of(types.Int8), types.Of(types.Text)} {
		rows := filterParts(t, keysFrom(typ, 0, 20_000), 1)
		bad := 0
		for range 5000 {
			u := newFilterUnion(typ, func(int64) bool { return true })
			r := append([]byte{}, rows[rng.Intn(len(rows))]...)
			r = r[:rng.Intn(min(len(r), 40))]
			for range rng.Intn(3) {
				if len(r) > 0 {
					r[rng.Intn(len(r))] = byte(rng.Intn(256))
				}
			}
			if u.add(r) != nil {
				bad++
			}
		}
		if bad < 2000 {
			t.Errorf("%v: only %d parts were found malformed", typ, bad)
		}
	}
}
