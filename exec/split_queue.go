package exec

import (
	"sync"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/physical"
)

// SplitQueues deal a query's splits to the tasks that run in one process: each
// task reads those the plan gave it, and then those another task has not come to
// (work stealing: Blumofe and Leiserson, JACM 1999), so that no slot idles while
// there is something to read. A split belongs for ever to the task that took it first:
// a later attempt of that task reads the same ones. It serves only where losing the process
// means losing the query, since nobody else knows who took what. It is safe for concurrent use.
type SplitQueues struct {
	mu     sync.Mutex
	queues map[physical.OpID]*splitQueue
}

// splitQueue is who reads which splits of a scan.
type splitQueue struct {
	splits [][]catalog.Split // by task, as planned
	first  []int             // by task, of its planned ones: the next that it takes
	end    []int             // by task: those from here on were taken by others
	taken  [][]catalog.Split // by task, in the order of taking
}

// queue returns the queue of a scan; tasks are its stage's.
func (q *SplitQueues) queue(op physical.OpID, tasks []physical.TaskSpec) *splitQueue {
	q.mu.Lock()
	defer q.mu.Unlock()
	if s := q.queues[op]; s != nil {
		return s
	}
	s := &splitQueue{first: make([]int, len(tasks)), end: make([]int, len(tasks)), taken: make([][]catalog.Split, len(tasks))}
	for i, t := range tasks {
		s.splits = append(s.splits, t.Splits[op])
		s.end[i] = len(t.Splits[op])
	}
	if q.queues == nil {
		q.queues = map[physical.OpID]*splitQueue{}
	}
	q.queues[op] = s
	return s
}

// take returns the k-th split of a task, false if there is none for it.
func (q *SplitQueues) take(s *splitQueue, task, k int) (catalog.Split, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if k < len(s.taken[task]) {
		return s.taken[task][k], true
	}
	var x catalog.Split
	if i := s.first[task]; i < s.end[task] {
		x = s.splits[task][i]
		s.first[task]++
	} else {
		victim := s.richest()
		if victim < 0 {
			return x, false
		}
		s.end[victim]--
		x = s.splits[victim][s.end[victim]]
	}
	s.taken[task] = append(s.taken[task], x)
	return x, true
}

// richest returns the task with most splits left, -1 if none has any.
func (s *splitQueue) richest() int {
	best, most := -1, 0
	for i := range s.splits {
		if n := s.end[i] - s.first[i]; n > most {
			best, most = i, n
		}
	}
	return best
}

// splitSource yields the splits that one attempt reads with a scan.
type splitSource struct {
	fixed  []catalog.Split // without queues
	queues *SplitQueues
	queue  *splitQueue
	task   int
	next   int
}

func newSplitSource(env *Env, op physical.OpID) splitSource {
	if _, ranged := env.Cuts[op]; env.Queues == nil || ranged {
		return splitSource{fixed: env.Splits[op]}
	}
	return splitSource{queues: env.Queues, queue: env.Queues.queue(op, env.Plan), task: env.Partition}
}

// take returns the next split, false at the end.
func (s *splitSource) take() (x catalog.Split, ok bool) {
	if s.queue != nil {
		x, ok = s.queues.take(s.queue, s.task, s.next)
	} else if ok = s.next < len(s.fixed); ok {
		x = s.fixed[s.next]
	}
	if ok {
		s.next++
	}
	return x, ok
}
