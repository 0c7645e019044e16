package optimizer

import "github.com/flintsql/flint/sql/logical"

// shapeOf hashes what two subplans must have in common to be equal and can be told
// without printing them, which is slow: most subplans have a shape of their own.
func (s *sharer) shapeOf(n logical.Node) uint64 {
	if h, ok := s.shape[n]; ok {
		return h
	}
	h := fnvStart
	for _, c := range n.Children() {
		h.add(s.shapeOf(c))
	}
	switch x := n.(type) {
	case *logical.Scan:
		h.add(1)
		h.text(x.SchemaName)
		h.text(x.Name)
	case *logical.Filter:
		h.add(2)
	case *logical.Project:
		h.add(3)
	case *logical.Join:
		h.add(4)
		h.add(uint64(x.Kind))
	case *logical.Aggregate:
		h.add(5)
		h.add(uint64(len(x.Groups)))
	case *logical.Union:
		h.add(6)
	}
	h.add(uint64(len(n.Schema())))
	h.add(uint64(len(n.Exprs())))
	s.shape[n] = uint64(h)
	s.alike[uint64(h)]++
	return uint64(h)
}

// fnv is the hash FNV-1a, of words instead of bytes.
type fnv uint64

const (
	fnvStart fnv = 14695981039346656037
	fnvPrime fnv = 1099511628211
)

func (h *fnv) add(x uint64) { *h = (*h ^ fnv(x)) * fnvPrime }

func (h *fnv) text(s string) {
	for i := range len(s) {
		h.add(uint64(s[i]))
	}
}
