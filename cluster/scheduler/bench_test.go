package scheduler

import (
	"fmt"
	"testing"
	"time"
)

// benchDrain runs one query of two spooled stages to its end, tasks in the first,
// and reports the time per event. Near O(changed): it must not grow with tasks.
func benchDrain(b *testing.B, tasks, executors int) {
	events := 0
	b.ReportAllocs()
	b.ResetTimer()
	for n := 0; n < b.N; n++ {
		s := New(Options{})
		now := simStart
		for i := 0; i < executors; i++ {
			s.Step(now, ExecutorUp{Executor: ExecutorID(fmt.Sprint("e", i)), Worker: WorkerID(fmt.Sprint("w", i)),
				Host: fmt.Sprint("h", i), Slots: 8})
		}
		g := Graph{Query: 1, Stages: []Stage{{ID: 0, Tasks: tasks, Deterministic: true}, {ID: 1, Tasks: 8, Deterministic: true}},
			Edges: []Edge{{From: 0, To: 1}}}
		for p := 0; p < tasks; p++ {
			g.Stages[0].Hosts = append(g.Stages[0].Hosts, []string{fmt.Sprint("h", p%executors)})
		}
		todo := s.Step(now, SubmitQuery{Graph: g})
		finished := false
		for i := 0; i < len(todo); i++ {
			switch a := todo[i].(type) {
			case Launch:
				now = now.Add(time.Millisecond)
				todo = append(todo, s.Step(now, TaskStarted{Attempt: a.Attempt})...)
				todo = append(todo, s.Step(now, TaskDone{Attempt: a.Attempt, Rows: 1})...)
				events += 2
			case Finish:
				finished = true
			}
		}
		if !finished {
			b.Fatal("not finished")
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(events), "ns/event")
}

func BenchmarkStep(b *testing.B) {
	for _, tasks := range []int{100, 1000, 10000, 100000} {
		b.Run(fmt.Sprintf("tasks=%d", tasks), func(b *testing.B) { benchDrain(b, tasks, 16) })
	}
	b.Run("tasks=10000/executors=200", func(b *testing.B) { benchDrain(b, 10000, 200) })
}

// BenchmarkStepWaiting measures an event while 10,000 other tasks of 100 queries
// wait for slots and one gang too wide for the free places waits too.
func BenchmarkStepWaiting(b *testing.B) {
	s := New(Options{})
	for i := 0; i < 16; i++ {
		s.Step(simStart, ExecutorUp{Executor: ExecutorID(fmt.Sprint("e", i)), Worker: "w", Host: "h", Slots: 8})
	}
	var launched []Launch
	take := func(acts []Action) {
		for _, a := range acts {
			if l, ok := a.(Launch); ok && l.Kind == Lone {
				launched = append(launched, l)
			}
		}
	}
	gang := func(id QueryID) Graph {
		return Graph{Query: id, Stages: []Stage{{ID: 0, Tasks: 500}, {ID: 1, Tasks: 50}},
			Edges: []Edge{{From: 0, To: 1, Mode: Pipelined, PipelinedPossible: true}}}
	}
	take(s.Step(simStart, SubmitQuery{Graph: gang(1)}))
	take(s.Step(simStart, SubmitQuery{Graph: gang(2)}))
	next := QueryID(3)
	for ; next < 103; next++ {
		take(s.Step(simStart, SubmitQuery{Graph: Graph{Query: next, Stages: []Stage{{Tasks: 100000}}}}))
	}
	b.ReportAllocs()
	b.ResetTimer()
	for n := 0; n < b.N; n++ {
		l := launched[0]
		launched = launched[1:]
		take(s.Step(simStart, TaskDone{Attempt: l.Attempt}))
	}
}
