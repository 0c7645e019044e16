package executor

import (
	"github.com/flintsql/flint/cluster/clusterpb"
	"github.com/flintsql/flint/cluster/scheduler"
	"github.com/flintsql/flint/cluster/shuffle"
	"github.com/flintsql/flint/physical"
)

// LaunchPB is a launch on the wire; address tells where an input's source is served.
func LaunchPB(l scheduler.Launch, address func(scheduler.Source, scheduler.Mode) string) *clusterpb.Launch {
	p := &clusterpb.Launch{Attempt: shuffle.AttemptPB(l.Attempt), Kind: uint32(l.Kind), Priority: int32(l.Priority),
		Splits: narrow(l.Splits), ExactSplits: l.Splits != nil}
	for _, in := range l.Inputs {
		x := &clusterpb.Input{Edge: int32(in.Edge), From: int32(in.From), Mode: uint32(in.Mode), Version: int32(in.Version)}
		for _, s := range in.Sources {
			x.Sources = append(x.Sources, &clusterpb.Source{Attempt: shuffle.AttemptPB(s.Attempt), Worker: string(s.Worker),
				Executor: string(s.Executor), Address: address(s, in.Mode), Carried: []byte(s.Carried)})
		}
		p.Inputs = append(p.Inputs, x)
	}
	for _, o := range l.Outputs {
		p.Outputs = append(p.Outputs, &clusterpb.Output{Edge: int32(o.Edge), Mode: uint32(o.Mode)})
	}
	if l.Replanned {
		p.Replanned, p.Tasks, p.Shared = true, int32(l.Tasks), narrow(l.Shared)
		for _, r := range l.Reads {
			p.Reads = append(p.Reads, &clusterpb.Read{Edge: int32(r.Edge), Partition: int32(r.Partitions.From), PastPartition: int32(r.Partitions.To),
				Producer: int32(r.Producers.From), PastProducer: int32(r.Producers.To)})
		}
	}
	return p
}

// launchOf reads LaunchPB's form and hands every source's address to found.
func launchOf(p *clusterpb.Launch, x scheduler.ExecutorID, found func(scheduler.Source, scheduler.Mode, string)) scheduler.Launch {
	l := scheduler.Launch{Attempt: shuffle.AttemptOf(p.Attempt), Executor: x, Kind: scheduler.Kind(p.Kind), Priority: int(p.Priority)}
	if p.ExactSplits {
		l.Splits = widen(p.Splits)
	}
	for _, in := range p.Inputs {
		y := scheduler.Input{Edge: int(in.Edge), From: scheduler.StageID(in.From), Mode: scheduler.Mode(in.Mode), Version: int(in.Version)}
		for _, s := range in.Sources {
			src := scheduler.Source{Attempt: shuffle.AttemptOf(s.Attempt), Worker: scheduler.WorkerID(s.Worker), Executor: scheduler.ExecutorID(s.Executor), Carried: string(s.Carried)}
			found(src, y.Mode, s.Address)
			y.Sources = append(y.Sources, src)
		}
		l.Inputs = append(l.Inputs, y)
	}
	for _, o := range p.Outputs {
		l.Outputs = append(l.Outputs, scheduler.Output{Edge: int(o.Edge), Mode: scheduler.Mode(o.Mode)})
	}
	if p.Replanned {
		l.Replanned, l.Tasks, l.Shared = true, int(p.Tasks), widen(p.Shared)
		for _, r := range p.Reads {
			l.Reads = append(l.Reads, scheduler.Read{Edge: int(r.Edge), Partitions: scheduler.Span{From: int(r.Partition), To: int(r.PastPartition)},
				Producers: scheduler.Span{From: int(r.Producer), To: int(r.PastProducer)}})
		}
	}
	return l
}

func narrow(s []int) []int32 {
	out := make([]int32, len(s))
	for i, n := range s {
		out[i] = int32(n)
	}
	return out
}

func widen(s []int32) []int {
	out := make([]int, len(s))
	for i, n := range s {
		out[i] = int(n)
	}
	return out
}

func donePB(d scheduler.TaskDone, run physical.TaskRun) *clusterpb.TaskDone {
	p := &clusterpb.TaskDone{Attempt: shuffle.AttemptPB(d.Attempt), Rows: d.Rows, Checksum: d.Checksum, Splits: narrow(d.Splits),
		ExactSplits: d.Splits != nil, EarlyStop: d.EarlyStop, Run: runPB(run)}
	for _, o := range d.Outputs {
		p.Outputs = append(p.Outputs, &clusterpb.EdgeSizes{Edge: int32(o.Edge), Bytes: o.Bytes, Carried: []byte(o.Carried)})
	}
	return p
}

// DoneOf reads a TaskDone of an executor.
func DoneOf(p *clusterpb.TaskDone, x scheduler.ExecutorID) (scheduler.TaskDone, physical.TaskRun) {
	d := scheduler.TaskDone{Attempt: shuffle.AttemptOf(p.Attempt), Rows: p.Rows, Checksum: p.Checksum, EarlyStop: p.EarlyStop}
	if p.ExactSplits {
		d.Splits = widen(p.Splits)
	}
	for _, o := range p.Outputs {
		d.Outputs = append(d.Outputs, scheduler.EdgeSizes{Edge: int(o.Edge), Bytes: o.Bytes, Carried: string(o.Carried)})
	}
	return d, runOf(p.Run, x, d.Attempt)
}

func failedPB(f scheduler.TaskFailed, run physical.TaskRun) *clusterpb.TaskFailed {
	p := &clusterpb.TaskFailed{Attempt: shuffle.AttemptPB(f.Attempt), Class: uint32(f.Class), Error: shuffle.ErrorPB(f.Err), Run: runPB(run)}
	for _, a := range f.Missing {
		p.Missing = append(p.Missing, shuffle.AttemptPB(a))
	}
	return p
}

// FailedOf reads a TaskFailed of an executor.
func FailedOf(p *clusterpb.TaskFailed, x scheduler.ExecutorID) (scheduler.TaskFailed, physical.TaskRun) {
	f := scheduler.TaskFailed{Attempt: shuffle.AttemptOf(p.Attempt), Class: scheduler.Class(p.Class), Err: shuffle.ErrorOf(p.Error)}
	for _, a := range p.Missing {
		f.Missing = append(f.Missing, shuffle.AttemptOf(a))
	}
	return f, runOf(p.Run, x, f.Attempt)
}

// opFigures is the number of figures per operator in TaskRun.ops.
const opFigures = 7

func runPB(r physical.TaskRun) *clusterpb.TaskRun {
	p := &clusterpb.TaskRun{Nanos: r.NS, Ops: make([]int64, 0, opFigures*len(r.Ops))}
	for _, o := range r.Ops {
		p.Ops = append(p.Ops, o.Rows, o.Batches, o.Bytes, o.CPUNs, o.WaitNs, o.Peak, o.Spilled)
	}
	return p
}

func runOf(p *clusterpb.TaskRun, x scheduler.ExecutorID, a scheduler.Attempt) physical.TaskRun {
	r := physical.TaskRun{Executor: string(x), Attempts: a.Number, NS: p.GetNanos()}
	for f := p.GetOps(); len(f) >= opFigures; f = f[opFigures:] {
		r.Ops = append(r.Ops, physical.OpStats{Rows: f[0], Batches: f[1], Bytes: f[2], CPUNs: f[3], WaitNs: f[4], Peak: f[5], Spilled: f[6]})
	}
	return r
}
