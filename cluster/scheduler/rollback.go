package scheduler

import "github.com/flintsql/flint/sql/sqlerr"

// rollBackConsumers undoes all that read an output of st which has changed,
// transitively. It returns false if that ended the query.
func (s *Scheduler) rollBackConsumers(st *stage) bool {
	seen := map[*region]bool{}
	todo := []*region{st.region}
	for n := 0; n < len(todo); n++ {
		for _, ed := range todo[n].root.out {
			r := ed.to.region
			if seen[r] {
				continue
			}
			seen[r] = true
			// Its outputs may all be lost while a consumer still holds what it
			// read of them, so the walk goes on through untouched regions too.
			todo = append(todo, r)
			if r.touched() && !s.restart(r, true) {
				return false
			}
			for _, st := range r.stages {
				s.unlay(st)
			}
		}
	}
	return true
}

// touched says whether any task of r may have read its inputs.
func (r *region) touched() bool {
	for _, st := range r.stages {
		for i := range st.tasks {
			if t := &st.tasks[i]; t.state != pending || t.known {
				return true
			}
		}
	}
	return false
}

// discard tells the driver to throw rows of a result attempt away.
func (s *Scheduler) discard(t *task, id Attempt) {
	t.delivered = false
	if t.stage.result() {
		s.emit(DiscardResult{Attempt: id})
	}
}

// failDelivered ends a query that would have to take back rows from the client.
func (s *Scheduler) failDelivered(q *query) {
	s.fail(q, sqlerr.New(sqlerr.SerializationFailure,
		"part of the result was lost after its delivery had begun").
		WithHint("SET result_delivery = committed"))
}
