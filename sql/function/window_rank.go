package function

import (
	"math"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
)

// windows lists every overload of every pure window function.
var windows = []Window{
	{Name: "row_number", Result: tInt8, Eval: rowNumber},
	{Name: "rank", Result: tInt8, Eval: rank},
	{Name: "dense_rank", Result: tInt8, Eval: denseRank},
	{Name: "percent_rank", Result: tFloat8, Eval: percentRank},
	{Name: "cume_dist", Result: tFloat8, Eval: cumeDist},
	{Name: "ntile", Args: sig(tInt4), Result: tInt4, Eval: ntile},
	{Name: "lag", Args: sig(anyElement), Infer: typeOfFirst, Eval: lag(-1)},
	{Name: "lag", Args: sig(anyElement, tInt4), Infer: typeOfFirst, Eval: lag(-1)},
	{Name: "lag", Args: sig(anyElement, tInt4, anyElement), Infer: typeOfFirst, Eval: lag(-1)},
	{Name: "lead", Args: sig(anyElement), Infer: typeOfFirst, Eval: lag(1)},
	{Name: "lead", Args: sig(anyElement, tInt4), Infer: typeOfFirst, Eval: lag(1)},
	{Name: "lead", Args: sig(anyElement, tInt4, anyElement), Infer: typeOfFirst, Eval: lag(1)},
	{Name: "first_value", Args: sig(anyElement), Infer: typeOfFirst, Eval: firstValue},
	{Name: "last_value", Args: sig(anyElement), Infer: typeOfFirst, Eval: lastValue},
	{Name: "nth_value", Args: sig(anyElement, tInt4), Infer: typeOfFirst, Eval: nthValue},
}

func rowNumber(p *WindowPartition, _ []*vector.Vector, out *vector.Vector) error {
	vals := vector.Values[int64](out)[p.From:p.To]
	for i := range vals {
		vals[i] = int64(i) + 1
	}
	return nil
}

func rank(p *WindowPartition, _ []*vector.Vector, out *vector.Vector) error {
	vals := vector.Values[int64](out)[p.From:p.To]
	for i := range vals {
		vals[i] = int64(int(p.PeerFrom[i])-p.From) + 1
	}
	return nil
}

func denseRank(p *WindowPartition, _ []*vector.Vector, out *vector.Vector) error {
	vals := vector.Values[int64](out)[p.From:p.To]
	n := int64(0)
	for i := range vals {
		if int(p.PeerFrom[i]) == p.From+i {
			n++
		}
		vals[i] = n
	}
	return nil
}

func percentRank(p *WindowPartition, _ []*vector.Vector, out *vector.Vector) error {
	vals := vector.Values[float64](out)[p.From:p.To]
	for i := range vals {
		vals[i] = float64(int(p.PeerFrom[i])-p.From) / math.Max(1, float64(p.To-p.From-1))
	}
	return nil
}

func cumeDist(p *WindowPartition, _ []*vector.Vector, out *vector.Vector) error {
	vals := vector.Values[float64](out)[p.From:p.To]
	for i := range vals {
		vals[i] = float64(int(p.PeerTo[i])-p.From) / float64(p.To-p.From)
	}
	return nil
}

func ntile(p *WindowPartition, args []*vector.Vector, out *vector.Vector) error {
	vals := vector.Values[int32](out)[p.From:p.To]
	if args[0].IsNull(p.From) { // PostgreSQL looks at the partition's first row only
		for i := range vals {
			out.SetNull(p.From + i)
		}
		return nil
	}
	k := int(vector.Values[int32](args[0])[args[0].Index(p.From)])
	if k <= 0 {
		return sqlerr.New("22014", "argument of ntile must be greater than zero")
	}
	size, rest := len(vals)/k, len(vals)%k
	for i := range vals {
		if large := rest * (size + 1); i < large {
			vals[i] = int32(i/(size+1)) + 1
		} else {
			vals[i] = int32(rest+(i-large)/max(1, size)) + 1
		}
	}
	return nil
}

