// Package slt runs SQL logic tests over the wire: .slt files in sqllogictest's
// format (https://sqlite.org/sqllogictest) against a server.
//
//	statement ok
//	SET search_path TO tiny
//
//	statement error 42P01 15
//	SELECT * FROM nowhere
//	----
//	relation "nowhere" does not exist
//
//	skipif batch2
//	query rowsort
//	SELECT a, b FROM t
//	----
//	1|x
//	2|NULL
//
// A record ends at an empty line. An error is given by its SQLSTATE and, where
// they follow, its position and its message. Values are separated by | as psql -A prints them; an empty string is (empty), a
// line break \n. Sort modes: nosort (default), rowsort. skipif and onlyif name a label of the run: flint or postgres,
// the protocol, the configuration. Expected results come from PostgreSQL, see Generate.
package slt

import (
	"bufio"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
)

// Record is one test of a file, or a comment that stands between tests.
type Record struct {
	File     string
	Line     int
	Comment  []string // lines before the record, as they stand
	SkipIf   []string
	OnlyIf   []string
	Query    bool
	Sorted   bool
	Error    bool   // the statement must fail with Code and, if given, Position and Want as its message
	Code     string // SQLSTATE
	Position int    // in characters from 1; 0 = not checked
	SQL      string
	Want     []string
}

// Applies tells whether the record runs where these labels hold.
func (r *Record) Applies(labels []string) bool {
	for _, l := range r.SkipIf {
		if slices.Contains(labels, l) {
			return false
		}
	}
	for _, l := range r.OnlyIf {
		if !slices.Contains(labels, l) {
			return false
		}
	}
	return true
}

// Parse reads a file's records; trailing comments become a record without SQL.
func Parse(path string) ([]Record, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out []Record
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<20)
	p := parser{}
	for n := 1; sc.Scan(); n++ {
		done, err := p.line(strings.TrimRight(sc.Text(), " \t\r"), n)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, n, err)
		}
		if done {
			p.r.File = path
			out = append(out, p.r)
			p = parser{}
		}
	}
	if p.head || len(p.r.Comment) > 0 {
		p.r.File = path
		out = append(out, p.r)
	}
	return out, sc.Err()
}

// parser reads one record.
type parser struct {
	r    Record
	head bool // its header line was read
	want bool // its ---- was read
}

func (p *parser) line(line string, n int) (done bool, err error) {
	r := &p.r
	switch {
	case !p.head && (line == "" || line[0] == '#'):
		r.Comment = append(r.Comment, line)
	case !p.head:
		r.Line = n
		return false, p.header(strings.Fields(line))
	case line == "":
		return true, nil
	case p.want:
		r.Want = append(r.Want, line)
	case line == "----":
		p.want = true
	case r.SQL == "":
		r.SQL = line
	default:
		r.SQL += "\n" + line
	}
	return false, nil
}

func (p *parser) header(w []string) (err error) {
	r := &p.r
	switch {
	case w[0] == "skipif" && len(w) == 2:
		r.SkipIf = append(r.SkipIf, w[1])
		return nil
	case w[0] == "onlyif" && len(w) == 2:
		r.OnlyIf = append(r.OnlyIf, w[1])
		return nil
	case w[0] == "query":
		r.Query = true
		r.Sorted = len(w) > 1 && w[1] == "rowsort"
	case len(w) == 2 && w[0] == "statement" && w[1] == "ok":
	case len(w) >= 2 && w[0] == "statement" && w[1] == "error":
		r.Error = true
		if len(w) > 2 {
			r.Code = w[2]
		}
		if len(w) > 3 {
			r.Position, err = strconv.Atoi(w[3])
		}
	default:
		return fmt.Errorf("unknown record %q", strings.Join(w, " "))
	}
	p.head = true
	return err
}

// String gives the record as it stands in a file.
func (r *Record) String() string {
	var b strings.Builder
	for _, c := range r.Comment {
		b.WriteString(c + "\n")
	}
	if r.SQL == "" {
		return b.String()
	}
	for _, l := range r.SkipIf {
		b.WriteString("skipif " + l + "\n")
	}
	for _, l := range r.OnlyIf {
		b.WriteString("onlyif " + l + "\n")
	}
	b.WriteString(r.headerLine() + "\n" + r.SQL + "\n")
	if r.Query || len(r.Want) > 0 {
		b.WriteString("----\n")
	}
	for _, w := range r.Want {
		b.WriteString(w + "\n")
	}
	return b.String() + "\n"
}

func (r *Record) headerLine() string {
	switch {
	case r.Query && r.Sorted:
		return "query rowsort"
	case r.Query:
		return "query"
	case r.Error && r.Position > 0:
		return fmt.Sprintf("statement error %s %d", r.Code, r.Position)
	case r.Error:
		return strings.TrimRight("statement error "+r.Code, " ")
	}
	return "statement ok"
}
