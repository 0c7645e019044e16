package function

import "github.com/flintsql/flint/sql/types"

// category returns PostgreSQL's pg_type.typcategory and typispreferred.
func category(t types.Type) (c byte, preferred bool) {
	switch t.Kind {
	case types.Bool:
		return 'B', true
	case types.Int2, types.Int4, types.Int8, types.Float4, types.Numeric, types.RegClass, types.RegType, types.RegProc,
		types.RegNamespace, types.RegRole:
		return 'N', false
	case types.Float8, types.OID:
		return 'N', true
	case types.Text:
		return 'S', true
	case types.Varchar, types.Char, types.Name:
		return 'S', false
	case types.QChar:
		return 'Z', false
	case types.Date, types.Time, types.Timestamp:
		return 'D', false
	case types.TimestampTZ:
		return 'D', true
	case types.Interval:
		return 'T', true
	case types.Array, types.Int2Vector, types.OIDVector:
		return 'A', false
	case types.Unknown:
		return 'X', false
	case types.AnyElement, types.Record, types.Void:
		return 'P', false
	}
	return 'U', false
}

// CastContext says where a cast may happen without being written.
type CastContext uint8

// The contexts, as in pg_cast: a cast that is allowed implicitly is allowed in
// the later ones too.
const (
	CastImplicit   CastContext = iota // in any expression
	CastAssignment                    // when stored into a column
	CastExplicit                      // only by CAST or ::
	CastNone                          // there is no such cast
)

// implicitCasts and assignmentCasts hold pg_cast without what category rules
// below say in general.
var implicitCasts = map[types.Kind][]types.Kind{
	types.Int2:       {types.Int4, types.Int8, types.Float4, types.Float8, types.Numeric, types.OID},
	types.Int4:       {types.Int8, types.Float4, types.Float8, types.Numeric, types.OID},
	types.Int8:       {types.Float4, types.Float8, types.Numeric, types.OID},
	types.Float4:     {types.Float8},
	types.Numeric:    {types.Float4, types.Float8},
	types.Text:       {types.Varchar, types.Char, types.Name, types.RegClass},
	types.Varchar:    {types.Text, types.Char, types.Name, types.RegClass},
	types.Char:       {types.Text, types.Varchar, types.Name},
	types.Name:       {types.Text},
	types.QChar:      {types.Text},
	types.Date:       {types.Timestamp, types.TimestampTZ},
	types.Time:       {types.Interval},
	types.Timestamp:  {types.TimestampTZ},
	types.OID:        {types.Int8},
	types.Int2Vector: {types.Array},
	types.OIDVector:  {types.Array},
}

var assignmentCasts = map[types.Kind][]types.Kind{
	types.Int4:        {types.Int2},
	types.Int8:        {types.Int2, types.Int4},
	types.Float4:      {types.Int2, types.Int4, types.Int8, types.Numeric},
	types.Float8:      {types.Int2, types.Int4, types.Int8, types.Float4, types.Numeric},
	types.Numeric:     {types.Int2, types.Int4, types.Int8},
	types.Text:        {types.QChar},
	types.Varchar:     {types.QChar},
	types.Char:        {types.QChar},
	types.Name:        {types.Varchar, types.Char},
	types.Timestamp:   {types.Date, types.Time},
	types.TimestampTZ: {types.Date, types.Time, types.Timestamp},
	types.Interval:    {types.Time},
	types.OID:         {types.Int4},
	types.JSON:        {types.JSONB},
	types.JSONB:       {types.JSON},
}

var explicitCasts = map[types.Kind][]types.Kind{
	types.Int4:  {types.Bool, types.QChar},
	types.Bool:  {types.Int4},
	types.QChar: {types.Int4},
	types.JSONB: {types.Bool, types.Int2, types.Int4, types.Int8, types.Float4, types.Float8, types.Numeric},
}

func has(m map[types.Kind][]types.Kind, from, to types.Kind) bool {
	for _, k := range m[from] {
		if k == to {
			return true
		}
	}
	return false
}

// CanCast returns where a cast from one type to another is allowed, regardless
// of modifiers.
func CanCast(from, to types.Type) CastContext {
	f, t := from.Kind, to.Kind
	switch {
	case f == t && f != types.Array, f == types.Unknown, t == types.AnyElement:
		return CastImplicit
	case f == types.Array && t == types.Array:
		if to.Elem == types.Unknown || from.Elem == to.Elem || from.Elem == types.Unknown {
			return CastImplicit
		}
		return CanCast(from.ElemType(), to.ElemType())
	case t == types.Array && (f == types.Int2Vector || f == types.OIDVector):
		elem := map[types.Kind]types.Kind{types.Int2Vector: types.Int2, types.OIDVector: types.OID}[f]
		return CanCast(types.ArrayOf(types.Of(elem)), to)
	case has(implicitCasts, f, t):
		return CastImplicit
	case from.IsReg() && to.IsReg():
		if f == types.OID || t == types.OID {
			return CastImplicit
		}
		return CastExplicit
	case from.IsReg() && t == types.Int8, to.IsReg() && from.IsInteger():
		return CastImplicit
	case has(assignmentCasts, f, t), from.IsReg() && t == types.Int4:
		return CastAssignment
	}
	return ioCast(from, to)
}

// ioCast covers the casts through a type's text form: to strings on assignment,
// from strings only when written.
func ioCast(from, to types.Type) CastContext {
	c, _ := category(to)
	if c == 'S' && from.Kind != types.Void {
		return CastAssignment
	}
	if c, _ = category(from); c == 'S' && to.Kind != types.Void {
		return CastExplicit
	}
	if has(explicitCasts, from.Kind, to.Kind) {
		return CastExplicit
	}
	return CastNone
}
