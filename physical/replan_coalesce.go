package physical

// unit is what one task might read: partitions, of one of which it may read only
// a part.
type unit struct {
	spans []Span // of partitions, ascending
	bytes int64
	split EdgeID // the edge that is divided by producers, -1 = none
	from  Span   // its producers
}

// units are the partitions that can give rows, large ones in pieces.
func (r *replanner) units() []unit {
	var out []unit
	pruned, free := 0, true // free: only partitions without any byte lie since the last unit
	skewed := r.skew()
	for p := range r.parts {
		if r.empty(r.s.Root, p) {
			free = free && r.bytes(p) == 0
			pruned++
			continue
		}
		if pieces := skewed.pieces(p); pieces != nil {
			out = append(out, pieces...)
			r.note("partition %d in %d", p, len(pieces))
			free = true
			continue
		}
		from := p
		if last := len(out) - 1; free && last >= 0 && out[last].split < 0 {
			from = out[last].spans[0].To // reading what is empty costs nothing, and one range is simpler
		}
		out = append(out, unit{spans: []Span{{from, p + 1}}, bytes: r.bytes(p), split: -1})
		free = true
	}
	if pruned > 0 {
		r.note("%d empty", pruned)
	}
	return out
}

// bytes are those of one partition over all hash edges.
func (r *replanner) bytes(p int) int64 {
	n := int64(0)
	for _, id := range r.hashEdges() {
		n += r.sizes[id].part[p]
	}
	return n
}

// coalesce joins neighbouring units while they stay small: below the size that is
// worth a task in any case, and up to the target while there are more than slots.
func (r *replanner) coalesce(units []unit) [][]Read {
	total := int64(0)
	for _, u := range units {
		total += u.bytes
	}
	share := min(r.a.Target, total/int64(max(1, r.a.Slots)))
	left := len(units)
	var joined []unit
	for _, u := range units {
		if last := len(joined) - 1; last >= 0 && u.split < 0 && joined[last].split < 0 {
			sum := joined[last].bytes + u.bytes
			if sum <= r.a.Least || left > r.a.Slots && sum <= share {
				joined[last] = joined[last].with(u)
				left--
				continue
			}
		}
		joined = append(joined, u)
	}
	if len(joined) < len(units) {
		r.note("coalesced")
	}
	out := make([][]Read, len(joined))
	for i, u := range joined {
		out[i] = r.reads(u)
	}
	return out
}

func (u unit) with(v unit) unit {
	u.bytes += v.bytes
	if last := len(u.spans) - 1; u.spans[last].To == v.spans[0].From {
		u.spans[last].To = v.spans[0].To
	} else {
		u.spans = append(u.spans, v.spans...)
	}
	return u
}

// reads lists what a unit's task reads; edges without bytes there are left out.
func (r *replanner) reads(u unit) []Read {
	var out []Read
	for _, id := range r.hashEdges() {
		z := r.sizes[id]
		producers := z.producers()
		if id == u.split {
			producers = u.from
		}
		for _, s := range u.spans {
			if z.bytes(s, producers) > 0 {
				out = append(out, Read{id, s, producers})
			}
		}
	}
	return out
}

// bytes are those of a rectangle.
func (z *edgeSizes) bytes(parts, producers Span) int64 {
	n := int64(0)
	for _, by := range z.by[producers.From:producers.To] {
		for _, b := range by[parts.From:parts.To] {
			n += b
		}
	}
	return n
}
