package parquet

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// payload describes a split completely, so that any process with the same
// folder can read it.
type payload struct {
	payloadFields
	Pieces []piece `json:"p"`
}

// payloadFields are the same in all splits of a table.
type payloadFields struct {
	Fields []payloadField `json:"f"`
}

// payloadField is a field of the table.
type payloadField struct {
	Name string     `json:"n"`
	Type types.Type `json:"t"`
	Key  bool       `json:"k,omitempty"` // a partition column: the next of a piece's keys
}

// piece is row groups [First, End) of one file.
type piece struct {
	identity
	Keys  []*string `json:"k,omitempty"` // texts of the partition keys, null = NULL
	First int       `json:"a"`
	End   int       `json:"e"`
	File  int       `json:"i,omitempty"` // position among the table's files: part of locators
}

// decodePayload reads a split's payload.
func decodePayload(b []byte) (*payload, error) {
	p := &payload{}
	if err := json.Unmarshal(b, p); err != nil {
		return nil, fmt.Errorf("parquet split: %w", err)
	}
	return p, nil
}

const (
	// smallBytes is up to how much small files and row groups share a split.
	smallBytes = 8 << 20
	// splitsPerSlot is how finely a table is divided, so that all slots end at about the same time.
	splitsPerSlot = 16
	// mostPieces limits the files of a split.
	mostPieces = 256
)

// chosen is a row group that is to be read.
type chosen struct {
	file   *tableFile
	number int // of the file among the table's
	group  int
	rows   int64
	bytes  int64
}

// Scan divides the files into splits of one row group, or of several where
// these are small, leaving out what partition keys and statistics exclude.
func (t *table) Scan(ctx context.Context, req catalog.ScanRequest) (catalog.ScanPlan, error) {
	groups, pruned := t.choose(ctx, &req)
	total := int64(0)
	for _, g := range groups {
		total += g.bytes
	}
	most := max(1, min(smallBytes, total/int64(max(1, req.Slots)*splitsPerSlot)))
	plan := catalog.ScanPlan{Pruned: pruned}
	fields, err := t.encodeFields()
	if err != nil {
		return plan, err
	}
	var starts []int // the splits' first row groups
	plan.Bounds = func(split, column int) (least, greatest int64, ok bool) {
		to := len(groups)
		if split+1 < len(starts) {
			to = starts[split+1]
		}
		return boundsOf(groups[starts[split]:to], column)
	}
	for from := 0; from < len(groups); {
		to, bytes, rows, pieces := from, int64(0), int64(0), 0
		for to < len(groups) && (to == from || bytes+groups[to].bytes <= most) && pieces <= mostPieces {
			bytes += groups[to].bytes
			rows += groups[to].rows
			if to == from || groups[to].file != groups[to-1].file {
				pieces++
			}
			to++
		}
		split, err := split(fields, groups[from:to])
		if err != nil {
			return plan, err
		}
		split.Rows, split.Bytes = rows, bytes
		starts = append(starts, from)
		plan.Splits = append(plan.Splits, split)
		from = to
	}
	return plan, nil
}

// boundsOf gives the least and the greatest value of an integer column in row groups, if none of them has a NULL.
func boundsOf(groups []chosen, column int) (least, greatest int64, ok bool) {
	for i, g := range groups {
		s := g.file.source[column]
		if s < 0 || g.file.columns[s].leaf == nil {
			return 0, 0, false
		}
		c := &g.file.columns[s]
		x := c.leaf.bounds(&g.file.meta.groups[g.group].chunks[c.node.leafFrom], g.rows)
		if x.min == nil || x.max == nil || !x.min.Type.IsInteger() || !x.max.Type.IsInteger() || x.nulls != 0 && c.node.def > 0 {
			return 0, 0, false
		}
		if i == 0 {
			least, greatest = x.min.I, x.max.I
		}
		least, greatest = min(least, x.min.I), max(greatest, x.max.I)
	}
	return least, greatest, len(groups) > 0
}

