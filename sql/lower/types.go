package lower

import (
	"strconv"
	"strings"

	"github.com/flintsql/flint/sql/lexer"
	"github.com/flintsql/flint/sql/sqlerr"
)

// typeAliases gives the one name that types of several names have in core text.
// Only unquoted names of one part are looked up. The last line is Spark's.
var typeAliases = map[string]string{
	"int": "int4", "integer": "int4", "smallint": "int2", "bigint": "int8", "real": "float4", "boolean": "bool",
	"decimal": "numeric", "dec": "numeric", "char": "bpchar", "character": "bpchar", "nchar": "bpchar", "national": "bpchar",
	"float":  "float8",
	"string": "text", "double": "float8", "long": "int8", "short": "int2", "tinyint": "int2", "byte": "int2",
}

// typeName reads a type, and returns its name in the form of core's doc.go and
// where it starts.
func (r *reader) typeName() (string, int) {
	start := r.tok()
	r.accept("setof")
	if !isTypeName(r.tok()) {
		r.syntax(r.tok())
		return "", start.Pos
	}
	name := r.baseType()
	for r.err == nil {
		switch {
		case r.accept("array"):
			if r.tok().Is("[") {
				continue
			}
			name = arrayOf(name)
		case r.tok().Is("[") && (r.at(1).Is("]") || r.at(1).Kind == lexer.Number && r.at(2).Is("]")):
			for !r.next().Is("]") {
			}
			name = arrayOf(name)
		default:
			return name, start.Pos
		}
	}
	return name, start.Pos
}

// arrayOf makes an array of a type. As in Postgres, an array of any number of
// dimensions is one type.
func arrayOf(name string) string { return strings.TrimSuffix(name, "[]") + "[]" }

func (r *reader) baseType() string {
	t := r.tok()
	if t.Kind == lexer.Word && !r.at(1).Is(".") {
		r.next()
		switch t.Text {
		case "interval":
			return "interval" + r.intervalFields()
		case "time", "timestamp":
			return r.timeType(t.Text)
		case "bit":
			if r.accept("varying") {
				return "varbit" + r.modifiers()
			}
			return "bit" + r.modifiersOr("(1)")
		case "char", "character", "nchar", "national":
			return r.charType(t)
		case "float":
			return r.floatType()
		case "double":
			r.accept("precision")
			return "float8"
		case "array", "map", "struct":
			if r.tok().Is("<") || r.tok().Is("<>") {
				r.unsupported(t, "the type "+t.Text+"<…>")
				return ""
			}
		}
		name := t.Text
		if a, ok := typeAliases[name]; ok {
			name = a
		}
		return typePart(name, lexer.Word) + r.modifiers()
	}
	parts := []*lexer.Token{r.next()}
	r.identifier(t)
	for r.eat(".") {
		parts = append(parts, r.labelName())
	}
	return typeNameText(parts) + r.modifiers()
}

// typeNameText writes a dotted name; pg_catalog in front is left out.
func typeNameText(parts []*lexer.Token) string {
	if len(parts) > 1 && parts[0].Text == "pg_catalog" {
		parts = parts[1:]
	}
	out := make([]string, len(parts))
	for i, p := range parts {
		out[i] = typePart(p.Text, p.Kind)
	}
	return strings.Join(out, ".")
}

// typePart quotes what folding or lexing would not keep; "char" is always
// quoted when the client quoted it, since char is another type.
func typePart(s string, k lexer.Kind) string {
	keep := k == lexer.Word || s != "char"
	for i := 0; i < len(s); i++ {
		c := s[i]
		keep = keep && (c == '_' || c >= 'a' && c <= 'z' || i > 0 && (c >= '0' && c <= '9' || c == '$') || c >= 0x80)
	}
	if keep {
		return s
	}
	return quote(`"`, s)
}

// typeLabel is the name that Postgres gives a field that is a cast to the type.
func typeLabel(typ string) string {
	typ = strings.TrimRight(typ, "[]")
	if i := strings.IndexAny(typ, "( "); i > 0 && typ[0] != '"' {
		typ = typ[:i]
	}
	if i := strings.LastIndexByte(typ, '.'); i >= 0 {
		typ = typ[i+1:]
	}
	return strings.Trim(typ, `"`)
}

// modifiers reads (10, 2), as text.
func (r *reader) modifiers() string { return r.modifiersOr("") }

func (r *reader) modifiersOr(otherwise string) string {
	if !r.eat("(") {
		return otherwise
	}
	var list []string
	for {
		sign := ""
		if r.eat("-") {
			sign = "-"
		}
		t := r.next()
		if t.Kind != lexer.Number && t.Kind != lexer.Word && t.Kind != lexer.String {
			r.syntax(t)
			return ""
		}
		list = append(list, sign+t.Text)
		if !r.eat(",") {
			break
		}
	}
	r.want(")")
	return "(" + strings.Join(list, ",") + ")"
}

func (r *reader) timeType(name string) string {
	precision := r.modifiers()
	switch {
	case r.accept("with", "time", "zone"):
		name += "tz"
	case r.accept("without", "time", "zone"):
	}
	return name + precision
}

func (r *reader) charType(t *lexer.Token) string {
	if t.Text == "national" && !r.accept("character") {
		r.wantWords("char")
	}
	if r.accept("varying") {
		return "varchar" + r.modifiers()
	}
	return "bpchar" + r.modifiersOr("(1)")
}

func (r *reader) floatType() string {
	if !r.tok().Is("(") {
		return "float8"
	}
	t := r.at(1)
	n, err := strconv.Atoi(strings.Trim(r.modifiers(), "()"))
	switch {
	case err != nil:
		r.syntax(t)
	case n < 1:
		r.fail(t, sqlerr.InvalidParameterValue, "precision for type float must be at least 1 bit")
	case n > 53:
		r.fail(t, sqlerr.InvalidParameterValue, "precision for type float must be less than 54 bits")
	case n <= 24:
		return "float4"
	}
	return "float8"
}

// intervalUnits are the words after INTERVAL 'x', with the units they may lead TO.
var intervalUnits = map[string]string{
	"year": "month", "month": "", "day": "hour minute second", "hour": "minute second", "minute": "second", "second": "",
}

// intervalFields reads (p), or YEAR TO MONTH and the like, as text.
func (r *reader) intervalFields() string {
	if r.tok().Is("(") {
		return r.modifiers()
	}
	t := r.tok()
	to, ok := intervalUnits[t.Text]
	if !ok || t.Kind != lexer.Word {
		return ""
	}
	r.next()
	fields, last := " "+t.Text, t.Text
	if r.tok().Word("to") {
		u := r.at(1)
		if u.Kind != lexer.Word || to == "" || !strings.Contains(" "+to+" ", " "+u.Text+" ") {
			r.next()
			r.syntax(r.tok())
			return ""
		}
		r.i += 2
		fields, last = fields+" to "+u.Text, u.Text
	}
	if last == "second" {
		fields += r.modifiers()
	}
	return fields
}
