package physical

import (
	"slices"

	"github.com/flintsql/flint/sql/logical"
)

// skewFactor is how many times larger than the median a partition must be to be
// split.
const skewFactor = 4

// splits reports whether the rows of edge e in a partition may be dealt to several
// tasks that each read all of the partition's other edges: no operator from the edge to
// the stage's output needs to see them together. The probe side of a join may be where no
// build row is emitted for having had no match, and the build side where no probe row is.
func splits(n Node, e EdgeID) bool {
	switch n := n.(type) {
	case *ExchangeSource:
		return n.Edge == e && len(n.Merge) == 0
	case *Filter, *Project, *Sort, *TableFunc, *Fetch:
		return splits(n.Children()[0], e)
	case *TopN: // of a task: a stage above takes the first of all
		return n.Offset == 0 && splits(n.Input, e)
	case *Limit:
		return n.Offset == 0 && !n.WithTies && splits(n.Input, e)
	case *HashAggregate:
		return n.Phase.GivesStates() && splits(n.Input, e)
	case *HashJoin:
		switch n.Kind {
		case logical.Inner:
			return splits(n.L, e) || !n.SharedBuild && splits(n.R, e)
		case logical.Left, logical.Semi, logical.Anti, logical.Mark, logical.Single:
			return splits(n.L, e)
		case logical.Right, logical.RightSemi, logical.RightAnti:
			return !n.SharedBuild && splits(n.R, e)
		}
	case *NestedLoopJoin:
		return !keepsBuild(n.Kind) && splits(n.L, e)
	}
	return false
}

// skewed knows which partitions of which edges are too large for one task.
type skewed struct {
	r     *replanner
	above map[EdgeID]int64 // edges that may be split: the size above which partitions are skewed
	share int64            // bytes that each task should have
}

func (r *replanner) skew() skewed {
	s := skewed{r: r, above: map[EdgeID]int64{}}
	total := int64(0)
	for _, id := range r.hashEdges() {
		z := r.sizes[id]
		total += z.total
		if splits(r.s.Root, id) {
			s.above[id] = max(r.a.Target, skewFactor*median(z.part))
		}
	}
	s.share = max(r.a.Least, total/int64(max(1, r.a.Slots)))
	return s
}

// median is the lower one.
func median(sizes []int64) int64 {
	if len(sizes) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(sizes))
	return s[(len(s)-1)/2]
}

// pieces divides partition p by the producers of its largest edge; nil if it is
// not skewed, or if most of it would have to be read again by every piece.
func (s skewed) pieces(p int) []unit {
	part, split := Span{p, p + 1}, EdgeID(-1)
	largest, others := int64(0), int64(0)
	for _, id := range s.r.hashEdges() {
		n := s.r.sizes[id].part[p]
		if above, ok := s.above[id]; ok && n > above && n > largest {
			largest, split = n, id
		}
		others += n
	}
	others -= largest
	if split < 0 || others > largest {
		return nil
	}
	from := s.r.sizes[split].deal(part, int((largest+s.share-1)/s.share))
	if len(from) < 2 {
		return nil
	}
	out := make([]unit, len(from))
	for i, f := range from {
		out[i] = unit{spans: []Span{part}, bytes: others + s.r.sizes[split].bytes(part, f), split: split, from: f}
	}
	return out
}

// deal divides an edge's producers into at most n runs that hold about as many
// bytes of the partitions each, and none of them nothing.
func (z *edgeSizes) deal(parts Span, n int) []Span {
	total := z.bytes(parts, z.producers())
	var out []Span
	from, before, sum := 0, int64(0), int64(0) // of the run; bytes before it and up to here
	for i := range z.by {
		if i > from && sum > before && sum < total && len(out)+1 < n {
			// A run ends where its end is nearest to its share of the whole.
			goal := total * int64(len(out)+1) / int64(n)
			if next := sum + z.bytes(parts, Span{i, i + 1}); next > goal && next-goal >= goal-sum {
				out = append(out, Span{from, i})
				from, before = i, sum
			}
		}
		sum += z.bytes(parts, Span{i, i + 1})
	}
	return append(out, Span{from, len(z.by)})
}
