package function

import "github.com/flintsql/flint/sql/value"

// laneSums adds a batch's values in 64 bits for a few groups. Consecutive rows
// go to different lanes: rows of one group would otherwise wait for each other's stores.
type laneSums struct{ lanes []laneSum }

type laneSum struct{ sum, n int64 }

// A piece of laneRows values below 2^laneBits can't overflow 64 bits.
const (
	laneCount  = 4
	laneGroups = 256
	laneRows   = 1 << 13
	laneBits   = 50
)

// suits reports that lanes pay for n rows over that many groups.
func (l *laneSums) suits(groups, n int) bool { return groups <= laneGroups && n >= 8*groups }

// reset empties the lanes of that many groups.
func (l *laneSums) reset(groups int) {
	if cap(l.lanes) < laneCount*groups {
		l.lanes = make([]laneSum, laneCount*laneGroups)
	}
	l.lanes = l.lanes[:laneCount*groups]
	clear(l.lanes)
}

// add64 adds up to laneRows values; false, with the lanes spoilt, if one is too large.
func (l *laneSums) add64(groups int, vals []int64, pos, grp []int32) bool {
	l.reset(groups)
	a, b, c, d := l.lanes[:groups], l.lanes[groups:2*groups], l.lanes[2*groups:3*groups], l.lanes[3*groups:]
	bits := int64(0)
	k, n := 0, len(grp)
	if pos == nil {
		vals = vals[:n]
		for ; k+4 <= n; k += 4 {
			g, v := grp[k:k+4:k+4], vals[k:k+4:k+4]
			bits |= a[g[0]].add(v[0]) | b[g[1]].add(v[1]) | c[g[2]].add(v[2]) | d[g[3]].add(v[3])
		}
		for ; k < n; k++ {
			bits |= a[grp[k]].add(vals[k])
		}
		return bits < 1<<laneBits
	}
	pos = pos[:n]
	for ; k+4 <= n; k += 4 {
		g, p := grp[k:k+4:k+4], pos[k:k+4:k+4]
		bits |= a[g[0]].add(vals[p[0]]) | b[g[1]].add(vals[p[1]]) | c[g[2]].add(vals[p[2]]) | d[g[3]].add(vals[p[3]])
	}
	for ; k < n; k++ {
		bits |= a[grp[k]].add(vals[pos[k]])
	}
	return bits < 1<<laneBits
}

// add128 is add64 for 128-bit integers.
func (l *laneSums) add128(groups int, vals []value.Int128, pos, grp []int32) bool {
	l.reset(groups)
	a, b, c, d := l.lanes[:groups], l.lanes[groups:2*groups], l.lanes[2*groups:3*groups], l.lanes[3*groups:]
	bits, high := int64(0), int64(0)
	k, n := 0, len(grp)
	for ; k+4 <= n; k += 4 {
		g := grp[k : k+4 : k+4]
		w, x, y, z := &vals[at(pos, k)], &vals[at(pos, k+1)], &vals[at(pos, k+2)], &vals[at(pos, k+3)]
		bits |= a[g[0]].add(int64(w.Lo)) | b[g[1]].add(int64(x.Lo)) | c[g[2]].add(int64(y.Lo)) | d[g[3]].add(int64(z.Lo))
		high |= beyond(w) | beyond(x) | beyond(y) | beyond(z)
	}
	for ; k < n; k++ {
		x := &vals[at(pos, k)]
		bits |= a[grp[k]].add(int64(x.Lo))
		high |= beyond(x)
	}
	return high == 0 && bits < 1<<laneBits
}

// add adds a value and returns its magnitude's bits.
func (s *laneSum) add(x int64) int64 {
	s.sum += x
	s.n++
	return x ^ x>>63
}

// beyond is 0 for what 64 bits hold.
func beyond(x *value.Int128) int64 { return x.Hi ^ int64(x.Lo)>>63 }

// fold adds the lanes to the groups' states; false if a sum overflows.
func (l *laneSums) fold(s []sum128) bool {
	for g := range s {
		sum, n := int64(0), int64(0)
		for i := g; i < len(l.lanes); i += len(s) {
			sum += l.lanes[i].sum
			n += l.lanes[i].n
		}
		r, over := s[g].sum.AddOverflow(value.Int128From(sum))
		if over {
			return false
		}
		s[g].sum = r
		s[g].n += n
	}
	return true
}

// addLanes folds rows in by lanes; done is how many, the rest must go in one by one.
func (a *sumWideAcc) addLanes(narrow []int64, wide []value.Int128, pos, grp []int32) (done int, err error) {
	groups := len(a.s)
	for done < len(grp) {
		to := min(done+laneRows, len(grp))
		p, g, vals, wides := pos, grp[done:to], narrow, wide
		if pos != nil {
			p = pos[done:to]
		} else if wide == nil {
			vals = narrow[done:]
		} else {
			wides = wide[done:]
		}
		ok := false
		if wide == nil {
			ok = a.lanes.add64(groups, vals, p, g)
		} else {
			ok = a.lanes.add128(groups, wides, p, g)
		}
		if !ok {
			return done, nil
		}
		if !a.lanes.fold(a.s) {
			return done, value.ErrNumericOverflow()
		}
		done = to
	}
	return done, nil
}

// Follow makes the accumulator report lead's states, where it would keep the
// same ones: sum(x) and avg(x) of the same rows. Then lead alone is grown and updated.
func (a *sumWideAcc) Follow(lead Accumulator) bool {
	l, ok := lead.(*sumWideAcc)
	if !ok || l.scale != a.scale || l.lead != nil {
		return false
	}
	a.lead = l
	return true
}

// Follow is sumWideAcc.Follow.
func (a *sumIntAcc) Follow(lead Accumulator) bool {
	l, ok := lead.(*sumIntAcc)
	if !ok || l.lead != nil {
		return false
	}
	a.lead = l
	return true
}

// states are those to report of groups [from, to).
func (a *sumWideAcc) states(from, to int) []sum128 {
	if a.lead != nil {
		return a.lead.s[from:to]
	}
	return a.s[from:to]
}

func (a *sumIntAcc) states(from, to int) []sum64 {
	if a.lead != nil {
		return a.lead.s[from:to]
	}
	return a.s[from:to]
}
