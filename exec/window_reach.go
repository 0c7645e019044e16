package exec

import (
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
)

// windowReach says which rows of the partition calls need besides the current one.
type windowReach struct {
	all         bool // the whole partition, in memory
	whole       bool // a total of the partition
	peers       bool // the last of the current row's peers
	back, ahead int  // rows before and after
}

func (r *windowReach) add(o windowReach) {
	r.all, r.whole, r.peers = r.all || o.all, r.whole || o.whole, r.peers || o.peers
	r.back, r.ahead = max(r.back, o.back), max(r.ahead, o.ahead)
}

// windowKind says how a call goes on from block to block of a partition.
type windowKind uint8

const (
	windowOverRows windowKind = iota // from the rows in memory alone
	windowNumber                     // row_number, rank, dense_rank: counts go on
	windowGrowing                    // an accumulator goes on
	windowFirst                      // the first row's value is kept
	windowWhole                      // one value for the whole partition
	windowNear                       // from rows at fixed distances
)

// windowFar is the farthest row that is kept in memory for looking at it.
const windowFar = 1 << 16

// classify finds out the call's kind and reach.
func (c *windowCall) classify() {
	c.kind, c.reach = windowOverRows, windowReach{all: true}
	c.op.peers = c.op.peers || c.asksPeers()
	if c.node.Agg != nil {
		c.classifyAggregate()
		return
	}
	f := c.node.Frame
	switch c.node.Func.Name {
	case "row_number", "rank", "dense_rank":
		c.kind, c.reach = windowNumber, windowReach{}
	case "lag", "lead":
		c.classifyLag()
	case "first_value":
		if f.Start.Kind == logical.UnboundedPreceding && (f.End.Kind == logical.CurrentRow || f.End.Kind == logical.UnboundedFollowing) {
			c.kind, c.reach = windowFirst, windowReach{}
			return
		}
		c.classifyFrame()
	case "last_value":
		if f.Start.Kind == logical.UnboundedPreceding && f.End.Kind == logical.CurrentRow {
			c.reach = windowReach{peers: f.Mode != logical.Rows}
			return
		}
		c.classifyFrame()
	case "nth_value":
		c.classifyFrame()
	}
}

// asksPeers reports whether the call needs to know which rows are peers.
func (c *windowCall) asksPeers() bool {
	if c.node.Func != nil {
		switch c.node.Func.Name {
		case "row_number", "ntile", "lag", "lead":
			return false
		case "first_value", "last_value", "nth_value":
		default:
			return true
		}
	}
	return c.node.Frame.Mode != logical.Rows
}

func (c *windowCall) classifyAggregate() {
	f := c.node.Frame
	if f.Start.Kind == logical.UnboundedPreceding {
		switch {
		case c.wholeFrame():
			c.kind, c.reach = windowWhole, windowReach{whole: true}
		case f.End.Kind == logical.CurrentRow:
			c.kind, c.reach = windowGrowing, windowReach{peers: f.Mode != logical.Rows}
		}
		return
	}
	if c.classifyFrame(); c.node.Frame.Mode == logical.Rows && !c.reach.all {
		c.kind = windowNear
	}
}

// wholeFrame reports a frame that is always the whole partition.
func (c *windowCall) wholeFrame() bool {
	f := c.node.Frame
	return f.Start.Kind == logical.UnboundedPreceding && (f.End.Kind == logical.UnboundedFollowing ||
		f.End.Kind == logical.CurrentRow && f.Mode == logical.Range && len(c.op.node.Order) == 0)
}

// classifyFrame serves frames of near rows.
func (c *windowCall) classifyFrame() {
	f := c.node.Frame
	if f.Mode != logical.Rows {
		if f.Start.Kind == logical.CurrentRow && f.End.Kind == logical.CurrentRow {
			c.reach = windowReach{peers: true}
			// The first peers must be in memory too.
			c.reach.all = len(c.op.node.Order) == 0
		}
		return
	}
	var r windowReach
	for _, b := range []logical.Bound{f.Start, f.End} {
		n := 0
		switch b.Kind {
		case logical.UnboundedPreceding, logical.UnboundedFollowing:
			return
		case logical.Preceding, logical.Following:
			l, ok := b.Offset.(*expr.Literal)
			if !ok || l.Value.Null || l.Value.I < 0 || l.Value.I > windowFar {
				return
			}
			n = int(l.Value.I)
		}
		if b.Kind == logical.Preceding {
			r.back = max(r.back, n)
		} else {
			r.ahead = max(r.ahead, n)
		}
	}
	c.reach = r
}

func (c *windowCall) classifyLag() {
	step := int64(1)
	if len(c.node.Args) > 1 {
		l, ok := c.node.Args[1].(*expr.Literal)
		if !ok || l.Value.Null || l.Value.I > windowFar || l.Value.I < -windowFar {
			return
		}
		step = l.Value.I
	}
	if c.node.Func.Name == "lag" {
		step = -step
	}
	c.reach = windowReach{back: int(max(0, -step)), ahead: int(max(0, step))}
}
