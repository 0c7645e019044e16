package lower

import (
	"github.com/flintsql/flint/sql/core"
	"github.com/flintsql/flint/sql/lexer"
)

// form reads a function with a syntax of its own; nil when the word is none
// that has one. The cursor stands on the word, and a parenthesis follows.
func (r *reader) form(t *lexer.Token) *node {
	read := r.formReader(t.Text)
	if read == nil {
		return nil
	}
	r.i += 2
	defer func(saved bool) { r.bExpr = saved }(r.bExpr)
	r.bExpr = false
	return read(t)
}

func (r *reader) formReader(word string) func(*lexer.Token) *node {
	switch word {
	case "cast", "try_cast":
		return r.castForm
	case "extract":
		return r.extractForm
	case "position":
		return r.positionForm
	case "substring":
		return r.substringForm
	case "overlay":
		return r.overlayForm
	case "trim":
		return r.trimForm
	case "normalize":
		return r.normalizeForm
	case "grouping":
		return r.groupingForm
	case "coalesce", "greatest", "least", "nullif":
		return r.plainForm
	case "collation", "treat", "xmlattributes", "xmlconcat", "xmlelement", "xmlexists", "xmlforest", "xmlnamespaces",
		"xmlparse", "xmlpi", "xmlroot", "xmlserialize", "xmltable":
		return r.refusedForm
	}
	return nil
}

func (r *reader) refusedForm(t *lexer.Token) *node {
	r.unsupported(t, upper(t.Text))
	return leaf(-1, "")
}

func (r *reader) castForm(t *lexer.Token) *node {
	x := r.expr()
	r.wantWords("as")
	marker := core.Cast
	if t.Text == "try_cast" {
		marker = core.TryCast
	}
	n := r.cast(t, marker, x)
	r.want(")")
	return n
}

// plainForm reads functions that are grammar only because their names are reserved.
func (r *reader) plainForm(t *lexer.Token) *node {
	args := r.exprs()
	if t.Text == "nullif" && len(args) != 2 {
		r.syntax(r.tok())
	}
	r.want(")")
	return function(t.Pos, t.Text, args...)
}

func (r *reader) groupingForm(t *lexer.Token) *node {
	args := r.exprs()
	r.want(")")
	return call(t.Pos, core.Grouping, args...).named("grouping", 2)
}

func (r *reader) extractForm(t *lexer.Token) *node {
	f := r.next()
	if f.Kind != lexer.Word && f.Kind != lexer.Name && f.Kind != lexer.String {
		r.syntax(f)
	}
	r.wantWords("from")
	x := r.expr()
	r.want(")")
	return function(t.Pos, "extract", own(f.Pos, f.Text), x)
}

func (r *reader) positionForm(t *lexer.Token) *node {
	a := r.restricted()
	if r.eat(",") { // Spark
		b := r.expr()
		r.want(")")
		return function(t.Pos, "position", b, a)
	}
	r.wantWords("in")
	b := r.restricted()
	r.want(")")
	return function(t.Pos, "position", b, a)
}

func (r *reader) substringForm(t *lexer.Token) *node {
	x := r.expr()
	args := []*node{x}
	switch {
	case r.accept("from"):
		args = append(args, r.expr())
		if r.accept("for") {
			args = append(args, r.expr())
		}
	case r.accept("for"):
		args = append(args, leaf(-1, "1"), r.expr())
		if r.accept("from") {
			args[1] = r.expr()
		}
	case r.accept("similar"):
		args = append(args, r.expr())
		r.wantWords("escape")
		args = append(args, r.expr())
	default:
		for r.eat(",") {
			args = append(args, r.arg())
		}
	}
	r.want(")")
	return function(t.Pos, "substring", args...)
}

func (r *reader) overlayForm(t *lexer.Token) *node {
	args := []*node{r.expr()}
	if r.accept("placing") {
		args = append(args, r.expr())
		r.wantWords("from")
		args = append(args, r.expr())
		if r.accept("for") {
			args = append(args, r.expr())
		}
	} else {
		for r.eat(",") {
			args = append(args, r.arg())
		}
	}
	r.want(")")
	return function(t.Pos, "overlay", args...)
}

