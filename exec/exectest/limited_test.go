package exectest

import (
	"context"
	"math/rand"
	"testing"

	"github.com/flintsql/flint/exec"
	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/exec/spill"
	"github.com/flintsql/flint/physical"
)

// within is how much memory a run may take: limit bytes in all (0 = any), and
// share bytes before it spills to dir (nil = it can't).
type within struct {
	limit, share int64
	dir          *spill.Dir
}

// limited is what a run within some memory gave.
type limited struct {
	rows          []Row
	err           error // nil at the end of the rows
	spilled, peak int64 // spilled by the node itself
}

// run runs a node over inputs, one an edge, in batches of so many rows. Nothing
// may be left in memory or on disk.
func (w within) run(t *testing.T, node physical.Node, batch int, inputs ...Input) (out limited) {
	t.Helper()
	root := memory.NewRoot("test", w.limit)
	src := &sources{shape: shape{batch: batch}, rng: rand.New(rand.NewSource(7)), inputs: inputs}
	env := &exec.Env{Query: "q", Context: Context(), Account: root, Sources: src, Spill: w.dir, SpillShare: w.share}
	op, err := exec.Build(node, env)
	if err != nil {
		t.Fatal(err)
	}
	out.rows, out.err = drainOp(context.Background(), op)
	out.spilled, out.peak = env.Stats.Ops[node.Info().ID].Spilled, root.Peak()
	if root.Used() != 0 || w.dir != nil && w.dir.Used() != 0 {
		t.Errorf("%d bytes are still charged, or some are left on disk", root.Used())
	}
	return out
}
