package exec

import (
	"fmt"
	"sync"
	"testing"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/physical"
)

// Whatever the tasks' speeds, each split is read once among the tasks, nobody
// stops while there is one left, and a second attempt of a task reads what the first did.
func TestSplitQueues(t *testing.T) {
	const op = physical.OpID(3)
	var tasks []physical.TaskSpec
	all := 0
	for i, n := range []int{40, 3, 0, 25} {
		spec := physical.TaskSpec{Partition: i, Splits: map[physical.OpID][]catalog.Split{}}
		for range n {
			spec.Splits[op] = append(spec.Splits[op], catalog.Split{Version: fmt.Sprint(all)})
			all++
		}
		tasks = append(tasks, spec)
	}
	queues := &SplitQueues{}
	read := func(task, most int) (out []string) {
		s := newSplitSource(&Env{Queues: queues, Plan: tasks, Partition: task}, op)
		for len(out) < most {
			x, ok := s.take()
			if !ok {
				break
			}
			out = append(out, x.Version)
		}
		return out
	}
	broken := read(1, 5) // an attempt that fails after its own and two stolen splits
	var wg sync.WaitGroup
	got := make([][]string, len(tasks))
	for i := range tasks {
		wg.Go(func() { got[i] = read(i, all) })
	}
	wg.Wait()
	seen := map[string]int{}
	for _, splits := range got {
		for _, s := range splits {
			seen[s]++
		}
	}
	if len(broken) != 5 || len(seen) != all {
		t.Fatalf("%d of %d splits are read, %d by the first attempt", len(seen), all, len(broken))
	}
	for s, n := range seen {
		if n != 1 {
			t.Errorf("split %s is read by %d tasks", s, n)
		}
	}
	for i := range tasks {
		if again := read(i, all); fmt.Sprint(again) != fmt.Sprint(got[i]) {
			t.Errorf("task %d reads %v, then %v", i, got[i], again)
		}
	}
	if fmt.Sprint(got[1][:5]) != fmt.Sprint(broken) {
		t.Errorf("the second attempt reads %v after %v", got[1], broken)
	}
}
