package analyzer

import (
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/pingcap/tidb/pkg/parser/ast"
)

// maxSets limits grouping sets, as Postgres does.
const maxSets = 4096

// rollup gives the prefixes of a list, the longest first.
func rollup(parts [][]int) [][]int {
	var sets [][]int
	for n := len(parts); n >= 0; n-- {
		var set []int
		for _, p := range parts[:n] {
			set = append(set, p...)
		}
		sets = append(sets, set)
	}
	return sets
}

// cube gives the subsets of a list, the largest first.
func cube(parts [][]int) [][]int {
	var sets [][]int
	for bits := 1<<len(parts) - 1; bits >= 0; bits-- {
		var set []int
		for i, p := range parts {
			if bits>>(len(parts)-1-i)&1 == 1 {
				set = append(set, p...)
			}
		}
		sets = append(sets, set)
	}
	return sets
}

// crossSets multiplies grouping sets: GROUP BY a, ROLLUP (b) is {a,b}, {a}.
func (b *binder) crossSets(l, r [][]int, n ast.Node) ([][]int, error) {
	if len(l)*len(r) > maxSets {
		return nil, b.errorAt(n, sqlerr.StatementTooComplex, "too many grouping sets present (maximum 4096)")
	}
	out := make([][]int, 0, len(l)*len(r))
	for _, x := range l {
		for _, y := range r {
			out = append(out, append(x[:len(x):len(x)], y...))
		}
	}
	return out, nil
}

// unique drops repeated groups.
func unique(set []int) []int {
	seen := map[int]bool{}
	out := []int{}
	for _, i := range set {
		if !seen[i] {
			seen[i] = true
			out = append(out, i)
		}
	}
	return out
}

// distinctSets drops repeated sets (GROUP BY DISTINCT).
func distinctSets(sets [][]int) [][]int {
	var out [][]int
	seen := map[string]bool{}
	for _, s := range sets {
		bits := make([]byte, 0, len(s))
		mark := map[int]bool{}
		top := 0
		for _, i := range s {
			mark[i] = true
			top = max(top, i+1)
		}
		for i := 0; i < top; i++ {
			if mark[i] {
				bits = append(bits, byte(i), byte(i>>8))
			}
		}
		if !seen[string(bits)] {
			seen[string(bits)] = true
			out = append(out, s)
		}
	}
	return out
}
