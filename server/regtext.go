package server

import (
	"strconv"

	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// namesObject reports types whose text form is the name of an object in the
// catalog.
func namesObject(t types.Type) bool { return t.IsReg() && t.Kind != types.OID }

// ParseText reads a parameter in text format.
func (s *Session) ParseText(t types.Type, text string) (value.Value, error) {
	v, err := value.ParseText(t, text, s.ValueEnv())
	if err == nil || !namesObject(t) {
		return v, err
	}
	l := s.catalogLookup()
	if l == nil {
		return v, err
	}
	v, err = l.Lookup(t.InternalName()+"in", []value.Value{value.Text(text)})
	v.Type = t
	return v, err
}

// ObjectNames returns a function that appends the text form of a value of type
// t, or nil where the values alone decide it. It belongs to one result.
func (s *Session) ObjectNames(t types.Type) func(dst []byte, oid int64) []byte {
	if !namesObject(t) {
		return nil
	}
	l := s.catalogLookup()
	return func(dst []byte, oid int64) []byte {
		if l != nil {
			if v, err := l.Lookup(t.InternalName()+"out", []value.Value{{Type: t, I: oid}}); err == nil {
				return append(dst, v.S...)
			}
		}
		return strconv.AppendInt(dst, oid, 10)
	}
}
