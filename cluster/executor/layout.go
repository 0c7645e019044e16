package executor

import (
	"github.com/flintsql/flint/cluster/scheduler"
	"github.com/flintsql/flint/cluster/shuffle"
	"github.com/flintsql/flint/physical"
)

// This file is what a task knows of its stage's layout: as planned, or as
// re-planned since.

// tasks is the number of tasks of the stage.
func (t *task) tasks() int {
	if t.l.Replanned {
		return t.l.Tasks
	}
	return len(t.stage.Tasks)
}

// reads says which partitions of which producers the task reads of an input.
func (t *task) reads(in *scheduler.Input) []scheduler.Read {
	part, all := t.l.Attempt.Partition, scheduler.Span{From: 0, To: len(in.Sources)}
	kind := t.q.Plan.Edges[in.Edge].Partitioning.Kind
	switch {
	case len(in.Sources) == 0:
		return nil
	case kind == physical.Broadcast || kind == physical.Gather:
		return []scheduler.Read{{Edge: in.Edge, Partitions: shuffle.One(0), Producers: all}}
	case kind == physical.Forward:
		return []scheduler.Read{{Edge: in.Edge, Partitions: shuffle.All(), Producers: shuffle.One(part)}}
	case t.l.Replanned && in.Mode == scheduler.Spooled:
		var out []scheduler.Read
		for _, r := range t.l.Reads {
			if r.Edge == in.Edge {
				out = append(out, r)
			}
		}
		return out
	}
	return []scheduler.Read{{Edge: in.Edge, Partitions: shuffle.One(part), Producers: all}}
}

// whole are the joins of which all tasks read the same build side.
func (t *task) whole() []physical.OpID {
	out := make([]physical.OpID, len(t.l.Shared))
	for i, id := range t.l.Shared {
		out[i] = physical.OpID(id)
	}
	return out
}
