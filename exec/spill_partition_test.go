package exec

import (
	"io"
	"math/rand"
	"testing"

	"github.com/flintsql/flint/exec/spill"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
)

// Every row comes back once, in the partition of its key, also when a partition
// is divided again, and the levels divide independently.
func TestSpillParts(t *testing.T) {
	rng := rand.New(rand.NewSource(1))
	int8s := types.Of(types.Int8)
	fields := []types.Field{{Name: "k", Type: int8s}, {Name: "v", Type: int8s}}
	dir := spill.NewDir(t.TempDir())
	stats := &OpStats{}
	b := &base{env: &Env{Spill: dir}, stats: stats}
	want := map[int64]int64{}
	p := newSpillParts(b, fields, 0)
	var hasher vector.Hasher
	for batch := 0; batch < 50; batch++ {
		keys, vals := make([]int64, 3000), make([]int64, 3000)
		var sel []int32
		for i := range keys {
			keys[i], vals[i] = rng.Int63n(5000), rng.Int63n(100)
			if rng.Intn(3) > 0 {
				sel = append(sel, int32(i))
				want[keys[i]] += vals[i]
			}
		}
		cols := []*vector.Vector{vector.FromSlice(int8s, keys), vector.FromSlice(int8s, vals)}
		hashes := make([]uint64, len(sel))
		hasher.Hash(cols[:1], sel, len(keys), hashes)
		if err := p.add(cols, sel, len(keys), hashes); err != nil {
			t.Fatal(err)
		}
	}
	got := map[int64]int64{}
	collect(t, b, p, 0, got)
	if len(got) != len(want) {
		t.Fatalf("%d keys of %d", len(got), len(want))
	}
	for k, v := range want {
		if got[k] != v {
			t.Errorf("key %d: %d, want %d", k, got[k], v)
		}
	}
	if dir.Used() != 0 || stats.Spilled == 0 {
		t.Errorf("%d bytes left on disk, %d spilled", dir.Used(), stats.Spilled)
	}
}

func collect(t *testing.T, b *base, p *spillParts, level int, got map[int64]int64) {
	runs, err := p.finish()
	if err != nil {
		t.Fatal(err)
	}
	var hasher vector.Hasher
	used := 0
	for part, run := range runs {
		if run == nil {
			continue
		}
		used++
		again := newSpillParts(b, run.Fields(), level+1)
		r := run.Open()
		for {
			batch, err := r.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			hashes := make([]uint64, batch.Rows)
			hasher.Hash(batch.Cols[:1], nil, batch.Rows, hashes)
			for i, h := range hashes {
				if spillPart(h, level) != part {
					t.Fatalf("a row of partition %d lies in %d", spillPart(h, level), part)
				}
				if level > 0 {
					got[vector.Values[int64](batch.Cols[0])[i]] += vector.Values[int64](batch.Cols[1])[i]
				}
			}
			if err := again.add(batch.Cols, nil, batch.Rows, hashes); err != nil {
				t.Fatal(err)
			}
		}
		r.Close()
		if err := run.Close(); err != nil {
			t.Fatal(err)
		}
		if level == 0 {
			collect(t, b, again, 1, got)
		}
		again.close()
	}
	if used < spillFanout/2 {
		t.Errorf("level %d uses %d of %d partitions", level, used, spillFanout)
	}
}
