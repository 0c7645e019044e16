package executor

import (
	"testing"

	"github.com/flintsql/flint/cluster/scheduler"
	"github.com/flintsql/flint/cluster/shuffle"
	"github.com/flintsql/flint/physical"
)

// TestCarryIsBounded: neither what the driver keeps of an edge nor what it sends to the edge's readers grows with their
// number; where all outputs are in one store, and for results, nothing is carried.
func TestCarryIsBounded(t *testing.T) {
	for _, producers := range []int{1, 4, 3000} {
		for _, readers := range []int{1, 8, 5000} {
			p := &physical.Plan{Stages: []*physical.Stage{
				{Tasks: make([]physical.TaskSpec, producers)},
				{ID: 1, Tasks: make([]physical.TaskSpec, readers)},
			}, Edges: []*physical.Edge{
				{To: 1, Partitioning: physical.Partitioning{Kind: physical.Broadcast, N: 1}},
				{ID: 1, From: 1, To: physical.Driver, Partitioning: physical.Partitioning{Kind: physical.Gather, N: 1}},
			}}
			x := &Executor{cfg: Config{Fetcher: &shuffle.Remote{}}}
			for _, replanned := range []int{0, 7} {
				tasks, l := producers, scheduler.Launch{Outputs: []scheduler.Output{{Edge: 0}, {Edge: 1}}}
				if replanned > 0 {
					tasks, l.Replanned, l.Tasks = replanned, true, replanned
				}
				outs := (&task{x: x, q: &query{Query: Query{Plan: p}}, l: l, stage: p.Stages[0]}).outputs()
				kept := outs[0].Carry * tasks
				if kept > carryBytes || kept*readers > launchedBytes || kept == 0 && tasks*readers < 1000 {
					t.Errorf("%d bytes from %d tasks are carried to %d", kept, tasks, readers)
				}
				if outs[1].Carry != 0 {
					t.Errorf("%d bytes of the result are carried", outs[1].Carry)
				}
			}
			local := &task{x: &Executor{}, q: &query{Query: Query{Plan: p}}, stage: p.Stages[0]}
			if n := local.carry(p.Edges[0]); n != 0 {
				t.Errorf("%d bytes are carried within a process", n)
			}
		}
	}
}