// encodeFields encodes what the payloads of all splits begin with.
func (t *table) encodeFields() ([]byte, error) {
	p := payloadFields{Fields: make([]payloadField, len(t.fields))}
	for i, f := range t.fields {
		p.Fields[i] = payloadField{Name: f.Name, Type: f.Type}
	}
	for _, k := range t.keys {
		p.Fields[k].Key = true
	}
	return json.Marshal(&p)
}

// split encodes row groups that are read one after the other.
func split(fields []byte, groups []chosen) (catalog.Split, error) {
	var p struct {
		Pieces []piece `json:"p"`
	}
	var version strings.Builder
	for i, g := range groups {
		n := len(p.Pieces)
		if i > 0 && g.file == groups[i-1].file && p.Pieces[n-1].End == g.group {
			p.Pieces[n-1].End++
			continue
		}
		p.Pieces = append(p.Pieces, piece{identity: g.file.identity, Keys: g.file.keyTexts(), First: g.group, End: g.group + 1, File: g.number})
		if i == 0 || g.file != groups[i-1].file {
			fmt.Fprintf(&version, "%s %d %d;", g.file.Path, g.file.Size, g.file.MTime)
		}
	}
	pieces, err := json.Marshal(&p)
	if err != nil {
		return catalog.Split{}, err
	}
	b := append(append(make([]byte, 0, len(fields)+len(pieces)), fields[:len(fields)-1]...), ',') // {"f":[…]} and {"p":[…]} in one
	return catalog.Split{Payload: append(b, pieces[1:]...), Version: version.String()}, nil
}

// keyTexts returns the partition keys in their text form.
func (f *tableFile) keyTexts() []*string {
	var out []*string
	for _, v := range f.keys {
		if v.Null {
			out = append(out, nil)
			continue
		}
		s := string(value.AppendText(nil, v, value.DefaultEnv))
		out = append(out, &s)
	}
	return out
}

// choose lists the row groups that may hold rows that are wanted, and says what
// was left out.
func (t *table) choose(_ context.Context, req *catalog.ScanRequest) ([]chosen, string) {
	var out []chosen
	files, groups, read := 0, 0, 0
	rows := int64(0)
	for i := range t.files {
		f := &t.files[i]
		if t.excluded(f, req.Ranges) {
			continue
		}
		files++
		for g := range f.meta.groups {
			groups++
			m := &f.meta.groups[g]
			if m.rows == 0 || f.groupExcluded(g, req.Ranges, func(c int) int { return f.source[c] }) {
				continue
			}
			read++
			if req.Limit >= 0 && len(req.Ranges) == 0 && rows >= req.Limit {
				continue
			}
			rows += m.rows
			out = append(out, chosen{file: f, number: i, group: g, rows: m.rows, bytes: t.groupBytes(f, g, req.Columns)})
		}
	}
	return out, prunedText(len(t.keys) > 0, files, len(t.files), read, groups)
}

func prunedText(keyed bool, files, allFiles, groups, allGroups int) string {
	var parts []string
	if files < allFiles || keyed {
		parts = append(parts, fmt.Sprintf("partitions %d/%d", files, allFiles))
	}
	if groups < allGroups {
		parts = append(parts, fmt.Sprintf("row groups %d/%d", groups, allGroups))
	}
	if files == allFiles && groups == allGroups {
		return ""
	}
	return strings.Join(parts, ", ")
}

// groupBytes returns the bytes to be read of a row group for the columns.
func (t *table) groupBytes(f *tableFile, group int, columns []int) int64 {
	n := int64(0)
	for _, c := range columns {
		if c == catalog.Locator {
			continue
		}
		if s := f.source[c]; s >= 0 {
			node := f.columns[s].node
			for leaf := node.leafFrom; leaf < node.leafEnd; leaf++ {
				n += f.meta.groups[group].chunks[leaf].compressed
			}
		}
	}
	return max(n, 1)
}
