package core

import "github.com/pingcap/tidb/pkg/parser/ast"

// Statement is one statement of a client. Exactly one of Query and Command is
// set; neither for an empty statement.
type Statement struct {
	Text    string // the client's text
	Query   *Query
	Command Command
	Params  int // the highest n of $n in Text, that is the number of parameters
}

// Empty tells whether the statement holds nothing but blanks and comments.
func (s *Statement) Empty() bool { return s.Query == nil && s.Command == nil }

// Query is a query in core form.
type Query struct {
	Node ast.ResultSetNode // *ast.SelectStmt or *ast.SetOprStmt
	Text string            // the core text
	Map  *SourceMap        // from Text to the client's text
}

// Position is the position of a node in the client's text, as Postgres counts.
func (q *Query) Position(n ast.Node) int { return q.Map.Position(n.OriginTextPosition()) }

// Command is a statement that is not a query. Tag is the word that Postgres'
// CommandComplete has for it.
type Command interface{ Tag() string }

// Explain is EXPLAIN of a statement. Mode is Spark's word (extended, formatted,
// cost, codegen), or "".
type Explain struct {
	Analyze, Verbose, Buffers, Settings, Wal bool
	Tasks, Rules                             bool // Flint's own: every task; which rule fired where
	Costs, Timing, Summary                   bool // Costs and Timing are on unless switched off
	Format                                   string
	Mode                                     string
	Statement                                *Statement
}

// Set is SET name = value. An empty Values means DEFAULT. Names are lower case
// unless quoted; SET TIME ZONE x is the name timezone.
type Set struct {
	Name     string
	Values   []string
	Local    bool
	Position int // of the name
}

// SetTransaction is SET TRANSACTION, or SET SESSION CHARACTERISTICS AS TRANSACTION.
type SetTransaction struct {
	Session bool
	Modes   TransactionModes
}

// TransactionModes are the modes of BEGIN and SET TRANSACTION. Empty and nil
// mean: not given.
type TransactionModes struct {
	Isolation  string // "serializable", "repeatable read", "read committed", "read uncommitted"
	ReadOnly   *bool
	Deferrable *bool
}

// Show is SHOW name; Name is "all" for SHOW ALL.
type Show struct {
	Name     string
	Position int // of the name
}

// Reset is RESET name; Name is "all" for RESET ALL.
type Reset struct {
	Name     string
	Position int
}

// Begin is BEGIN, or START TRANSACTION if Start is set.
type Begin struct {
	Start bool
	Modes TransactionModes
}

// Commit is COMMIT or END.
type Commit struct{ Chain bool }

// Rollback is ROLLBACK or ABORT, or ROLLBACK TO Savepoint if that is set.
type Rollback struct {
	Chain     bool
	Savepoint string
}

// Savepoint is SAVEPOINT name.
type Savepoint struct{ Name string }

// Release is RELEASE [SAVEPOINT] name.
type Release struct{ Name string }

// Prepare is PREPARE name (types) AS statement. Types have the form of doc.go.
type Prepare struct {
	Name      string
	Types     []string
	Statement *Statement
}

// Execute is EXECUTE name (args). Args is the query SELECT args, nil without any.
type Execute struct {
	Name     string
	Args     *Query
	Position int // of the name
}

// Deallocate is DEALLOCATE name; an empty Name is ALL.
type Deallocate struct{ Name string }

// Discard is DISCARD what: "all", "plans", "sequences", "temp".
type Discard struct{ What string }

// Declare is DECLARE name CURSOR FOR query.
type Declare struct {
	Name         string
	Binary, Hold bool
	Scroll       *bool
	Query        *Statement
}

// Fetch is FETCH, or MOVE if Move is set. Direction is "next", "prior", "first",
// "last", "absolute", "relative", "forward" or "backward"; All replaces Count.
type Fetch struct {
	Cursor    string
	Direction string
	Count     int64
	All       bool
	Move      bool
}

// Close is CLOSE name; an empty Name is ALL.
type Close struct{ Name string }