func (r *reader) trimForm(t *lexer.Token) *node {
	name := "btrim"
	switch {
	case r.accept("leading"):
		name = "ltrim"
	case r.accept("trailing"):
		name = "rtrim"
	default:
		r.accept("both")
	}
	var args []*node
	if r.accept("from") {
		args = r.exprs()
	} else {
		args = r.exprs()
		if len(args) == 1 && r.accept("from") {
			args = append(r.exprs(), args[0])
		}
	}
	r.want(")")
	return function(t.Pos, name, args...)
}

func (r *reader) normalizeForm(t *lexer.Token) *node {
	args := []*node{r.expr()}
	if r.eat(",") {
		f := r.next()
		if !f.Word("nfc") && !f.Word("nfd") && !f.Word("nfkc") && !f.Word("nfkd") {
			r.syntax(f)
		}
		args = append(args, own(f.Pos, upper(f.Text)))
	}
	r.want(")")
	return function(t.Pos, "normalize", args...)
}

// sparkUnits are the units of Spark's INTERVAL 3 days.
var sparkUnits = words(`year years month months week weeks day days hour hours minute minutes second seconds
 millisecond milliseconds microsecond microseconds`)

// interval reads INTERVAL 'x' fields, INTERVAL(p) 'x', and Spark's INTERVAL 3
// days; nil when the word is a plain name.
func (r *reader) interval() *node {
	t := r.tok()
	if r.at(1).Is("(") && r.at(2).Kind == lexer.Number && r.at(3).Is(")") && r.at(4).Kind == lexer.String {
		r.i++
		typ := "interval" + r.modifiers()
		v := r.next()
		return castTo(t.Pos, constant(v.Pos, v.Text), own(-1, typ)).named("interval", 1)
	}
	if v := r.at(1); v.Kind == lexer.String {
		r.i += 2
		return castTo(t.Pos, constant(v.Pos, v.Text), own(-1, "interval"+r.intervalFields())).named("interval", 1)
	}
	k, text := 1, ""
	for {
		sign := ""
		if r.at(k).Is("-") {
			sign, k = "-", k+1
		}
		if u := r.at(k + 1); r.at(k).Kind != lexer.Number || u.Kind != lexer.Word || !sparkUnits[u.Text] {
			break
		}
		text += " " + sign + r.at(k).Text + " " + r.at(k+1).Text
		k += 2
	}
	if text == "" {
		return nil
	}
	v := r.at(1)
	r.i += k
	return castTo(t.Pos, constant(v.Pos, text[1:]), own(-1, "interval")).named("interval", 1)
}

// typedConstant reads type 'text', such as date '2020-01-01'; nil when the
// cursor stands on anything else.
func (r *reader) typedConstant() *node {
	if !r.startsTypedConstant() {
		return nil
	}
	t := r.tok()
	typ, pos := r.typeName()
	v := r.next()
	if v.Kind != lexer.String {
		r.syntax(v)
	}
	return castTo(t.Pos, constant(v.Pos, v.Text), own(pos, typ)).named(typeLabel(typ), 1)
}

// startsTypedConstant looks ahead over a type's name for a string constant.
func (r *reader) startsTypedConstant() bool {
	t, k := r.tok(), 1
	if !isTypeName(t) {
		return false
	}
	for r.at(k).Is(".") && r.at(k+1).Kind != lexer.EOF {
		k += 2
	}
	if t.Kind == lexer.Word && k == 1 {
		switch {
		case t.Text == "national" && (r.at(1).Word("char") || r.at(1).Word("character")):
			k++
		case t.Text == "double" && r.at(1).Word("precision"):
			k++
		}
		if r.at(k).Word("varying") {
			k++
		}
	}
	if m := r.at(k).Match; r.at(k).Is("(") && m >= 0 {
		k = m + 1 - r.i
	}
	if zone := r.at(k); t.Kind == lexer.Word && (t.Text == "time" || t.Text == "timestamp") && (zone.Word("with") || zone.Word("without")) {
		return r.at(k+1).Word("time") && r.at(k+2).Word("zone")
	}
	return r.at(k).Kind == lexer.String
}
