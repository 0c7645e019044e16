package lower

import (
	"github.com/flintsql/flint/sql/core"
	"github.com/flintsql/flint/sql/lexer"
)

// create reads CREATE [OR REPLACE] [TEMP] VIEW; any other CREATE is refused.
func (r *reader) create() (core.Command, error) {
	start := r.next()
	v := &core.CreateView{OrReplace: r.accept("or", "replace")}
	if r.accept("global") {
		r.accept("temporary")
	}
	v.Temporary = r.accept("temporary") || r.accept("temp")
	if !r.accept("view") {
		r.refuseCreate(start)
		return nil, r.err
	}
	v.IfNotExist = r.accept("if", "not", "exists")
	v.Position = lexer.Position(r.src, r.tok().Pos)
	v.Name = texts(r.dotted())
	if r.tok().Is("(") {
		v.Columns = texts(r.nameList())
	}
	if t := r.tok(); t.Word("using") {
		r.unsupported(t, "CREATE VIEW … USING")
	}
	r.wantWords("as")
	var err error
	v.Query, err = r.innerQuery()
	if t := r.tok(); err == nil && t.Word("with") {
		r.unsupported(t, "WITH CHECK OPTION")
		err = r.failure()
	}
	return v, err
}

// creatable are the kinds of objects that CREATE knows.
var creatable = words(`access aggregate cast collation conversion database default domain event extension foreign function
 group index language materialized operator policy procedure publication recursive role rule schema sequence server
 statistics subscription table tablespace text transform trigger trusted type unique unlogged user`)

func (r *reader) refuseCreate(start *lexer.Token) {
	t := r.tok()
	if t.Kind != lexer.Word || !creatable[t.Text] {
		r.syntax(t)
		return
	}
	name := "CREATE " + upper(t.Text)
	switch t.Text {
	case "materialized", "unlogged", "unique", "foreign", "event", "access", "recursive", "text":
		name += " " + upper(r.at(1).Text)
	}
	r.unsupported(start, name)
}

// drop reads DROP after its first word.
func (r *reader) drop() core.Command {
	start, t := r.at(-1), r.tok()
	if !(r.accept("table") || r.accept("view") || r.accept("schema") || r.accept("database")) {
		if t.Kind == lexer.Word && creatable[t.Text] || t.Word("owned") {
			r.unsupported(start, "DROP "+upper(t.Text))
		}
		r.syntax(t)
	}
	d := &core.Drop{What: t.Text}
	if d.What == "database" {
		d.What = "schema" // Spark's word
	}
	d.IfExists = r.accept("if", "exists")
	for {
		d.Positions = append(d.Positions, lexer.Position(r.src, r.tok().Pos))
		d.Names = append(d.Names, texts(r.dotted()))
		if !r.eat(",") {
			break
		}
	}
	d.Cascade = r.accept("cascade")
	if !d.Cascade {
		r.accept("restrict")
	}
	return d
}

// cache reads Spark's CACHE [LAZY] TABLE name [OPTIONS (…)] [AS query].
func (r *reader) cache() (core.Command, error) {
	r.next()
	c := &core.Cache{What: "cache", Lazy: r.accept("lazy")}
	r.wantWords("table")
	c.Position = lexer.Position(r.src, r.tok().Pos)
	c.Name = texts(r.dotted())
	if t := r.tok(); t.Word("options") {
		r.unsupported(t, "CACHE TABLE … OPTIONS")
	}
	var err error
	if r.accept("as") || r.words("select") {
		c.Query, err = r.innerQuery()
	}
	return c, err
}

// uncache reads UNCACHE TABLE and REFRESH TABLE after the first word.
func (r *reader) uncache() core.Command {
	start := r.at(-1)
	c := &core.Cache{What: start.Text}
	if t := r.tok(); c.What == "refresh" && t.Word("materialized") {
		r.unsupported(start, "REFRESH MATERIALIZED VIEW")
	}
	r.wantWords("table")
	c.IfExists = r.accept("if", "exists")
	c.Position = lexer.Position(r.src, r.tok().Pos)
	c.Name = texts(r.dotted())
	return c
}
