package lower

import (
	"strings"

	"github.com/flintsql/flint/sql/core"
	"github.com/flintsql/flint/sql/lexer"
)

// set reads SET after its first word.
func (r *reader) set() core.Command {
	start := r.tok()
	s := &core.Set{}
	session := false
	if n := r.at(1); !n.Is("=") && !n.Is(".") && !n.Word("to") {
		s.Local = r.accept("local")
		session = !s.Local && r.accept("session")
	}
	s.Position = lexer.Position(r.src, r.tok().Pos)
	switch {
	case session && r.accept("characteristics", "as", "transaction"):
		return &core.SetTransaction{Session: true, Modes: r.modes()}
	case r.accept("transaction"):
		if r.words("snapshot") {
			r.unsupported(start, "SET TRANSACTION SNAPSHOT")
		}
		return &core.SetTransaction{Modes: r.modes()}
	case r.accept("constraints"):
		r.unsupported(start, "SET CONSTRAINTS")
	case r.accept("time", "zone"):
		s.Name, s.Values = "timezone", r.zone()
	case r.words("authorization") || r.words("session", "authorization"):
		r.unsupported(start, "SET SESSION AUTHORIZATION")
	case r.accept("role"):
		s.Name = "role"
		s.Values = []string{r.settingValue()}
	case r.accept("names"):
		s.Name = "client_encoding"
		if !r.accept("default") && !r.tok().Is(";") && !r.end() {
			s.Values = []string{r.settingValue()}
		}
	case r.accept("schema"):
		s.Name, s.Values = "search_path", []string{r.settingValue()}
	default:
		s.Name = r.settingName()
		if !r.eat("=") && !r.accept("to") {
			r.syntax(r.tok())
		}
		if r.accept("default") {
			break
		}
		s.Values = []string{r.settingValue()}
		for r.eat(",") {
			s.Values = append(s.Values, r.settingValue())
		}
	}
	return s
}

// settingName reads a name with any number of dots, reserved words included
// behind the first one.
func (r *reader) settingName() string {
	parts := texts(r.dotted())
	return strings.Join(parts, ".")
}

// settingValue reads a word, a string or a number.
func (r *reader) settingValue() string {
	sign := ""
	if r.tok().Is("-") || r.tok().Is("+") {
		sign = strings.TrimPrefix(r.next().Text, "+")
		if r.tok().Kind != lexer.Number {
			r.syntax(r.tok())
		}
	}
	t := r.next()
	switch {
	case t.Kind == lexer.String, t.Kind == lexer.Number, t.Kind == lexer.Name:
	case t.Kind == lexer.Word && (isColID(t) || wordIs(t, typeOrFunc) || t.Text == "on" || t.Text == "true" || t.Text == "false"):
	default:
		r.syntax(t)
	}
	return sign + t.Text
}

// zone reads the value of SET TIME ZONE.
func (r *reader) zone() []string {
	switch {
	case r.accept("local"), r.accept("default"):
		return nil
	case r.words("interval"):
		r.next()
		v := r.next()
		if v.Kind != lexer.String {
			r.syntax(v)
		}
		r.intervalFields()
		return []string{v.Text}
	}
	return []string{r.settingValue()}
}

// modes reads the modes of a transaction.
func (r *reader) modes() core.TransactionModes {
	var m core.TransactionModes
	yes, no := true, false
	for r.err == nil {
		switch {
		case r.accept("isolation", "level"):
			m.Isolation = r.isolation()
		case r.accept("read", "only"):
			m.ReadOnly = &yes
		case r.accept("read", "write"):
			m.ReadOnly = &no
		case r.accept("deferrable"):
			m.Deferrable = &yes
		case r.accept("not", "deferrable"):
			m.Deferrable = &no
		default:
			return m
		}
		r.eat(",")
	}
	return m
}

func (r *reader) isolation() string {
	switch {
	case r.accept("serializable"):
		return "serializable"
	case r.accept("repeatable", "read"):
		return "repeatable read"
	case r.accept("read", "committed"):
		return "read committed"
	case r.accept("read", "uncommitted"):
		return "read uncommitted"
	}
	if r.words("read") || r.words("repeatable") {
		r.next()
	}
	r.syntax(r.tok())
	return ""
}

// show reads SHOW after its first word: a setting, or one of Spark's lists.
func (r *reader) show() core.Command {
	t := r.tok()
	if c := r.showList(); c != nil {
		return c
	}
	s := &core.Show{Position: lexer.Position(r.src, t.Pos)}
	switch {
	case r.accept("all"):
		s.Name = "all"
	case r.accept("time", "zone"):
		s.Name = "timezone"
	case r.accept("transaction", "isolation", "level"):
		s.Name = "transaction_isolation"
	case r.accept("session", "authorization"):
		s.Name = "session_authorization"
	default:
		s.Name = r.settingName()
	}
	return s
}

// showLists are the words after Spark's SHOW, with what they list.
var showLists = map[string]string{
	"tables": "tables", "views": "views", "databases": "schemas", "schemas": "schemas", "columns": "columns", "functions": "functions",
}

func (r *reader) showList() core.Command {
	t := r.tok()
	if t.Word("partitions") || t.Word("create") {
		r.unsupported(t, "SHOW "+upper(t.Text))
		return &core.Show{}
	}
	what := showLists[t.Text]
	if t.Kind != lexer.Word || what == "" {
		return nil
	}
	r.next()
	s := &core.ShowTables{What: what}
	if r.accept("in") || r.accept("from") {
		s.Position = lexer.Position(r.src, r.tok().Pos)
		s.In = texts(r.dotted())
	}
	like := r.accept("like")
	if v := r.tok(); v.Kind == lexer.String {
		r.next()
		s.Like = v.Text
	} else if like {
		r.syntax(v)
	}
	return s
}

// reset reads RESET after its first word.
func (r *reader) reset() core.Command {
	c := &core.Reset{Position: lexer.Position(r.src, r.tok().Pos)}
	switch {
	case r.accept("all"):
		c.Name = "all"
	case r.accept("time", "zone"):
		c.Name = "timezone"
	case r.accept("transaction", "isolation", "level"):
		c.Name = "transaction_isolation"
	case r.accept("session", "authorization"):
		c.Name = "session_authorization"
	default:
		c.Name = r.settingName()
	}
	return c
}

// use reads Spark's USE after its first word.
func (r *reader) use() core.Command {
	if !r.at(1).Is(".") && (r.words("schema") || r.words("database")) && isColID(r.at(1)) {
		r.next()
	}
	return &core.Use{Position: lexer.Position(r.src, r.tok().Pos), Name: texts(r.dotted())}
}