// copyRow sets row i of out, whose rows come in ascending order, to row j of v;
// j < 0 gives NULL.
func copyRow(out *vector.Vector, i int, v *vector.Vector, j int) {
	null := j < 0 || v.IsNull(j)
	if null {
		out.SetNull(i)
	} else {
		j = v.Index(j)
	}
	switch s := out.Type.Storage(); s {
	case types.StoreBytes:
		if !null {
			out.Data = append(out.Data, v.Data[v.Offsets[j]:v.Offsets[j+1]]...)
		}
		out.Offsets[i+1] = int32(len(out.Data))
	case types.StoreList:
		copyList(out, i, v, j, null)
	default:
		if w := s.Width(); !null {
			copy(out.Data[i*w:(i+1)*w], v.Data[j*w:(j+1)*w])
		}
	}
}

func copyList(out *vector.Vector, i int, v *vector.Vector, j int, null bool) {
	if !null && v.Offsets[j+1] > v.Offsets[j] {
		var rows []int32
		for k := v.Offsets[j]; k < v.Offsets[j+1]; k++ {
			rows = append(rows, k)
		}
		a := vector.NewAppender(out.Child.Type)
		if a.Append(out.Child, nil, out.Child.Len) == nil && a.Append(v.Child, rows, 0) == nil {
			out.Child = vector.Flatten(a.View())
		}
	}
	out.Offsets[i+1] = int32(out.Child.Len)
}

// lag is lag (sign -1) and lead (sign 1).
func lag(sign int) func(*WindowPartition, []*vector.Vector, *vector.Vector) error {
	return func(p *WindowPartition, args []*vector.Vector, out *vector.Vector) error {
		for i := p.From; i < p.To; i++ {
			step := 1
			if len(args) > 1 {
				if args[1].IsNull(i) {
					copyRow(out, i, args[0], -1)
					continue
				}
				step = int(vector.Values[int32](args[1])[args[1].Index(i)])
			}
			j := i + sign*step
			switch {
			case j >= p.From && j < p.To:
				copyRow(out, i, args[0], j)
			case len(args) > 2:
				copyRow(out, i, args[2], i)
			default:
				copyRow(out, i, args[0], -1)
			}
		}
		return nil
	}
}

func firstValue(p *WindowPartition, args []*vector.Vector, out *vector.Vector) error {
	return frameRow(p, args[0], out, func(from, _ int) int { return from })
}

func lastValue(p *WindowPartition, args []*vector.Vector, out *vector.Vector) error {
	return frameRow(p, args[0], out, func(_, to int) int { return to - 1 })
}

// frameRow copies one row of each row's frame; NULL where the frame is empty
// or pick leaves it.
func frameRow(p *WindowPartition, v, out *vector.Vector, pick func(from, to int) int) error {
	for i := p.From; i < p.To; i++ {
		from, to := int(p.FrameFrom[i-p.From]), int(p.FrameTo[i-p.From])
		j := -1
		if from < to {
			if j = pick(from, to); j >= to {
				j = -1
			}
		}
		copyRow(out, i, v, j)
	}
	return nil
}

func nthValue(p *WindowPartition, args []*vector.Vector, out *vector.Vector) error {
	for i := p.From; i < p.To; i++ {
		from, to := int(p.FrameFrom[i-p.From]), int(p.FrameTo[i-p.From])
		if args[1].IsNull(i) {
			copyRow(out, i, args[0], -1)
			continue
		}
		n := int(vector.Values[int32](args[1])[args[1].Index(i)])
		if n <= 0 {
			return sqlerr.New("22016", "argument of nth_value must be greater than zero")
		}
		j := from + n - 1
		if j >= to {
			j = -1
		}
		copyRow(out, i, args[0], j)
	}
	return nil
}
