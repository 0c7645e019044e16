package physical

// broadcast switches a join's build side from partitioned to broadcast when it
// turned out small: every task reads all of it, the tasks of a process build it once,
// and the probe side is read where it was written, by producers (Spark's local shuffle
// reader), which evens out skew too. nil if that can't be, or doesn't pay.
func (r *replanner) broadcast() *Layout {
	if r.a.BroadcastBytes <= 0 {
		return nil
	}
	for _, probe := range r.hashEdges() {
		if !splits(r.s.Root, probe) {
			continue
		}
		joins, builds, ok := r.builds(r.s.Root, probe)
		if !ok || len(builds)+1 != len(r.hashEdges()) || !r.pays(probe, builds) {
			continue
		}
		return r.switched(probe, joins, builds)
	}
	return nil
}

// builds collects the hash joins from n down to the probe edge and the edges of
// their builds, which must be small and nothing but read.
func (r *replanner) builds(n Node, probe EdgeID) (joins []OpID, edges []EdgeID, ok bool) {
	for {
		switch x := n.(type) {
		case *ExchangeSource:
			return joins, edges, len(edges) > 0
		case *HashJoin:
			e, plain := plainSource(x.R)
			if !plain {
				return nil, nil, false
			}
			if r.p.Edges[e].Partitioning.Kind == Hash {
				if r.sizes[e].total > r.a.BroadcastBytes || e == probe {
					return nil, nil, false
				}
				joins, edges = append(joins, x.ID), append(edges, e)
			}
			n = x.L
		case *NestedLoopJoin:
			n = x.L
		default:
			kids := n.Children()
			if len(kids) != 1 {
				return nil, nil, false
			}
			n = kids[0]
		}
	}
}

// plainSource returns the edge that a build side reads, if it does nothing more
// than filter and compute.
func plainSource(n Node) (EdgeID, bool) {
	switch n := n.(type) {
	case *ExchangeSource:
		return n.Edge, len(n.Merge) == 0
	case *Filter:
		return plainSource(n.Input)
	case *Project:
		return plainSource(n.Input)
	}
	return 0, false
}

// localFactor is how many times larger than the copies of the build side the probe
// side must be for it to be worth reading where it is.
const localFactor = 4

// pays: the builds are read once by every process, in return for which the probe
// side stays where it is, or for an end to its skew.
func (r *replanner) pays(probe EdgeID, builds []EdgeID) bool {
	z, copies := r.sizes[probe], int64(0)
	for _, b := range builds {
		copies += r.sizes[b].total * int64(max(1, r.a.Processes))
	}
	if z.total < localFactor*copies {
		return false
	}
	if r.a.Processes > 1 && z.total > r.a.Least {
		return true
	}
	return slicesMax(z.part) > max(r.a.Target, skewFactor*median(z.part))
}

func slicesMax(s []int64) int64 {
	m := int64(0)
	for _, x := range s {
		m = max(m, x)
	}
	return m
}

func (r *replanner) switched(probe EdgeID, joins []OpID, builds []EdgeID) *Layout {
	z, all := r.sizes[probe], Span{0, r.parts}
	tasks := min(int(z.total/max(1, r.a.Least))+1, max(r.a.Slots, int(z.total/max(1, r.a.Target))))
	l := &Layout{Whole: joins}
	for _, from := range z.deal(all, tasks) {
		reads := []Read{{probe, all, from}}
		for _, b := range builds {
			reads = append(reads, Read{b, all, r.sizes[b].producers()})
		}
		l.Tasks = append(l.Tasks, reads)
	}
	if len(l.Tasks) < min(tasks, r.a.Slots) {
		return nil // too few producers to keep all slots busy
	}
	r.note("build broadcast, probe read by producers")
	return l
}