// ShowTables is Spark's SHOW TABLES [IN schema] [LIKE 'pattern'], and the other
// lists: What is "tables", "views", "schemas", "columns" or "functions".
type ShowTables struct {
	What     string
	In       []string // schema, or the table of "columns"
	Like     string
	Position int // of In
}

// Describe is Spark's DESCRIBE [EXTENDED] table, or of Query if that is set.
type Describe struct {
	Name     []string
	Extended bool
	Query    *Statement
	Position int // of Name
}

// Use is Spark's USE schema: the front of the search path.
type Use struct {
	Name     []string
	Position int
}

// CreateView is CREATE [OR REPLACE] [TEMP] VIEW name (columns) AS query.
type CreateView struct {
	Name                             []string
	Columns                          []string
	OrReplace, Temporary, IfNotExist bool
	Query                            *Statement
	Position                         int // of Name
}

// Drop is DROP what [IF EXISTS] names: "table", "view" or "schema".
type Drop struct {
	What      string
	Names     [][]string
	Positions []int
	IfExists  bool
	Cascade   bool
}

// Cache is CACHE [LAZY] TABLE name [AS query], Uncache and Refresh take it back
// or read it anew; What is "cache", "uncache" or "refresh".
type Cache struct {
	What     string
	Name     []string
	Lazy     bool
	IfExists bool
	Query    *Statement
	Position int
}

// Analyze is PostgreSQL's ANALYZE of tables, or Spark's ANALYZE TABLE. No Targets
// means every table of the search path, or of the schema In.
type Analyze struct {
	Verbose  bool
	Targets  []AnalyzeTarget
	In       []string
	NoScan   bool // Spark's NOSCAN: only what the files say of themselves
	Position int  // of In
}

// AnalyzeTarget is a table of ANALYZE. No Columns means all of them.
type AnalyzeTarget struct {
	Name     []string
	Columns  []string
	Position int // of Name
}

// Tag is CommandComplete's word.
func (*Explain) Tag() string        { return "EXPLAIN" }
func (*Set) Tag() string            { return "SET" }
func (*SetTransaction) Tag() string { return "SET" }
func (*Show) Tag() string           { return "SHOW" }
func (*Reset) Tag() string          { return "RESET" }
func (*Commit) Tag() string         { return "COMMIT" }
func (*Rollback) Tag() string       { return "ROLLBACK" }
func (*Savepoint) Tag() string      { return "SAVEPOINT" }
func (*Release) Tag() string        { return "RELEASE" }
func (*Prepare) Tag() string        { return "PREPARE" }
func (*Execute) Tag() string        { return "EXECUTE" }
func (*Declare) Tag() string        { return "DECLARE CURSOR" }
func (*ShowTables) Tag() string     { return "SHOW" }
func (*Describe) Tag() string       { return "DESCRIBE" }
func (*Use) Tag() string            { return "USE" }
func (*CreateView) Tag() string     { return "CREATE VIEW" }
func (*Analyze) Tag() string        { return "ANALYZE" }

// Tag is BEGIN or START TRANSACTION.
func (b *Begin) Tag() string {
	if b.Start {
		return "START TRANSACTION"
	}
	return "BEGIN"
}

// Tag is DEALLOCATE or DEALLOCATE ALL.
func (d *Deallocate) Tag() string { return orAll("DEALLOCATE", d.Name) }

// Tag is CLOSE CURSOR or CLOSE CURSOR ALL.
func (c *Close) Tag() string { return orAll("CLOSE CURSOR", c.Name) }

// Tag is DISCARD and what.
func (d *Discard) Tag() string { return "DISCARD " + upper(d.What) }

// Tag is FETCH or MOVE.
func (f *Fetch) Tag() string {
	if f.Move {
		return "MOVE"
	}
	return "FETCH"
}

// Tag is DROP and what.
func (d *Drop) Tag() string { return "DROP " + upper(d.What) }

// Tag is CACHE TABLE and the like.
func (c *Cache) Tag() string { return upper(c.What) + " TABLE" }

func orAll(tag, name string) string {
	if name == "" {
		return tag + " ALL"
	}
	return tag
}
