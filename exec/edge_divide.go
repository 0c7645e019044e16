package exec

// divider orders the rows of batches by the partitions that they go to, by counting: no branch depends on the rows, and one
// array holds them all.
type divider struct {
	to   []uint32 // by row of the batch
	rows []int32  // in order of their partitions
	ends []int32  // of the partitions in rows
}

func newDivider(partitions int) divider { return divider{ends: make([]int32, partitions)} }

// begin returns where the partitions of the next batch's n rows are put.
func (d *divider) begin(n int) []uint32 {
	d.to = sized(d.to, n)
	return d.to
}

// divide orders the rows, which are sel or, if that is nil, all from 0 on.
func (d *divider) divide(sel []int32) {
	clear(d.ends)
	for _, p := range d.to {
		d.ends[p]++
	}
	sum := int32(0)
	for p, n := range d.ends {
		d.ends[p] = sum // where it begins, for now
		sum += n
	}
	d.rows = sized(d.rows, len(d.to))
	for k, p := range d.to {
		i := int32(k)
		if sel != nil {
			i = sel[k]
		}
		d.rows[d.ends[p]] = i
		d.ends[p]++
	}
}

// of returns the rows of a partition.
func (d *divider) of(p int) []int32 {
	from := int32(0)
	if p > 0 {
		from = d.ends[p-1]
	}
	return d.rows[from:d.ends[p]]
}
