package sketch

import (
	"math"
	"math/rand/v2"

	"github.com/flintsql/flint/sql/value"
)

// Reservoir is a uniform sample of the values it was offered, of fixed size
// (algorithm L: Li, TOMS 1994, which draws how many values to skip).
type Reservoir struct {
	Values []value.Value
	Seen   int64 // values offered
	size   int
	next   int64 // number of the next value to take
	weight float64
	random *rand.Rand
}

func newReservoir(size int) Reservoir {
	return Reservoir{size: size, weight: 1}
}

// draws returns the source of numbers. Its seed is fixed, so that the same rows
// in the same order always give the same sample.
func (r *Reservoir) draws() *rand.Rand {
	if r.random == nil {
		r.random = rand.New(rand.NewPCG(0x5eed, uint64(r.Seen)))
	}
	return r.random
}

// offer takes n values in turn, of which get returns the one at a position.
func (r *Reservoir) offer(n int, get func(i int) value.Value) {
	first := 0
	for ; first < n && len(r.Values) < r.size; first++ {
		r.Values = append(r.Values, get(first))
		if len(r.Values) == r.size {
			r.next = r.Seen + int64(first)
			r.skip()
		}
	}
	for len(r.Values) == r.size && r.next < r.Seen+int64(n) {
		if i := int(r.next - r.Seen); i >= first {
			r.Values[r.draws().IntN(r.size)] = get(i)
		}
		r.skip()
	}
	r.Seen += int64(n)
}

func (r *Reservoir) skip() {
	d := r.draws()
	r.weight *= math.Exp(math.Log(1-d.Float64()) / float64(r.size))
	r.next += 1 + int64(min(math.Floor(math.Log(1-d.Float64())/math.Log(1-r.weight)), 1e17))
}

// merge makes r a sample of both: each value of the result comes from one of
// them with the probability of its share of the values not yet drawn.
func (r *Reservoir) merge(o *Reservoir) {
	if o.Seen == 0 {
		return
	}
	if r.Seen+o.Seen < int64(r.size) {
		r.Values = append(r.Values, o.Values...)
		r.Seen += o.Seen
		return
	}
	a, b := r.Values, append([]value.Value(nil), o.Values...)
	na, nb := float64(r.Seen), float64(o.Seen)
	d := r.draws()
	out := make([]value.Value, 0, r.size)
	for len(out) < r.size && len(a)+len(b) > 0 {
		from, left := &a, &na
		if len(a) == 0 || len(b) > 0 && d.Float64()*(na+nb) >= na {
			from, left = &b, &nb
		}
		i, last := d.IntN(len(*from)), len(*from)-1
		out = append(out, (*from)[i])
		(*from)[i] = (*from)[last]
		*from, *left = (*from)[:last], *left-1
	}
	r.Values = out
	r.Seen += o.Seen
	r.weight, r.next = float64(r.size)/float64(r.Seen), r.Seen // what it is on average after so many values
	r.skip()
}
