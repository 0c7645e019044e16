package lower

import (
	"strings"

	"github.com/flintsql/flint/sql/core"
	"github.com/flintsql/flint/sql/lexer"
	"github.com/flintsql/flint/sql/sqlerr"
)

// command reads a statement that is not a query. The cursor stands on its first word.
func (r *reader) command() (core.Command, error) {
	t := r.tok()
	if t.Kind != lexer.Word {
		r.syntax(t)
		return nil, r.err
	}
	switch t.Text {
	case "explain":
		return r.explain()
	case "prepare":
		return r.prepare()
	case "execute":
		return r.execute()
	case "declare":
		return r.declare()
	case "describe", "desc":
		return r.describe()
	case "create":
		return r.create()
	case "cache":
		return r.cache()
	}
	if read := r.simpleCommand(t.Text); read != nil {
		r.next()
		return read(), nil
	}
	r.refuse(t)
	return nil, r.err
}

// simpleCommand gives the reader of a command that holds no query; it starts
// after the first word.
func (r *reader) simpleCommand(word string) func() core.Command {
	switch word {
	case "set":
		return r.set
	case "show":
		return r.show
	case "reset":
		return r.reset
	case "begin", "start", "commit", "end", "rollback", "abort", "savepoint", "release":
		return r.transaction
	case "deallocate":
		return r.deallocate
	case "discard":
		return r.discard
	case "fetch", "move":
		return r.fetchCursor
	case "close":
		return r.closeCursor
	case "use":
		return r.use
	case "drop":
		return r.drop
	case "uncache", "refresh":
		return r.uncache
	case "analyze", "analyse":
		return r.analyze
	}
	return nil
}

// refusedCommands are the statements that are known and not supported, by
// their first word.
var refusedCommands = words(`add alter call checkpoint cluster comment copy delete do grant import insert
 listen load lock merge msck notify reassign refresh reindex revoke security truncate unlisten update vacuum`)

// refuse reports a command that Flint does not have.
func (r *reader) refuse(t *lexer.Token) {
	if !refusedCommands[t.Text] {
		r.syntax(t)
		return
	}
	if t.Text == "alter" || t.Text == "insert" || t.Text == "refresh" || t.Text == "truncate" || t.Text == "comment" || t.Text == "lock" {
		if n := r.at(1); n.Kind == lexer.Word && n.End > 0 {
			if !isColID(n) || t.Text == "alter" || t.Text == "refresh" {
				r.unsupported(t, upper(t.Text+" "+n.Text))
				return
			}
		}
	}
	r.unsupported(t, upper(t.Text))
}

// inner reads the statement within another one, such as EXPLAIN's.
func (r *reader) inner() (*core.Statement, error) {
	defer r.leave()
	if !r.enter() {
		return nil, r.err
	}
	if r.end() {
		r.syntax(r.tok())
		return nil, r.err
	}
	return r.statement()
}

func (r *reader) explain() (core.Command, error) {
	r.next()
	e := &core.Explain{Costs: true, Timing: true, Summary: false, Format: "text"}
	switch {
	case r.tok().Is("(") && !r.parenIsQuery():
		r.explainOptions(e)
	case r.accept("extended"), r.accept("formatted"), r.accept("cost"), r.accept("codegen"):
		e.Mode = r.at(-1).Text
	default:
		e.Analyze = r.accept("analyze") || r.accept("analyse")
		e.Verbose = r.accept("verbose")
		e.Summary = e.Analyze
	}
	var err error
	e.Statement, err = r.inner()
	return e, err
}

func (r *reader) explainOptions(e *core.Explain) {
	r.want("(")
	summary := false
	for {
		t := r.labelName()
		value, on, known := r.optionValue()
		if switches[t.Text] && !known {
			r.notBoolean(t)
		}
		switch t.Text {
		case "analyze", "analyse":
			e.Analyze = on
		case "verbose":
			e.Verbose = on
		case "costs":
			e.Costs = on
		case "buffers":
			e.Buffers = on
		case "settings":
			e.Settings = on
		case "wal":
			e.Wal = on
		case "timing":
			e.Timing = on
		case "tasks":
			e.Tasks = on
		case "rules":
			e.Rules = on
		case "summary":
			e.Summary, summary = on, true
		case "format":
			if value != "text" && value != "json" && value != "xml" && value != "yaml" {
				r.fail(t, sqlerr.InvalidParameterValue, "unrecognized value for EXPLAIN option \"format\": \"%s\"", value)
			}
			e.Format = value
		default:
			r.fail(t, sqlerr.Syntax, "unrecognized EXPLAIN option \"%s\"", t.Text)
		}
		if !r.eat(",") {
			break
		}
	}
	r.want(")")
	if !summary {
		e.Summary = e.Analyze
	}
}

