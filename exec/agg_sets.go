package exec

import "github.com/flintsql/flint/exec/vector"

// foldSets adds a batch once per grouping set: what a set leaves out is NULL, and the set's number is
// the last key. Texts become codes once for all sets.
func (a *aggregateOp) foldSets(keys []*vector.Vector, b *vector.Batch, cols []*vector.Vector) error {
	n, coded := len(keys), false
	for s, set := range a.node.Sets {
		if !coded {
			var err error
			if keys, coded, err = a.table.keysOf(keys[:n], b.Sel, b.Rows); err != nil {
				return err
			}
		}
		part := make([]*vector.Vector, n+1)
		for i := range n {
			part[i] = a.table.noKey(i, b.Rows)
		}
		for _, i := range set {
			part[i] = keys[i]
		}
		id := *a.setID[s]
		id.Len = b.Rows
		part[n] = &id
		groups := a.groupsFor(b.Count())
		var err error
		if coded {
			_, err = a.table.assignCoded(part, b.Sel, b.Rows, groups)
		} else {
			_, err = a.table.Assign(part, b.Sel, b.Rows, groups)
		}
		if err == nil {
			err = a.foldCalls(groups, b, cols)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// emptySets adds the group of each empty grouping set, which exists even
// without input.
func (a *aggregateOp) emptySets() error {
	if a.rows > 0 {
		return nil
	}
	for s, set := range a.node.Sets {
		if len(set) > 0 {
			continue
		}
		part := make([]*vector.Vector, len(a.table.types))
		for i, t := range a.table.types[:len(part)-1] {
			part[i] = vector.NullConst(t, 1)
		}
		id := *a.setID[s]
		id.Len = 1
		part[len(part)-1] = &id
		if _, err := a.table.Assign(part, nil, 1, make([]int32, 1)); err != nil {
			return err
		}
	}
	for _, c := range a.calls {
		c.grow(a.table.Len())
	}
	return nil
}
