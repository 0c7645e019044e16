package driver

import (
	"github.com/flintsql/flint/cluster/scheduler"
	"github.com/flintsql/flint/physical"
)

// answer re-plans a stage as the scheduler asked, and notes for EXPLAIN what was
// done. Re-planning is a pure function of the plan and the sizes, bounded in its work.
func (d *Driver) answer(a scheduler.Replan) scheduler.Replanned {
	e := scheduler.Replanned{Query: a.Query, Stage: a.Stage, Ask: a.Ask}
	q := d.queries[a.Query]
	if q == nil {
		return e
	}
	measured := make([]physical.Measured, len(a.Inputs))
	for i, in := range a.Inputs {
		measured[i] = physical.Measured{Edge: physical.EdgeID(in.Edge), Bytes: in.Bytes}
	}
	id := physical.StageID(a.Stage)
	run := physical.StageRun{Tasks: make([]physical.TaskRun, len(q.plan.Stages[id].Tasks))}
	if l := physical.Replan(q.plan, id, measured, a.Partial); l != nil {
		e.Layout = layoutOf(l)
		run = physical.StageRun{Tasks: make([]physical.TaskRun, len(l.Tasks)), Replanned: l.Note}
	}
	q.runs[id] = run
	return e
}

// layoutOf is a layout as the scheduler knows it.
func layoutOf(l *physical.Layout) *scheduler.Layout {
	out := &scheduler.Layout{Tasks: make([][]scheduler.Read, len(l.Tasks))}
	for i, reads := range l.Tasks {
		for _, r := range reads {
			out.Tasks[i] = append(out.Tasks[i], scheduler.Read{Edge: int(r.Edge), Partitions: scheduler.Span(r.Partitions), Producers: scheduler.Span(r.Producers)})
		}
	}
	for _, id := range l.Unread {
		out.Unread = append(out.Unread, int(id))
	}
	for _, id := range l.Whole {
		out.Shared = append(out.Shared, int(id))
	}
	return out
}
