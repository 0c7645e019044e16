package physical

// OpStats are the counters of one operator in one task attempt.
type OpStats struct {
	Rows    int64 // output rows
	Batches int64
	Bytes   int64 // output bytes
	CPUNs   int64 // time in the operator itself
	WaitNs  int64 // time waiting for exchanges and I/O
	Peak    int64 // bytes of memory
	Spilled int64
}

// TaskRun is what became of one task, for EXPLAIN ANALYZE.
type TaskRun struct {
	Executor string
	Attempts int
	NS       int64     // wall time of the successful attempt
	Ops      []OpStats // by OpID
}

// StageRun is what became of one stage.
type StageRun struct {
	Tasks     []TaskRun
	Replanned string // what was done to the plan before it ran; empty = nothing
}

// Total adds an operator's counters over all tasks; Peak is the largest.
func (s StageRun) Total(id OpID) OpStats {
	var t OpStats
	for _, r := range s.Tasks {
		if int(id) >= len(r.Ops) {
			continue
		}
		o := r.Ops[id]
		t.Rows += o.Rows
		t.Batches += o.Batches
		t.Bytes += o.Bytes
		t.CPUNs += o.CPUNs
		t.WaitNs += o.WaitNs
		t.Peak = max(t.Peak, o.Peak)
		t.Spilled += o.Spilled
	}
	return t
}
