package dbgen

import "slices"

// comment describes a pseudo-text column: its stream (two draws a value) and
// its average length. Lengths are uniform between 0.4 and 1.6 times that.
type comment struct {
	stream stream
	low    int64
	high   int64
}

// newComment derives the bounds of the lengths.
func newComment(seed uint64, drawsPerUnit, average int64) comment {
	return comment{stream{seed, drawsPerUnit}, average * 4 / 10, average * 16 / 10}
}

// fill fills a comment column of tables with one row per unit.
func (c comment) fill(g *Generator, dst *Vector) {
	g.seeds2 = resize(g.seeds2, g.units)
	g.drawInto(g.seeds2, c.stream, 1)
	c.cut(g, dst, g.draw(c.stream, 0), g.seeds2)
}

// cut copies the values out of the pool, given the seeds of their positions
// and of their lengths, which it may overwrite.
func (c comment) cut(g *Generator, dst *Vector, positions, lengths []uint32) {
	positions, lengths = g.pick(positions), g.pick(lengths)
	dst.startText(g.rows, 0)
	dst.Data = slices.Grow(dst.Data, len(positions)*int(c.low+c.high+2)/2)
	starts := float64(poolSize - c.high + 1)
	span := uint64(c.high - c.low + 1)
	var offsets [fetchGroup]int64
	var texts [fetchGroup][]byte
	for len(positions) > 0 {
		n := min(len(positions), fetchGroup)
		for i, s := range positions[:n] {
			offsets[i] = uniformWide(s, starts)
		}
		dst.fetched = g.pool.fetch(texts[:n], offsets[:n], &g.rewritten)
		for i, s := range lengths[:n] {
			dst.Data = append(dst.Data, texts[i][:c.low+int64(uniform(s, span))]...)
			dst.endValue()
		}
		positions, lengths = positions[n:], lengths[n:]
	}
	g.place(dst)
}

// fillNumbered returns a filler for texts of a prefix, # and the row's key in
// at least nine digits.
func fillNumbered(prefix string) func(*Generator, *Vector) {
	return func(g *Generator, dst *Vector) {
		dst.startText(g.rows, len(prefix)+9)
		add := func(row int64) {
			dst.Data = append(dst.Data, prefix...)
			dst.Data = appendPadded(dst.Data, g.first+row+1, 9)
			dst.endValue()
		}
		if g.wanted == nil {
			for i := range g.rows {
				add(int64(i))
			}
			return
		}
		for _, row := range g.wanted {
			add(int64(row))
		}
		g.place(dst)
	}
}

// appendPadded appends n in decimal with leading zeros up to the given width.
func appendPadded(b []byte, n int64, width int) []byte {
	var digits [20]byte
	i := len(digits)
	for n > 0 || len(digits)-i < width {
		i--
		digits[i] = byte('0' + n%10)
		n /= 10
	}
	return append(b, digits[i:]...)
}

// addressLetters are the 64 characters of random addresses.
const addressLetters = "0123456789abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ,"

// Addresses have 10 to 40 characters, five of them from one draw.
const (
	addressLow   = 10
	addressSpan  = 31
	addressDraws = 9
)

// fillAddress returns a filler for random addresses. dbgen computes the range
// of the letters' draws as 2³¹ in 32 bits, so the draws are negative.
func fillAddress(s stream) func(*Generator, *Vector) {
	return func(g *Generator, dst *Vector) {
		dst.startText(g.rows, addressLow+addressSpan/2)
		for _, first := range g.pick(g.draw(s, 0)) {
			length := addressLow + int(uniform(first, addressSpan))
			seed := uint64(first)
			var bits int64
			for i := range length {
				if i%5 == 0 {
					seed = mulmod(seed, multiplier)
					bits = uniformWide(uint32(seed), -(1 << 31))
				}
				dst.Data = append(dst.Data, addressLetters[bits&63])
				bits >>= 6
			}
			dst.endValue()
		}
		g.place(dst)
	}
}

// fillPhone returns a filler for phone numbers; the country code follows the
// nation key, which is drawn from its own stream.
func fillPhone(phone, nationKey stream) func(*Generator, *Vector) {
	return func(g *Generator, dst *Vector) {
		dst.startText(g.rows, len("10-100-100-1000"))
		g.seeds2 = resize(g.seeds2, g.units)
		g.drawInto(g.seeds2, nationKey, 0)
		nationSeeds := g.pick(g.seeds2)
		for i, first := range g.pick(g.draw(phone, 0)) {
			second := mulmod(uint64(first), multiplier)
			third := mulmod(second, multiplier)
			country := 10 + int64(uniform(nationSeeds[i], uint64(len(nations))))
			b := append(appendPadded(dst.Data, country, 2), '-')
			b = append(appendPadded(b, 100+int64(uniform(first, 900)), 3), '-')
			b = append(appendPadded(b, 100+int64(uniform(uint32(second), 900)), 3), '-')
			dst.Data = appendPadded(b, 1000+int64(uniform(uint32(third), 9000)), 4)
			dst.endValue()
		}
		g.place(dst)
	}
}
