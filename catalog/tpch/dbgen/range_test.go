package dbgen

import (
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestAnyRange checks that a generator over any range, with any chunk size,
// makes the rows that a serial run makes there.
func TestAnyRange(t *testing.T) {
	pool, s := NewTextPool(nil), mustScale(t, 0.004)
	r := rand.New(rand.NewPCG(1, 2))
	for _, table := range Tables() {
		units := table.Units(s)
		serial := generate(t, table, s, 0, units, 8192, pool)
		perUnit := table.rowsPerUnit
		for range 40 {
			first := r.Int64N(units + 1)
			end := first + r.Int64N(units-first+1)
			from, to := first*perUnit, end*perUnit
			if perUnit == 0 {
				from, to = CountLines(0, first), CountLines(0, end)
			}
			got := generate(t, table, s, first, end, 1+r.IntN(3000), pool)
			compareRows(t, table, got, serial[from:to])
		}
	}
}

// TestFillRows checks that wanted rows get the same values as a full fill.
func TestFillRows(t *testing.T) {
	pool, s := NewTextPool(nil), mustScale(t, 0.1)
	r := rand.New(rand.NewPCG(3, 4))
	for _, table := range Tables() {
		g, err := NewGenerator(table, s, 0, table.Units(s), pool)
		if err != nil {
			t.Fatal(err)
		}
		n := g.Next(5000)
		for c := range table.Columns {
			var all, some Vector
			g.Fill(c, &all)
			for _, share := range []float64{0, 0.01, 0.1, 0.5, 1} {
				rows := []int32{}
				for i := range n {
					if r.Float64() < share {
						rows = append(rows, int32(i))
					}
				}
				g.FillRows(c, rows, &some)
				for _, i := range rows {
					if got, want := value(&table.Columns[c], &some, int(i)), value(&table.Columns[c], &all, int(i)); got != want {
						t.Fatalf("%s row %d is %v, want %v", table.Columns[c].Name, i, got, want)
					}
				}
				if len(some.Offsets) > 0 && (len(some.Offsets) != n+1 || !slices.IsSorted(some.Offsets)) {
					t.Fatalf("%s has bad offsets", table.Columns[c].Name)
				}
			}
		}
	}
}

// TestUniform checks both ways of integer scaling against the floating-point
// formula that dbgen uses, for spans of all sizes and seeds next to the steps
// of the formula as well as random ones.
func TestUniform(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	doubtful := 0
	check := func(seed, span uint64) {
		want := uint64(uniformWide(uint32(seed), float64(span)))
		draws := 1 + r.Int64N(20)
		step := newFractions(draws) // reach the seed from one that comes before it
		before := mulmod(seed, power(step.multiplier, modulus-2))
		if span < exactRange {
			if got := uniform(uint32(seed), span); got != want {
				t.Fatalf("uniform(%d, %d) = %d, want %d", seed, span, got, want)
			}
			if got := scaleFraction(step.of(before), span); got != want {
				t.Fatalf("scaleFraction(%d, %d) = %d, want %d", seed, span, got, want)
			}
			return
		}
		got, ok := scaleFractionWide(step.of(before), span)
		if ok && got != want {
			t.Fatalf("scaleFractionWide(%d, %d) = %d, want %d", seed, span, got, want)
		}
		if !ok {
			doubtful++
		}
	}
	for span := uint64(1); span < 7e9; span = span + 1 + span/64 {
		for q := range min(span, 200) {
			if span > 1000 {
				q = r.Uint64N(min(span, 1<<32))
			}
			at := (q*modulus + span - 1) / span
			for d := range uint64(3) {
				if seed := at + d - 1; seed > 0 && seed < modulus {
					check(seed, span)
				}
			}
		}
		for range 200 {
			check(1+r.Uint64N(modulus-1), span)
		}
	}
	if doubtful == 0 {
		t.Error("no seed was near enough to a step to be doubtful")
	}
}

// TestSkip checks the modular arithmetic against plain division.
func TestSkip(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for range 100_000 {
		a, b := 1+r.Uint64N(modulus-1), 1+r.Uint64N(modulus-1)
		if got, want := mulmod(a, b), a*b%modulus; got != want {
			t.Fatalf("mulmod(%d, %d) = %d, want %d", a, b, got, want)
		}
	}
	s := stream{12345, 7}
	seed := s.seed
	for unit := range int64(5000) {
		if s.at(unit) != seed {
			t.Fatalf("the seed of unit %d is wrong", unit)
		}
		for range s.draws {
			seed = seed * multiplier % modulus
		}
	}
}

// TestSuppliers checks the supplier formula against plain division at small
// and very large scales.
func TestSuppliers(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for _, factor := range []float64{0.001, 0.01, 0.1, 1, 30, 1000, 10000, MaxScaleFactor} {
		s := mustScale(t, factor)
		sup := newSuppliers(s)
		count := uint64(s.of(supplierBase))
		parts := uint64(s.of(partBase))
		if hi, _ := bits.Mul64(parts+4*count, count); hi != 0 {
			t.Fatalf("scale %v is out of the quotient's range", factor)
		}
		for range 20_000 {
			part, i := 1+r.Uint64N(parts), r.Uint64N(4)
			want := int64((part+i*(count/4+(part-1)/count))%count) + 1
			if got := sup.of(part, i); got != want {
				t.Fatalf("scale %v: supplier %d of part %d is %d, want %d", factor, i, part, got, want)
			}
		}
	}
	if _, err := NewScale(30000); err == nil {
		t.Error("a scale factor of 30,000 is accepted")
	}
}
