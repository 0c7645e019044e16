package exec

import (
	"context"
	"errors"
	"io"

	"github.com/flintsql/flint/exec/spill"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/logical"
)

// joinSpill joins what does not fit memory: L's rows follow R's to disk, and
// then partition by partition is joined, one that still does not fit by its own
// partitions (Grace hash join: Kitsuregawa, Tanaka and Moto-oka, 1983). Where
// dividing does not help, R's rows come in chunks, and L is read for each.
type joinSpill struct {
	mem   base        // charged for the side being probed and for buffers
	parts *spillParts // while L is read
	pairs []*joinPair // to be joined, the last one first
	pair  *joinPair   // being joined
	probe *runReader
	load  *joinLoader

	hasher vector.Hasher
	hashes []uint64
}

// joinPair is a partition of R and the rows of L that may match it.
type joinPair struct {
	build  *spill.Run // nil = no rows
	shared bool       // the build owns it
	probe  []*spill.Run
	level  int
	stuck  bool // dividing does not make it smaller
	rest   *runReader
	chunks int // of R loaded so far
	bits   *probeBits
}

func (p *joinPair) close() (err error) {
	if p.rest != nil {
		p.rest.close()
	}
	if !p.shared {
		err = closeRun(p.build)
	}
	for _, r := range p.probe {
		err = errors.Join(err, closeRun(r))
	}
	return err
}

func (p *joinPair) probeRows() (n int64) {
	for _, r := range p.probe {
		n += r.Rows()
	}
	return n
}

// startSpill prepares for the rows of L whose partition is on disk.
func (j *joinOp) startSpill() error {
	s := &joinSpill{mem: base{env: j.env, stats: j.stats, name: j.name, account: j.env.Account.Child(j.name+" spilled", 0), size: j.size}}
	j.spill = s
	s.load = newJoinLoader(j, &s.mem)
	s.parts = newSpillParts(&s.mem, j.leftNode.Info().Out, 0)
	return s.mem.hold(spillPartsBytes)
}

// close frees what is left; the account is the owner's to close.
func (s *joinSpill) close() (err error) {
	if s.parts != nil {
		err = s.parts.close()
	}
	if s.probe != nil {
		s.probe.close()
	}
	if s.pair != nil {
		err = errors.Join(err, s.pair.close())
	}
	for _, p := range s.pairs {
		err = errors.Join(err, p.close())
	}
	s.parts, s.probe, s.pair, s.pairs = nil, nil, nil, nil
	return err
}

// divertProbe writes the rows of partitions on disk and leaves the others.
func (j *joinOp) divertProbe(b *vector.Batch, keys []*vector.Vector) (*vector.Batch, error) {
	s := j.spill
	keep, gone, hashes := divide(&s.hasher, &s.hashes, j.dividing(keys), b.Sel, b.Rows, &j.build.out)
	if err := addPieces(s.parts, b.Cols, gone, b.Rows, hashes); err != nil {
		return nil, err
	}
	return &vector.Batch{Rows: b.Rows, Sel: keep, Cols: b.Cols}, nil
}

// endSpilled goes on when L, or a pair's part of it, has been read.
func (j *joinOp) endSpilled() error {
	s := j.spill
	if j.state = joinLoad; j.keepsBuild() {
		j.state = joinTail
	}
	if s.pair != nil {
		return nil
	}
	runs, err := s.parts.finish()
	if s.parts = nil; err != nil {
		return err
	}
	handed := [][spillFanout]*spill.Run{runs}
	if j.shared && j.keepsBuild() {
		j.build.handOver(runs)
		if !j.lastProber() {
			j.state = joinDone
			return nil
		}
		handed = j.build.takeHanded()
	}
	for part, out := range j.build.out {
		if !out {
			continue
		}
		p := &joinPair{build: j.build.runs[part], shared: true, stuck: !j.divisible()}
		for _, runs := range handed {
			if runs[part] != nil {
				p.probe = append(p.probe, runs[part])
			}
		}
		s.pairs = append(s.pairs, p)
	}
	return errors.Join(j.left.Close(), s.mem.hold(0))
}

// loadNext makes the next chunk or pair the one to be probed.
func (j *joinOp) loadNext(ctx context.Context) error {
	s := j.spill
	if s.pair == nil && !j.shared {
		if err := j.build.forget(); err != nil {
			return err
		}
	}
	if s.pair != nil && s.pair.rest == nil {
		p := s.pair
		s.pair = nil
		if err := p.close(); err != nil {
			return err
		}
	}
	if s.pair != nil {
		return j.loadChunk(ctx, s.pair)
	}
	if len(s.pairs) == 0 {
		j.state = joinDone
		return nil
	}
	s.pair = s.pairs[len(s.pairs)-1]
	s.pairs = s.pairs[:len(s.pairs)-1]
	if j.fruitless(s.pair) {
		return nil // the next call closes it
	}
	s.pair.rest = openRuns(s.pair.build)
	return j.loadChunk(ctx, s.pair)
}

// forget frees the rows in memory, once nobody probes them.
func (b *joinBuild) forget() error {
	if b.joinSide == nil {
		return nil
	}
	all := b.all
	b.joinSide = &joinSide{all: all}
	return b.mem.hold(0)
}

