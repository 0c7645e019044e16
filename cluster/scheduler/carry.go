package scheduler

import "slices"

// Small outputs travel with the word that their task has ended, and with the launches of those who read them: neither
// files nor fetches are needed for them.

// carried returns what a committed output carries for an edge, if anything.
func (c *committed) carried(edge int) string {
	for i := range c.sizes {
		if c.sizes[i].Edge == edge {
			return c.sizes[i].Carried
		}
	}
	return ""
}

// allCarried reports that nothing of the output is stored anywhere.
func (c *committed) allCarried() bool {
	return len(c.sizes) > 0 && !slices.ContainsFunc(c.sizes, func(z EdgeSizes) bool { return z.Carried == "" })
}

// sources lists where the partitions of an edge are, with those that are carried.
func (ed *edge) sources() []Source {
	all, own := ed.from.currentSources(), []Source(nil)
	for i := range ed.from.tasks {
		t := &ed.from.tasks[i]
		if ed.mode != Spooled || t.cur != nil || t.out == nil {
			continue
		}
		if c := t.out.carried(ed.id); c != "" {
			if own == nil {
				own = slices.Clone(all)
			}
			own[i].Carried = c
		}
	}
	if own == nil {
		return all
	}
	return own
}

// atHand reports a stage that the driver's own executor had better run: all that its one task reads is
// here already, and it is little.
func (st *stage) atHand() bool {
	if !st.spec.Portable || st.replan.layout != nil || len(st.tasks) != 1 || len(st.in) == 0 || st.tasks[0].number > 0 {
		return false
	}
	for _, ed := range st.in {
		if len(ed.from.tasks) == 0 {
			return false
		}
		for i := range ed.from.tasks {
			if t := &ed.from.tasks[i]; t.out == nil || t.out.carried(ed.id) == "" {
				return false
			}
		}
	}
	return true
}
