package scheduler

import (
	"fmt"
	"reflect"
	"testing"
	"time"
)

// launches picks the Launch actions.
func launches(acts []Action) (out []Launch) {
	for _, a := range acts {
		if l, ok := a.(Launch); ok {
			out = append(out, l)
		}
	}
	return out
}

func withExecutors(n, slots int) *Scheduler {
	s := New(Options{})
	for i := 0; i < n; i++ {
		w := fmt.Sprint(i)
		s.Step(simStart, ExecutorUp{Executor: ExecutorID("e" + w), Worker: WorkerID("w" + w), Host: "h" + w, Slots: slots})
	}
	return s
}

// A re-run takes exactly the splits that the first commit named.
func TestSplitsOfCommitAreRepeated(t *testing.T) {
	s := withExecutors(2, 1)
	l := launches(s.Step(simStart, SubmitQuery{Graph: Graph{Query: 1,
		Stages: []Stage{{ID: 0, Tasks: 1, Deterministic: true}, {ID: 1, Tasks: 1}}, Edges: []Edge{{From: 0, To: 1}}}}))
	if len(l) != 1 || l[0].Splits != nil {
		t.Fatalf("first launch: %+v", l)
	}
	splits := []int{3, 1}
	l = launches(s.Step(simStart, TaskDone{Attempt: l[0].Attempt, Splits: splits}))
	splits[0] = 99 // what the driver does with its slice afterwards is its own affair
	l = launches(s.Step(simStart, TaskFailed{Attempt: l[0].Attempt, Class: Fetch, Missing: []Attempt{l[0].Inputs[0].Sources[0].Attempt}}))
	if len(l) != 1 || !reflect.DeepEqual(l[0].Splits, []int{3, 1}) {
		t.Fatalf("re-run: %+v", l)
	}
}

// The sources of a stage are one slice for all of its consumers' launches.
func TestSourcesAreShared(t *testing.T) {
	s := withExecutors(4, 8)
	acts := s.Step(simStart, SubmitQuery{Graph: Graph{Query: 1,
		Stages: []Stage{{ID: 0, Tasks: 20}, {ID: 1, Tasks: 20}}, Edges: []Edge{{From: 0, To: 1}}}})
	var last []Launch
	for _, l := range launches(acts) {
		last = launches(s.Step(simStart, TaskDone{Attempt: l.Attempt}))
	}
	if len(last) != 20 {
		t.Fatalf("%d consumers", len(last))
	}
	for _, l := range last {
		if &l.Inputs[0].Sources[0] != &last[0].Inputs[0].Sources[0] || l.Inputs[0].Version != last[0].Inputs[0].Version {
			t.Fatal("sources are copied for each launch")
		}
	}
}

// Residents are bounded by memory where it is known; what is larger than an
// executor runs alone.
func TestMemoryBoundsPlacement(t *testing.T) {
	s := New(Options{})
	s.Step(simStart, ExecutorUp{Executor: "e", Worker: "w", Host: "h", Slots: 4, Memory: 100})
	count := func(id QueryID, memory int64) int {
		return len(launches(s.Step(simStart, SubmitQuery{Graph: Graph{Query: id, Stages: []Stage{{Tasks: 4, Memory: memory}}}})))
	}
	if n := count(1, 40); n != 2 {
		t.Fatalf("%d tasks of 40 in 100 bytes", n)
	}
	s.Step(simStart, Cancel{Query: 1})
	for _, a := range append([]*attempt{}, s.executors["e"].attempts...) {
		s.Step(simStart, AbortAcked{Attempt: a.id})
	}
	if n := count(2, 400); n != 1 {
		t.Fatalf("%d tasks of 400 in 100 bytes", n)
	}
}

// Two runs of the same seed take the same steps: nothing depends on map order.
func TestStepIsDeterministic(t *testing.T) {
	for seed := int64(1); seed <= 300; seed++ {
		var logs [2][]string
		for i := range logs {
			c := newSim(seed)
			c.log = func(f string, args ...any) { logs[i] = append(logs[i], fmt.Sprintf(f, args...)) }
			if err := c.run(); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
		}
		for i := range logs[0] {
			if i >= len(logs[1]) || logs[0][i] != logs[1][i] {
				t.Fatalf("seed %d, line %d:\n%s\n%s", seed, i, logs[0][i], logs[1][min(i, len(logs[1])-1)])
			}
		}
	}
}

