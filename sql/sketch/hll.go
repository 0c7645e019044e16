// Package sketch summarizes columns in little memory: distinct counts, samples,
// NULLs and widths. Sketches of parts merge into the sketch of the whole.
package sketch

import (
	"encoding/binary"
	"errors"
	"math"
	"math/bits"
	"slices"
)

// HLL counts distinct hashes (HyperLogLog: Flajolet et al., AofA 2007). Few
// hashes are kept as a sorted list of the registers they set, as in HLL++ (Heule et al., EDBT 2013), and
// the estimate is Ertl's ("New cardinality estimation algorithms for HyperLogLog sketches",
// 2017), which needs no tables of bias.
type HLL struct {
	precision uint8
	few       []uint32 // register<<6 | rank, sorted by register; until there are many
	registers []uint8
}

// ErrCorrupt says that bytes are not what a sketch writes.
var ErrCorrupt = errors.New("not a sketch")

const (
	fewLimit  = 128
	headBytes = 2
)

// NewHLL returns an empty counter of 2^precision registers, 4..16: its
// relative error is about 1.04/√(2^precision).
func NewHLL(precision uint8) HLL { return HLL{precision: min(max(precision, 4), 16)} }

// Bytes is the memory held.
func (s *HLL) Bytes() int { return 4*cap(s.few) + cap(s.registers) }

// Add counts a hash, whose bits must all be good.
func (s *HLL) Add(hash uint64) {
	// Hashes of one word map zero to zero: mix once more.
	hash = (hash ^ 0x9e3779b97f4a7c15) * 0xd6e8feb86659fd93
	hash ^= hash >> 32
	register := uint32(hash >> (64 - s.precision))
	rank := uint8(bits.LeadingZeros64(hash<<s.precision|1<<(s.precision-1))) + 1
	s.set(register, rank)
}

func (s *HLL) set(register uint32, rank uint8) {
	if s.registers != nil {
		s.registers[register] = max(s.registers[register], rank)
		return
	}
	at, found := slices.BinarySearchFunc(s.few, register, func(e, r uint32) int { return int(e>>6) - int(r) })
	switch {
	case found:
		s.few[at] = max(s.few[at], register<<6|uint32(rank))
	case len(s.few) < min(fewLimit, 1<<s.precision/4):
		s.few = slices.Insert(s.few, at, register<<6|uint32(rank))
	default:
		s.widen()
		s.set(register, rank)
	}
}

// widen goes from the list to all registers.
func (s *HLL) widen() {
	s.registers = make([]uint8, 1<<s.precision)
	for _, e := range s.few {
		s.registers[e>>6] = uint8(e & 63)
	}
	s.few = nil
}

// Merge counts what o counted; both have one precision.
func (s *HLL) Merge(o *HLL) {
	for _, e := range o.few {
		s.set(e>>6, uint8(e&63))
	}
	if o.registers == nil {
		return
	}
	if s.registers == nil {
		s.widen()
	}
	for i, r := range o.registers {
		s.registers[i] = max(s.registers[i], r)
	}
}

// Estimate returns about how many different hashes were added.
func (s *HLL) Estimate() float64 {
	m, q := float64(uint32(1)<<s.precision), 64-int(s.precision)
	counts := make([]float64, q+2)
	for _, e := range s.few {
		counts[min(int(e&63), q+1)]++
	}
	for _, r := range s.registers {
		counts[min(int(r), q+1)]++
	}
	if s.registers == nil {
		counts[0] = m - float64(len(s.few))
	}
	z := m * tau(1-counts[q+1]/m)
	for k := q; k >= 1; k-- {
		z = 0.5 * (z + counts[k])
	}
	z += m * sigma(counts[0]/m)
	return m * m / (2 * math.Ln2 * z)
}

// sigma is Ertl's correction for empty registers.
func sigma(x float64) float64 {
	if x == 1 {
		return math.Inf(1)
	}
	y, z := 1.0, x
	for last := -1.0; z != last; {
		last = z
		x *= x
		z += x * y
		y += y
	}
	return z
}

// tau is Ertl's correction for full registers.
func tau(x float64) float64 {
	if x == 0 || x == 1 {
		return 0
	}
	y, z := 1.0, 1-x
	for last := -1.0; z != last; {
		last = z
		x = math.Sqrt(x)
		y *= 0.5
		z -= (1 - x) * (1 - x) * y
	}
	return z / 3
}

// Append writes the counter.
func (s *HLL) Append(dst []byte) []byte {
	if s.registers != nil {
		return append(append(dst, s.precision, 1), s.registers...)
	}
	dst = append(dst, s.precision, 0)
	dst = binary.LittleEndian.AppendUint16(dst, uint16(len(s.few)))
	for _, e := range s.few {
		dst = binary.LittleEndian.AppendUint32(dst, e)
	}
	return dst
}

// ParseHLL reads what Append wrote, and returns what follows it.
func ParseHLL(b []byte) (HLL, []byte, error) {
	if len(b) < headBytes+2 || b[0] < 4 || b[0] > 16 {
		return HLL{}, nil, ErrCorrupt
	}
	s := HLL{precision: b[0]}
	size := 1 << s.precision
	if b[1] == 1 {
		b = b[headBytes:]
		if len(b) < size {
			return HLL{}, nil, ErrCorrupt
		}
		s.registers = slices.Clone(b[:size])
		return s, b[size:], nil
	}
	n := int(binary.LittleEndian.Uint16(b[headBytes:]))
	b = b[headBytes+2:]
	if n > fewLimit || len(b) < 4*n {
		return HLL{}, nil, ErrCorrupt
	}
	for i := range n {
		e := binary.LittleEndian.Uint32(b[4*i:])
		if int(e>>6) >= size || i > 0 && e>>6 <= s.few[i-1]>>6 {
			return HLL{}, nil, ErrCorrupt
		}
		s.few = append(s.few, e)
	}
	return s, b[4*n:], nil
}
