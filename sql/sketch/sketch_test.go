package sketch

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// TestEstimate counts from one hash to a million, whole and in merged parts of
// both forms: the error stays within four standard deviations.
func TestEstimate(t *testing.T) {
	for _, precision := range []uint8{4, 12, 14} {
		limit := 4 * 1.04 / math.Sqrt(float64(uint32(1)<<precision))
		for _, n := range []int{0, 1, 2, 50, 127, 129, 1000, 30_000, 1_000_000} {
			whole, small, large := NewHLL(precision), NewHLL(precision), NewHLL(precision)
			r := rand.New(rand.NewPCG(uint64(n), uint64(precision)))
			for i := range n {
				h := r.Uint64()
				whole.Add(h)
				whole.Add(h) // duplicates change nothing
				if i < n/20 {
					small.Add(h)
				} else {
					large.Add(h)
				}
			}
			got := whole.Estimate()
			if math.Abs(got-float64(n)) > max(float64(n)*limit, 0.5) {
				t.Errorf("precision %d: %d are estimated at %.1f", precision, n, got)
			}
			back, rest, err := ParseHLL(large.Append(nil))
			if err != nil || len(rest) > 0 {
				t.Fatal(err, len(rest))
			}
			small.Merge(&back)
			if m := small.Estimate(); m != got {
				t.Errorf("precision %d, %d: merged %.3f, whole %.3f", precision, n, m, got)
			}
		}
	}
}

// TestReservoir samples in batches and merges: every value is as likely as any other.
func TestReservoir(t *testing.T) {
	const n, size = 2000, 100
	for name, parts := range map[string][]int{"one": {n}, "batches": {99, 1, 700, 1200}, "few and many": {50, 1950}, "small parts": {60, 30, 1910}} {
		hits := make([]float64, 10)
		for trial := range 400 {
			var whole Reservoir
			from := 0
			for k, p := range parts {
				part := newReservoir(size)
				part.random = rand.New(rand.NewPCG(uint64(trial), uint64(k)))
				at := from
				for _, batch := range []int{p / 3, p - p/3} {
					part.offer(batch, func(i int) value.Value { return value.Int8(int64(at + i)) })
					at += batch
				}
				from += p
				if k == 0 {
					whole = part
				} else {
					whole.merge(&part)
				}
			}
			if len(whole.Values) != size || whole.Seen != n {
				t.Fatalf("%s: %d values of %d", name, len(whole.Values), whole.Seen)
			}
			for _, v := range whole.Values {
				hits[v.I*10/n]++
			}
		}
		for i, h := range hits { // 4000 expected, deviation 60
			if math.Abs(h-4000) > 300 {
				t.Errorf("%s: tenth %d was drawn %.0f times of 4000: %v", name, i, h, hits)
				break
			}
		}
	}
}

// TestWideValues keeps the beginnings of values in the order of the values.
func TestWideValues(t *testing.T) {
	tail := strings.Repeat("\xff", wideBytes)
	wide := strings.Repeat("x", wideBytes-1) + "ä"
	c := NewColumn()
	vals := []value.Value{{Type: types.Of(types.Bytea), S: "\x80" + tail}, {Type: types.Of(types.Bytea), S: "a" + tail}, {Type: types.Of(types.Text), S: wide}}
	c.Offer(len(vals), func(i int) value.Value { return vals[i] })
	got := c.Sample.Values
	if got[0].S != ("\x80" + tail)[:wideBytes] || got[1].S != ("a" + tail)[:wideBytes] {
		t.Errorf("bytes were kept as %.8q and %.8q", got[0].S, got[1].S)
	}
	if got[2].S != wide[:wideBytes-1] {
		t.Errorf("a text was cut within a character: …%q", got[2].S[wideBytes-4:])
	}
	list := value.Value{Type: types.ArrayOf(types.Of(types.Text)), List: make([]value.Value, 1000)}
	c.Values = 4
	before := c.Memory()
	c.Offer(1, func(int) value.Value { return list })
	if n := len(c.Sample.Values[3].List); n != wideList || c.Memory() < before+wideList {
		t.Errorf("%d elements of a list were kept, in %d bytes after %d", n, c.Memory(), before)
	}
}

// TestColumnTravels writes sketches and reads them, also from spoiled bytes.
func TestColumnTravels(t *testing.T) {
	c := NewColumn()
	c.Rows, c.Values, c.Bytes = 30, 20, 60
	typ := types.Of(types.Text)
	words := []string{"", "a", "äöü", "x y"}
	c.Offer(20, func(i int) value.Value { return value.Value{Type: typ, S: words[i%4]} })
	for i := range 500 {
		c.Distinct.Add(uint64(i) * 0x9e3779b97f4a7c15)
	}
	b := c.Append(nil)
	d, err := ParseColumn(b, typ)
	if err != nil {
		t.Fatal(err)
	}
	if d.Rows != 30 || d.Values != 20 || d.Bytes != 60 || len(d.Sample.Values) != 20 || d.Sample.Values[2].S != "äöü" || d.Distinct.Estimate() != c.Distinct.Estimate() {
		t.Errorf("came back as %+v", d)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		x := append([]byte(nil), b[:r.IntN(len(b)+1)]...)
		if len(x) > 0 {
			x[r.IntN(min(len(x), 40))] ^= byte(r.Uint32())
		}
		if y, err := ParseColumn(x, typ); err == nil && len(y.Sample.Values) > sampleSize {
			t.Fatal("a spoiled sketch was read")
		}
	}
}
