package exec

// probeBits keep, while R's rows come in several chunks, what is known of each
// row of L so far. A nil probeBits is for R in one piece.
type probeBits struct {
	hits, unsure []uint64
	at           int // of the batch's first row
	last         bool
}

func newProbeBits(rows int64, unsure bool) *probeBits {
	b := &probeBits{hits: make([]uint64, (rows+63)/64)}
	if unsure {
		b.unsure = make([]uint64, len(b.hits))
	}
	return b
}

func probeBitsBytes(rows int64) int64 { return (rows + 63) / 64 * 16 }

// rewind begins another pass over L.
func (b *probeBits) rewind(last bool) {
	if b != nil {
		b.at, b.last = 0, last
	}
}

// load sets what is known of a batch's rows.
func (b *probeBits) load(hits, unsure []bool) {
	if b == nil {
		clear(hits)
		clear(unsure)
		return
	}
	for k := range hits {
		i := b.at + k
		hits[k] = b.hits[i>>6]>>(i&63)&1 != 0
		unsure[k] = b.unsure != nil && b.unsure[i>>6]>>(i&63)&1 != 0
	}
}

// save notes what is known of a batch's rows and goes on to the next batch; it
// reports whether that is final.
func (b *probeBits) save(hits, unsure []bool) bool {
	for k, h := range hits {
		i := b.at + k
		if h {
			b.hits[i>>6] |= 1 << (i & 63)
		}
		if b.unsure != nil && unsure[k] {
			b.unsure[i>>6] |= 1 << (i & 63)
		}
	}
	b.at += len(hits)
	return b.last
}