// A one-task query is launched at once beside queries that hold every slot, and a
// gang of another query does not keep lone tasks from their slots.
func TestHeavyQueriesLeaveRoom(t *testing.T) {
	s := withExecutors(2, 2)
	s.Step(simStart, SubmitQuery{Graph: Graph{Query: 1, Stages: []Stage{{Tasks: 1000}}}})
	for id := QueryID(2); id < 10; id++ { // gangs until no place is left for them
		s.Step(simStart, SubmitQuery{Graph: Graph{Query: id, Stages: []Stage{{ID: 0, Tasks: 4}, {ID: 1, Tasks: 4}},
			Edges: []Edge{{From: 0, To: 1, Mode: Pipelined, PipelinedPossible: true}}}})
	}
	if s.gangRoom >= 8 {
		t.Fatalf("room for another gang: %d", s.gangRoom)
	}
	for id := QueryID(10); id < 12; id++ {
		l := launches(s.Step(simStart, SubmitQuery{Graph: Graph{Query: id, Stages: []Stage{{Tasks: 1}}}}))
		if len(l) != 1 || l[0].Kind != Express {
			t.Fatalf("query %d: %+v with room %d", id, l, s.gangRoom)
		}
	}
}

// Malformed and hostile input never panics.
func TestOddEventsAreIgnored(t *testing.T) {
	s := withExecutors(1, 1)
	odd := Attempt{TaskID{7, 3, -1}, 1, 1}
	s.Step(simStart, SubmitQuery{Graph: Graph{Query: 7, Stages: []Stage{{ID: 3, Tasks: 1}}}})
	for _, e := range []Event{nil, TaskDone{Attempt: odd}, TaskFailed{Attempt: odd, Class: 99}, TaskStarted{odd}, AbortAcked{odd},
		ResultDelivered{odd}, Cancel{Query: 99}, WorkerLost{"nobody"}, WorkerLost{LocalWorker}, ExecutorLost{LocalExecutor},
		ExecutorUp{Executor: LocalExecutor}, ExecutorLost{"nobody"}, TaskDone{Attempt: Attempt{TaskID{7, 3, 5}, 1, 1}}} {
		if acts := s.Step(simStart.Add(-time.Hour), e); len(acts) != 0 {
			t.Errorf("%+v gives %v", e, acts)
		}
	}
	for _, g := range []Graph{{Query: 8}, {Query: 8, Stages: []Stage{{Tasks: -1}}}, {Query: 8, Stages: []Stage{{}, {}}},
		{Query: 8, Stages: []Stage{{ID: 0}, {ID: 1}, {ID: 2}}, Edges: []Edge{{From: 0, To: 1}, {From: 1, To: 0}, {From: 1, To: 2}}},
		{Query: 8, Stages: []Stage{{ID: 0}, {ID: 1}}, Edges: []Edge{{From: 0, To: 9}}},
		{Query: 8, Stages: []Stage{{ID: 0, Tasks: 1}, {ID: 1, Tasks: 2}}, Edges: []Edge{{From: 0, To: 1, Partitioning: Forward}}}} {
		acts := s.Step(simStart, SubmitQuery{Graph: g})
		if f, ok := acts[0].(Fail); len(acts) != 1 || !ok || f.Err.Code != "XX000" {
			t.Errorf("%+v gives %v", g, acts)
		}
	}
}

// A result that waits for its client gives its slots to other queries, and keeps
// its resident places.
func TestStalledResultGivesSlotsUp(t *testing.T) {
	s := withExecutors(1, 2)
	scan := func(id QueryID) Graph { return Graph{Query: id, Stages: []Stage{{Tasks: 2}}} }
	first := launches(s.Step(simStart, SubmitQuery{Graph: scan(1)}))
	if n := len(launches(s.Step(simStart, SubmitQuery{Graph: scan(2)}))); len(first) != 2 || n != 0 {
		t.Fatalf("%d and %d launches in two slots", len(first), n)
	}
	for range 2 { // the second time it is no news
		if n := len(launches(s.Step(simStart, ResultStalled{Attempt: first[0].Attempt}))); n > 1 {
			t.Fatalf("%d launches for one stalled task", n)
		}
	}
	if n := len(launches(s.Step(simStart, ResultStalled{Attempt: first[1].Attempt}))); n != 1 {
		t.Fatalf("%d launches for the other stalled task", n)
	}
	for _, l := range first {
		s.Step(simStart, TaskDone{Attempt: l.Attempt})
	}
	if e := s.executors["e0"]; e.lone != 2 || len(e.attempts) != 2 {
		t.Fatalf("%d lone of %d residents, want both of query 2", e.lone, len(e.attempts))
	}
}
