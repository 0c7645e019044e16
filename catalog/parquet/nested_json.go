package parquet

import (
	"encoding/hex"
	"math"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// documents assembles rows as JSON texts and returns their bytes.
func (n *nested) documents(rows int) ([]byte, error) {
	n.text = n.text[:0]
	nd := n.column.node
	for i := range rows {
		start := len(n.text)
		s := n.stream(nd)
		_, def, err := s.peek()
		if err != nil {
			return nil, err
		}
		if nd.optional() && def < nd.def {
			setBit(n.valid, i, false)
			err = n.consume(nd)
		} else {
			err = n.append(nd)
		}
		if err != nil {
			return nil, err
		}
		if len(n.text) > math.MaxInt32 {
			return nil, sqlerr.New(sqlerr.ProgramLimitExceeded, "the JSON texts of a batch exceed 2 GiB")
		}
		n.offsets[i+1] = int32(len(n.text))
		if len(n.text) == start && vector.IsValid(n.valid, i) {
			n.text = append(n.text, "null"...)
			n.offsets[i+1] = int32(len(n.text))
		}
		if grown := int64(cap(n.text)) - n.textAt; grown > 0 {
			if err := n.budget.reserve(grown); err != nil {
				return nil, err
			}
			n.textAt += grown
		}
	}
	return n.text, nil
}

// append adds the value of a node of the row to the text.
func (n *nested) append(nd *node) error {
	if nd.repeated() {
		return n.appendList(nd, func() error { return n.appendPresent(nd) })
	}
	_, def, err := n.stream(nd).peek()
	if err != nil {
		return err
	}
	if nd.optional() && def < nd.def {
		n.text = append(n.text, "null"...)
		return n.consume(nd)
	}
	return n.appendPresent(nd)
}

// appendPresent adds a node that is not NULL, or an element of a repeated one.
func (n *nested) appendPresent(nd *node) error {
	if nd.leaf {
		return n.appendLeaf(n.stream(nd))
	}
	if e, ok := nd.listElement(); ok {
		r := nd.children[0]
		if e == r {
			return n.appendList(r, func() error { return n.appendPresent(r) })
		}
		return n.appendList(r, func() error { return n.append(e) })
	}
	if key, val, ok := nd.mapEntry(); ok && key.leaf {
		return n.appendMap(nd.children[0], key, val)
	}
	n.text = append(n.text, '{')
	first := true
	for _, child := range nd.children {
		if child.leafFrom == child.leafEnd {
			continue
		}
		if !first {
			n.text = append(n.text, ',')
		}
		first = false
		n.text = append(value.AppendJSONString(n.text, child.name), ':')
		if err := n.append(child); err != nil {
			return err
		}
	}
	n.text = append(n.text, '}')
	return nil
}

// appendList adds the elements of a repeated node.
func (n *nested) appendList(r *node, each func() error) error {
	n.text = append(n.text, '[')
	err := n.repeat(r, func(i int) error {
		if i > 0 {
			n.text = append(n.text, ',')
		}
		return each()
	})
	n.text = append(n.text, ']')
	return err
}

// appendMap adds the entries of a map as an object; keys become texts.
func (n *nested) appendMap(r, key, val *node) error {
	n.text = append(n.text, '{')
	err := n.repeat(r, func(i int) error {
		if i > 0 {
			n.text = append(n.text, ',')
		}
		s := n.stream(key)
		_, def, err := s.peek()
		if err != nil {
			return err
		}
		name := ""
		if def == s.maxDef {
			name = string(value.AppendText(nil, s.vec.Get(s.value), value.DefaultEnv))
		}
		n.text = append(value.AppendJSONString(n.text, name), ':')
		if err := s.next(); err != nil {
			return err
		}
		if val.leafFrom == val.leafEnd {
			n.text = append(n.text, "{}"...)
			return nil
		}
		return n.append(val)
	})
	n.text = append(n.text, '}')
	return err
}

// appendLeaf adds a leaf's next value and passes over it.
func (n *nested) appendLeaf(s *leafStream) error {
	_, def, err := s.peek()
	if err != nil {
		return err
	}
	if def < s.maxDef {
		n.text = append(n.text, "null"...)
	} else {
		n.text = appendJSON(n.text, s.vec.Get(s.value))
	}
	return s.next()
}

// appendJSON adds a value as to_json would.
func appendJSON(dst []byte, v value.Value) []byte {
	switch v.Type.Kind {
	case types.Bool:
		if v.I != 0 {
			return append(dst, "true"...)
		}
		return append(dst, "false"...)
	case types.JSON:
		return append(dst, v.S...)
	case types.Text:
		return value.AppendJSONString(dst, v.S)
	case types.Bytea:
		return append(append(append(dst, `"\\x`...), hex.EncodeToString([]byte(v.S))...), '"')
	case types.Float4, types.Float8:
		if math.IsNaN(v.F) || math.IsInf(v.F, 0) {
			return value.AppendJSONString(dst, string(value.AppendText(nil, v, value.DefaultEnv)))
		}
	}
	text := value.AppendText(nil, v, value.DefaultEnv)
	switch {
	case v.Type.IsNumber():
		return append(dst, text...)
	case v.Type.Kind == types.Timestamp || v.Type.Kind == types.TimestampTZ:
		for i, c := range text {
			if c == ' ' {
				text[i] = 'T'
				break
			}
		}
	}
	return value.AppendJSONString(dst, string(text))
}