// fruitless reports whether a pair gives no rows whatever is in it.
func (j *joinOp) fruitless(p *joinPair) bool {
	if p.build == nil && j.dropsUnmatchedLeft() {
		return true
	}
	return len(p.probe) == 0 && (!j.keepsBuild() || j.kind == logical.RightSemi)
}

// loadChunk reads R's rows as far as memory suffices: all of them, or the pair
// is divided, or where that does not help, the others come later.
func (j *joinOp) loadChunk(ctx context.Context, p *joinPair) error {
	s := j.spill
	l := s.load
	j.side, j.probe, j.aside, j.matched = nil, nil, nil, nil
	l.reset()
	l.whole = true
	l.besides = 2 * runReadBytes
	if j.wantsBits() {
		l.besides += probeBitsBytes(p.probeRows())
	}
	for {
		b, err := p.rest.next()
		if err == io.EOF {
			break
		}
		if err == nil && ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		if err != nil {
			return err
		}
		full, err := l.take(b)
		if err != nil {
			return err
		}
		if !full {
			continue
		}
		if j.worthDividing(p) {
			return j.dividePair(ctx, p)
		}
		if p.bits == nil && j.wantsBits() {
			p.bits = newProbeBits(p.probeRows(), j.nullAware)
		}
		p.rest.back(b, l.taken)
		return j.probeChunk(ctx, p, false)
	}
	p.rest.close()
	p.rest = nil
	return j.probeChunk(ctx, p, true)
}

// joinFewChunks is how many passes over a pair's part of L cost no more than
// writing both parts once more and reading them: reading is the cheaper half.
const joinFewChunks = 4

// worthDividing reports whether a pair is to be divided, going by the first
// chunk of R's rows that is loaded; once it has chunks it keeps to them.
func (j *joinOp) worthDividing(p *joinPair) bool {
	if p.stuck || p.level >= spillMaxLevel || p.chunks > 0 {
		return false
	}
	return p.build.Rows() > joinFewChunks*int64(j.spill.load.rows.rows)
}

// probeChunk indexes what is loaded and starts on the pair's part of L.
func (j *joinOp) probeChunk(ctx context.Context, p *joinPair, last bool) error {
	s := j.spill
	side, err := s.load.finish(ctx, j.build.all)
	if err != nil {
		return err
	}
	p.chunks++
	j.use(side)
	if s.probe != nil {
		s.probe.close()
	}
	s.probe = openRuns(p.probe...)
	p.bits.rewind(last)
	j.state = joinProbing
	return nil
}

// wantsBits reports kinds for which it counts across chunks of R whether a row
// of L had a match.
func (j *joinOp) wantsBits() bool {
	return j.kind != logical.Inner && (!j.keepsBuild() || j.kind == logical.Full)
}

// probeBits are those of the pair being joined, nil if R is in one piece.
func (j *joinOp) probeBits() *probeBits {
	if j.spill == nil || j.spill.pair == nil {
		return nil
	}
	return j.spill.pair.bits
}

// dividePair puts a pair's partitions of the next level in its place.
func (j *joinOp) dividePair(ctx context.Context, p *joinPair) error {
	s := j.spill
	p.rest.close()
	p.rest = nil
	s.load.reset()
	if err := s.mem.hold(spillPartsBytes + runReadBytes); err != nil {
		return err
	}
	builds, err := j.divideRuns(ctx, true, p.level+1, p.build)
	if err != nil {
		return err
	}
	probes, err := j.divideRuns(ctx, false, p.level+1, p.probe...)
	for part := range builds {
		c := &joinPair{build: builds[part], level: p.level + 1}
		if probes[part] != nil {
			c.probe = append(c.probe, probes[part])
		}
		if c.build == nil && c.probe == nil {
			continue
		}
		c.stuck = c.build != nil && c.build.Rows() > p.build.Rows()/8*7
		s.pairs = append(s.pairs, c)
	}
	return err
}

// divideRuns partitions the rows of runs of R or of L.
func (j *joinOp) divideRuns(ctx context.Context, build bool, level int, runs ...*spill.Run) (out [spillFanout]*spill.Run, err error) {
	s := j.spill
	fields := j.leftNode.Info().Out
	if build {
		fields = j.rightNode.Info().Out
	}
	parts := newSpillParts(&s.mem, fields, level)
	defer func() { err = errors.Join(err, parts.close()) }()
	in := openRuns(runs...)
	defer in.close()
	for {
		b, err := in.next()
		if err == io.EOF {
			return parts.finish()
		}
		if err == nil && ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		if err != nil {
			return out, err
		}
		keys, err := j.keysOf(b, build)
		if err != nil {
			return out, err
		}
		if cap(s.hashes) < b.Rows {
			s.hashes = make([]uint64, b.Rows)
		}
		h := s.hashes[:b.Rows]
		s.hasher.Hash(j.dividing(keys), nil, b.Rows, h)
		if err := addPieces(parts, b.Cols, rowNumbers(0, b.Rows), b.Rows, h); err != nil {
			return out, err
		}
	}
}

func (j *joinOp) keysOf(b *vector.Batch, build bool) ([]*vector.Vector, error) {
	if !build {
		return j.keys.Eval(b)
	}
	cols, err := j.spill.load.columns(b)
	if err != nil {
		return nil, err
	}
	return j.spill.load.keysOf(cols), nil
}