// switches are the options of EXPLAIN and ANALYZE that are on or off.
var switches = map[string]bool{"analyze": true, "analyse": true, "verbose": true, "costs": true, "buffers": true, "settings": true,
	"wal": true, "timing": true, "tasks": true, "rules": true, "summary": true, "skip_locked": true}

// optionValue reads the value of an option, if there is one, as a text and as defGetBoolean in
// PostgreSQL's define.c does: 0, 1, or one of four words in any case, quoted or not.
func (r *reader) optionValue() (text string, on, known bool) {
	v := r.tok()
	if v.Is(",") || v.Is(")") {
		return "", true, true
	}
	if v.Is("+") || v.Is("-") {
		minus := r.next().Is("-")
		v = r.next()
		return v.Text, !minus && v.Text == "1", v.Kind == lexer.Number && (v.Text == "0" || v.Text == "1" && !minus)
	}
	text = strings.ToLower(r.next().Text)
	if v.Kind == lexer.Number {
		return text, text == "1", text == "0" || text == "1"
	}
	on = text == "on" || text == "true"
	return text, on, on || text == "off" || text == "false"
}

// notBoolean reports the value of a switch, as PostgreSQL without a position.
func (r *reader) notBoolean(option *lexer.Token) {
	r.stop(sqlerr.New(sqlerr.Syntax, "%s requires a Boolean value", option.Text))
}

func (r *reader) prepare() (core.Command, error) {
	t := r.next()
	if r.words("transaction") {
		r.unsupported(t, "PREPARE TRANSACTION")
		return nil, r.err
	}
	p := &core.Prepare{Name: r.name().Text}
	if r.eat("(") {
		for {
			typ, _ := r.typeName()
			p.Types = append(p.Types, typ)
			if !r.eat(",") {
				break
			}
		}
		r.want(")")
	}
	r.wantWords("as")
	var err error
	outer := r.params
	p.Statement, err = r.inner()
	r.params = outer // the parameters are the prepared statement's
	return p, err
}

func (r *reader) execute() (core.Command, error) {
	r.next()
	n := r.name()
	e := &core.Execute{Name: n.Text, Position: lexer.Position(r.src, n.Pos)}
	if !r.eat("(") {
		return e, nil
	}
	args := r.exprs()
	r.want(")")
	var err error
	e.Args, err = r.parse(cat(glue("SELECT "), commas(args)))
	return e, err
}

func (r *reader) declare() (core.Command, error) {
	r.next()
	d := &core.Declare{Name: r.name().Text}
	for r.err == nil && !r.accept("cursor") {
		yes, no := true, false
		switch t := r.next(); {
		case t.Word("binary"):
			d.Binary = true
		case t.Word("insensitive"), t.Word("asensitive"):
		case t.Word("scroll"):
			d.Scroll = &yes
		case t.Word("no"):
			r.wantWords("scroll")
			d.Scroll = &no
		default:
			r.syntax(t)
		}
	}
	if r.accept("with", "hold") {
		d.Hold = true
	} else {
		r.accept("without", "hold")
	}
	r.wantWords("for")
	var err error
	d.Query, err = r.innerQuery()
	return d, err
}

// innerQuery is inner for the commands that hold a query and nothing else.
func (r *reader) innerQuery() (*core.Statement, error) {
	if t := r.tok(); !t.Is("(") && !t.Word("select") && !t.Word("with") && !t.Word("values") && !t.Word("table") {
		r.syntax(t)
		return nil, r.err
	}
	return r.inner()
}

func (r *reader) describe() (core.Command, error) {
	r.next()
	d := &core.Describe{Extended: r.accept("extended") || r.accept("formatted")}
	r.accept("query")
	if t := r.tok(); t.Is("(") || t.Word("select") || t.Word("with") || t.Word("values") {
		var err error
		d.Query, err = r.inner()
		return d, err
	}
	r.accept("table")
	d.Position = lexer.Position(r.src, r.tok().Pos)
	d.Name = texts(r.dotted())
	return d, r.failure()
}

// failure is the sticky error as a plain error value.
func (r *reader) failure() error {
	if r.err != nil {
		return r.err
	}
	return nil
}
