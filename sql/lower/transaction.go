package lower

import (
	"strconv"

	"github.com/flintsql/flint/sql/core"
	"github.com/flintsql/flint/sql/lexer"
)

// transaction reads a transaction command after its first word.
func (r *reader) transaction() core.Command {
	word := r.at(-1).Text
	switch word {
	case "start":
		r.wantWords("transaction")
		return &core.Begin{Start: true, Modes: r.modes()}
	case "savepoint":
		return &core.Savepoint{Name: r.name().Text}
	case "release":
		r.accept("savepoint")
		return &core.Release{Name: r.name().Text}
	}
	if !r.accept("work") {
		r.accept("transaction")
	}
	switch word {
	case "begin":
		return &core.Begin{Modes: r.modes()}
	case "commit", "end":
		r.refusePrepared(word)
		return &core.Commit{Chain: r.chained()}
	}
	if r.accept("to") {
		r.accept("savepoint")
		return &core.Rollback{Savepoint: r.name().Text}
	}
	r.refusePrepared(word)
	return &core.Rollback{Chain: r.chained()}
}

func (r *reader) refusePrepared(word string) {
	if t := r.tok(); t.Word("prepared") {
		r.unsupported(t, upper(word)+" PREPARED")
	}
}

// chained reads AND [NO] CHAIN.
func (r *reader) chained() bool {
	if r.accept("and", "no", "chain") {
		return false
	}
	return r.accept("and", "chain")
}

func (r *reader) deallocate() core.Command {
	r.accept("prepare")
	if r.accept("all") {
		return &core.Deallocate{}
	}
	return &core.Deallocate{Name: r.name().Text}
}

func (r *reader) discard() core.Command {
	switch {
	case r.accept("all"), r.accept("plans"), r.accept("sequences"), r.accept("temp"):
		return &core.Discard{What: r.at(-1).Text}
	case r.accept("temporary"):
		return &core.Discard{What: "temp"}
	}
	r.syntax(r.tok())
	return &core.Discard{}
}

func (r *reader) closeCursor() core.Command {
	if r.accept("all") {
		return &core.Close{}
	}
	return &core.Close{Name: r.name().Text}
}

// fetchCursor reads FETCH or MOVE after its first word.
func (r *reader) fetchCursor() core.Command {
	f := &core.Fetch{Move: r.at(-1).Text == "move", Direction: "next", Count: 1}
	bare := func() bool { // the word is a direction, not the cursor's name
		n := r.at(1)
		return n.Kind != lexer.EOF && !n.Is(";")
	}
	switch {
	case bare() && (r.accept("next") || r.accept("prior") || r.accept("first") || r.accept("last")):
		f.Direction = r.at(-1).Text
	case bare() && (r.accept("absolute") || r.accept("relative")):
		f.Direction = r.at(-1).Text
		f.Count = r.count()
	case bare() && (r.accept("forward") || r.accept("backward")):
		f.Direction = r.at(-1).Text
		if r.accept("all") {
			f.All = true
		} else if t := r.tok(); t.Kind == lexer.Number || t.Kind == lexer.Op {
			f.Count = r.count()
		}
	case r.accept("all"):
		f.Direction, f.All = "forward", true
	case r.tok().Kind == lexer.Number || r.tok().Kind == lexer.Op:
		f.Direction, f.Count = "forward", r.count()
	}
	if !r.accept("from") {
		r.accept("in")
	}
	f.Cursor = r.name().Text
	return f
}

// count reads a signed integer.
func (r *reader) count() int64 {
	sign := ""
	if r.eat("-") {
		sign = "-"
	} else {
		r.eat("+")
	}
	t := r.next()
	n, err := strconv.ParseInt(sign+t.Text, 10, 32)
	if t.Kind != lexer.Number || err != nil {
		r.syntax(t)
	}
	return n
}
