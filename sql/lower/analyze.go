package lower

import (
	"github.com/flintsql/flint/sql/core"
	"github.com/flintsql/flint/sql/lexer"
	"github.com/flintsql/flint/sql/sqlerr"
)

// analyze reads ANALYZE after its first word: PostgreSQL's
//
//	ANALYZE [(options)] [VERBOSE] [table [(columns)], …]
//
// and Spark's, whose TABLE no PostgreSQL table can be called:
//
//	ANALYZE TABLE name COMPUTE STATISTICS [NOSCAN | FOR COLUMNS a, b | FOR ALL COLUMNS]
//	ANALYZE TABLES [IN schema] COMPUTE STATISTICS [NOSCAN]
func (r *reader) analyze() core.Command {
	a := &core.Analyze{}
	switch {
	case r.tok().Is("("):
		r.analyzeOptions(a)
	case r.accept("table"):
		r.sparkTable(a)
		return a
	case r.words("tables", "in"), r.words("tables", "from"), r.words("tables", "compute"):
		r.next()
		if !r.words("compute") {
			r.next()
			a.Position = lexer.Position(r.src, r.tok().Pos)
			a.In = texts(r.dotted())
		}
		r.wantWords("compute", "statistics")
		a.NoScan = r.accept("noscan")
		return a
	default:
		a.Verbose = r.accept("verbose")
	}
	if r.end() {
		return a
	}
	for {
		t := r.analyzeTarget()
		if r.tok().Is("(") {
			t.Columns = texts(r.nameList())
		}
		a.Targets = append(a.Targets, t)
		if !r.eat(",") {
			return a
		}
	}
}

func (r *reader) analyzeTarget() core.AnalyzeTarget {
	return core.AnalyzeTarget{Position: lexer.Position(r.src, r.tok().Pos), Name: texts(r.dotted())}
}

// sparkTable reads Spark's form after TABLE. COMPUTE STATISTICS may be left out.
func (r *reader) sparkTable(a *core.Analyze) {
	t := r.analyzeTarget()
	if p := r.tok(); p.Word("partition") {
		r.unsupported(p, "ANALYZE TABLE … PARTITION")
	}
	if r.accept("compute") {
		r.wantWords("statistics")
		switch {
		case r.accept("noscan"):
			a.NoScan = true
		case r.accept("for", "columns"):
			for {
				t.Columns = append(t.Columns, r.name().Text)
				if !r.eat(",") {
					break
				}
			}
		default:
			r.accept("for", "all", "columns")
		}
	}
	a.Targets = []core.AnalyzeTarget{t}
}

func (r *reader) analyzeOptions(a *core.Analyze) {
	r.want("(")
	for {
		t := r.labelName()
		_, on, known := r.optionValue()
		if switches[t.Text] && !known {
			r.notBoolean(t)
		}
		switch t.Text {
		case "verbose":
			a.Verbose = on
		case "skip_locked", "buffer_usage_limit": // there are neither locks nor such buffers
		default:
			r.fail(t, sqlerr.Syntax, "unrecognized ANALYZE option \"%s\"", t.Text)
		}
		if !r.eat(",") {
			break
		}
	}
	r.want(")")
}
