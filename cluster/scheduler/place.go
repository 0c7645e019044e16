package scheduler

import "container/heap"

// spot is an executor during the placement of a gang.
type spot struct {
	exec     *executor
	at       int // order of registration, to break ties
	room     int
	load     int // residents, counting those placed now
	reserved int64
}

// spotHeap has the least loaded executor on top.
type spotHeap []*spot

func (h spotHeap) Len() int { return len(h) }
func (h spotHeap) Less(i, j int) bool {
	if x, y := h[i].load*h[j].exec.slots, h[j].load*h[i].exec.slots; x != y {
		return x < y
	}
	return h[i].at < h[j].at
}
func (h spotHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push implements heap.Interface.
func (h *spotHeap) Push(x any) { *h = append(*h, x.(*spot)) }

// Pop implements heap.Interface.
func (h *spotHeap) Pop() any {
	old := *h
	x := old[len(old)-1]
	*h = old[:len(old)-1]
	return x
}

// placeGang finds an executor for every task of r, in order of stages and
// partitions, or returns nil. With idle set it asks what an idle cluster could do.
// Stages are dealt one after the other to the least loaded executor, so that each
// is spread over all of them. An executor where a task of the gang has failed is
// left out if the others suffice.
func (s *Scheduler) placeGang(r *region, idle bool) []*executor {
	if !idle && r.remote > s.gangRoom {
		return nil
	}
	if !idle && r.avoid != "" {
		if spots := s.placeOn(r, idle, r.avoid); spots != nil {
			return spots
		}
	}
	return s.placeOn(r, idle, "")
}

// placeOn places a gang without the executor to avoid.
func (s *Scheduler) placeOn(r *region, idle bool, avoid ExecutorID) []*executor {
	local := s.newSpot(s.local, 0, idle)
	var h spotHeap
	if r.remote > 0 {
		for i, e := range s.order {
			if sp := s.newSpot(e, i, idle); sp.room > 0 && e.id != avoid {
				h = append(h, sp)
			}
		}
		heap.Init(&h)
	}
	byHost := map[string]*spot{}
	for _, sp := range h {
		if old := byHost[sp.exec.host]; old == nil || sp.room > old.room {
			byHost[sp.exec.host] = sp
		}
	}
	out := []*executor{}
	for _, st := range r.stages {
		for p := range st.tasks {
			var sp *spot
			if st.spec.Local {
				if sp = local; !sp.fits(st.memory) {
					return nil
				}
				sp.take(st.memory)
			} else if sp = nearest(st, p, byHost); sp != nil {
				sp.take(st.memory)
				heap.Init(&h) // few spots, and only for tasks with preferences
			} else if sp = h.takeLeast(st.memory); sp == nil {
				return nil
			}
			out = append(out, sp.exec)
		}
	}
	return out
}

func (s *Scheduler) newSpot(e *executor, at int, idle bool) *spot {
	if idle {
		return &spot{exec: e, at: at, room: e.slots * (s.opt.ResidentFactor - 1)}
	}
	return &spot{exec: e, at: at, room: s.gangPlaces(e), load: len(e.attempts), reserved: e.reserved}
}

func (sp *spot) fits(memory int64) bool {
	return sp.room > 0 && sp.exec.affords(memory, sp.reserved)
}

func (sp *spot) take(memory int64) {
	sp.room--
	sp.load++
	sp.reserved += memory
}

// nearest returns a spot on a host that task p of st prefers.
func nearest(st *stage, p int, byHost map[string]*spot) *spot {
	if p >= len(st.spec.Hosts) || st.replan.layout != nil {
		return nil
	}
	for _, host := range st.spec.Hosts[p] {
		if sp := byHost[host]; sp != nil && sp.fits(st.memory) {
			return sp
		}
	}
	return nil
}

// takeLeast places a task on the least loaded spot that can afford it.
func (h *spotHeap) takeLeast(memory int64) *spot {
	var aside []*spot
	var found *spot
	for found == nil && h.Len() > 0 {
		sp := heap.Pop(h).(*spot)
		switch {
		case sp.room == 0: // a preference took the last place
		case sp.fits(memory):
			sp.take(memory)
			found = sp
			fallthrough
		default:
			aside = append(aside, sp)
		}
	}
	for _, sp := range aside {
		if sp.room > 0 {
			heap.Push(h, sp)
		}
	}
	return found
}
