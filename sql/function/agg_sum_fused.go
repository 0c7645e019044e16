package function

import (
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// FusedSums adds the arguments of several sums and averages, and counts rows, in one pass over a
// batch's rows for a few groups: a group's sums lie side by side, so that its number is read once
// and a row touches one cache line (row-wise states). Rows take turns at two tables, since those of one
// group would wait for each other's stores.
type FusedSums struct {
	sums   []*sumWideAcc
	counts []*countAcc
	rows   [2][]fusedRow
}

// fusedRow is the state of a group in one pass: four sums and a count.
type fusedRow struct{ a, b, c, d, n int64 }

// fusedDigits is how many digits a sum's argument may have to be fused: laneRows of them can't overflow 64 bits.
const fusedDigits = 15

// Fusible reports whether a call can be one of FusedSums: a sum or average of numerics of few
// digits and a static scale, or count(*).
func Fusible(acc Accumulator, args []types.Type) (sum, count bool) {
	switch a := acc.(type) {
	case *sumWideAcc:
		return len(args) == 1 && args[0].IsFixedNumeric() && args[0].Precision <= fusedDigits && a.lead == nil, false
	case *countAcc:
		return false, len(args) == 0
	}
	return false, false
}

// NewFusedSums fuses calls that are Fusible; those that count come in counts.
func NewFusedSums(sums, counts []Accumulator) *FusedSums {
	f := &FusedSums{}
	for _, a := range sums {
		if s, ok := a.(*sumWideAcc); ok {
			f.sums = append(f.sums, s)
		}
	}
	for _, a := range counts {
		if c, ok := a.(*countAcc); ok {
			f.counts = append(f.counts, c)
		}
	}
	return f
}

// Update folds rows in as each accumulator's Update does, which has room for that many groups; ok is
// false, and nothing done, where the batch doesn't suit.
func (f *FusedSums) Update(of int, groups []int32, args []*vector.Vector, sel []int32) (ok bool, err error) {
	if of > laneGroups || len(groups) < 8*of || len(args) != len(f.sums) {
		return false, nil
	}
	for _, v := range args {
		if v.Enc != vector.Flat || v.Valid != nil || v.Type.Storage() != types.StoreInt64 {
			return false, nil
		}
	}
	for from := 0; from < len(groups); from += laneRows {
		to := min(from+laneRows, len(groups))
		if err := f.piece(of, groups[from:to], args, sel, from); err != nil {
			return true, err
		}
	}
	return true, nil
}

// piece folds in at most laneRows rows, the first of which is row from of sel, or of the batch.
func (f *FusedSums) piece(of int, groups []int32, args []*vector.Vector, sel []int32, from int) error {
	if f.rows[0] == nil {
		f.rows = [2][]fusedRow{make([]fusedRow, laneGroups), make([]fusedRow, laneGroups)}
	}
	even, odd := f.rows[0][:of], f.rows[1][:of]
	for k := 0; k < len(args); k += 4 {
		clear(even)
		clear(odd)
		var cols [4][]int64
		used := min(4, len(args)-k)
		for j := range cols {
			cols[j] = vector.Values[int64](args[k+min(j, used-1)])
			if sel == nil {
				cols[j] = cols[j][from : from+len(groups)]
			}
		}
		switch {
		case used > 2 && sel == nil:
			addFour(even, odd, groups, cols)
		case used > 2:
			addFourAt(even, odd, groups, sel[from:from+len(groups)], cols)
		case sel == nil:
			addTwo(even, odd, groups, cols)
		default:
			addTwoAt(even, odd, groups, sel[from:from+len(groups)], cols)
		}
		for j := range used {
			if !f.fold(f.sums[k+j].s, even, odd, j) {
				return value.ErrNumericOverflow()
			}
		}
	}
	for _, c := range f.counts {
		for g := range even {
			c.s[g] += even[g].n + odd[g].n
		}
	}
	return nil
}

// fold adds column j of both tables to a sum's states; false if one overflows.
func (f *FusedSums) fold(s []sum128, even, odd []fusedRow, j int) bool {
	for g := range even {
		p, q := &even[g], &odd[g]
		sum := int64(0)
		switch j {
		case 0:
			sum = p.a + q.a
		case 1:
			sum = p.b + q.b
		case 2:
			sum = p.c + q.c
		default:
			sum = p.d + q.d
		}
		r, over := s[g].sum.AddOverflow(value.Int128From(sum))
		if over {
			return false
		}
		s[g].sum = r
		s[g].n += p.n + q.n
	}
	return true
}

func (p *fusedRow) four(a, b, c, d int64) {
	p.a += a
	p.b += b
	p.c += c
	p.d += d
	p.n++
}

func (p *fusedRow) two(a, b int64) {
	p.a += a
	p.b += b
	p.n++
}

func addFour(even, odd []fusedRow, grp []int32, cols [4][]int64) {
	n := len(grp)
	a, b, c, d := cols[0][:n], cols[1][:n], cols[2][:n], cols[3][:n]
	k := 0
	for ; k+1 < n; k += 2 {
		even[grp[k]].four(a[k], b[k], c[k], d[k])
		odd[grp[k+1]].four(a[k+1], b[k+1], c[k+1], d[k+1])
	}
	if k < n {
		even[grp[k]].four(a[k], b[k], c[k], d[k])
	}
}

func addFourAt(even, odd []fusedRow, grp, pos []int32, cols [4][]int64) {
	n := len(grp)
	pos = pos[:n]
	a := cols[0]
	b, c, d := cols[1][:len(a)], cols[2][:len(a)], cols[3][:len(a)]
	k := 0
	for ; k+1 < n; k += 2 {
		i, j := int(pos[k]), int(pos[k+1])
		even[grp[k]].four(a[i], b[i], c[i], d[i])
		odd[grp[k+1]].four(a[j], b[j], c[j], d[j])
	}
	if k < n {
		i := int(pos[k])
		even[grp[k]].four(a[i], b[i], c[i], d[i])
	}
}

func addTwo(even, odd []fusedRow, grp []int32, cols [4][]int64) {
	n := len(grp)
	a, b := cols[0][:n], cols[1][:n]
	k := 0
	for ; k+1 < n; k += 2 {
		even[grp[k]].two(a[k], b[k])
		odd[grp[k+1]].two(a[k+1], b[k+1])
	}
	if k < n {
		even[grp[k]].two(a[k], b[k])
	}
}

func addTwoAt(even, odd []fusedRow, grp, pos []int32, cols [4][]int64) {
	n := len(grp)
	pos = pos[:n]
	a := cols[0]
	b := cols[1][:len(a)]
	k := 0
	for ; k+1 < n; k += 2 {
		i, j := int(pos[k]), int(pos[k+1])
		even[grp[k]].two(a[i], b[i])
		odd[grp[k+1]].two(a[j], b[j])
	}
	if k < n {
		i := int(pos[k])
		even[grp[k]].two(a[i], b[i])
	}
}
