package pgwire

import (
	"context"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/server"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// portal is a bound statement; once executed it holds the open result.
type portal struct {
	prepared *server.Prepared
	args     []value.Value
	formats  []int16

	rows   server.Rows
	enc    []encoder
	batch  *vector.Batch // the batch being sent, kept across Execute messages
	next   int           // position in batch's selection
	sent   int64
	done   bool
	cancel context.CancelCauseFunc
}

func (p *portal) close() {
	if p.rows != nil {
		p.rows.Close()
		p.rows = nil
	}
	if p.cancel != nil {
		p.cancel(nil)
	}
}

func (c *conn) closePortals() {
	for name, p := range c.portals {
		p.close()
		delete(c.portals, name)
	}
}

// parse makes a prepared statement.
func (c *conn) parse(m *pgproto3.Parse) error {
	if m.Name != "" && c.sess.Statements[m.Name] != nil {
		return sqlerr.New(sqlerr.DuplicatePreparedStmt, "prepared statement %q already exists", m.Name)
	}
	if m.Name == "" {
		delete(c.sess.Statements, "") // also if this one fails
	}
	stmts, err := server.Split(m.Query)
	if err != nil {
		return err
	}
	if len(stmts) > 1 {
		return sqlerr.New(sqlerr.Syntax, "cannot insert multiple commands into a prepared statement")
	}
	st := server.Text{}
	if len(stmts) == 1 {
		st = stmts[0]
	}
	ts, err := paramTypes(m.ParameterOIDs)
	if err != nil {
		return err
	}
	return c.statement(func(ctx context.Context) error {
		p, err := c.sess.Prepare(ctx, st, ts)
		if err != nil {
			return err
		}
		c.sess.Statements[m.Name] = p
		c.out.send(&pgproto3.ParseComplete{})
		return nil
	})
}

// paramTypes resolves declared parameter types; 0 leaves one to be inferred.
func paramTypes(oids []uint32) ([]types.Type, error) {
	ts := make([]types.Type, len(oids))
	for i, oid := range oids {
		if oid == 0 {
			continue
		}
		t, ok := types.ByOID(oid)
		if !ok {
			return nil, sqlerr.New(sqlerr.UndefinedObject, "type with OID %d does not exist", oid)
		}
		ts[i] = t
	}
	return ts, nil
}

// stored finds a prepared statement.
func (c *conn) stored(name string) (*server.Prepared, error) {
	p := c.sess.Statements[name]
	switch {
	case p != nil:
		return p, nil
	case name == "":
		return nil, sqlerr.New(sqlerr.InvalidStatementName, "unnamed prepared statement does not exist")
	}
	return nil, sqlerr.New(sqlerr.InvalidStatementName, "prepared statement %q does not exist", name)
}

// bind makes a portal from a prepared statement and its arguments.
func (c *conn) bind(m *pgproto3.Bind) error {
	p, err := c.stored(m.PreparedStatement)
	if err != nil {
		return err
	}
	if m.DestinationPortal != "" && c.portals[m.DestinationPortal] != nil {
		return sqlerr.New(sqlerr.DuplicateCursor, "cursor %q already exists", m.DestinationPortal)
	}
	if len(m.Parameters) != len(p.Params()) {
		return sqlerr.New(sqlerr.ProtocolViolation, "bind message supplies %d parameters, but prepared statement %q requires %d",
			len(m.Parameters), m.PreparedStatement, len(p.Params()))
	}
	if n := len(m.ParameterFormatCodes); n > 1 && n != len(m.Parameters) {
		return sqlerr.New(sqlerr.ProtocolViolation, "bind message has %d parameter formats but %d parameters", n, len(m.Parameters))
	}
	if n := len(m.ResultFormatCodes); n > 1 && n != len(p.Columns()) {
		return sqlerr.New(sqlerr.ProtocolViolation, "bind message has %d result formats but query has %d columns", n, len(p.Columns()))
	}
	args, err := c.arguments(p, m)
	if err != nil {
		return err
	}
	if old := c.portals[m.DestinationPortal]; old != nil {
		old.close()
	}
	c.portals[m.DestinationPortal] = &portal{prepared: p, args: args, formats: m.ResultFormatCodes}
	c.out.send(&pgproto3.BindComplete{})
	return nil
}

func (c *conn) arguments(p *server.Prepared, m *pgproto3.Bind) ([]value.Value, error) {
	args := make([]value.Value, len(m.Parameters))
	for i, raw := range m.Parameters {
		t := p.Params()[i]
		var err error
		switch f := formatOf(m.ParameterFormatCodes, i); {
		case raw == nil:
			args[i] = value.NullOf(t)
		case f == 0:
			args[i], err = c.sess.ParseText(t, string(raw))
		case f == 1:
			args[i], err = value.ParseBinary(t, raw, c.sess.ValueEnv())
		default:
			err = sqlerr.New(sqlerr.InvalidParameterValue, "unsupported format code: %d", f)
		}
		if err != nil {
			return nil, err
		}
	}
	return args, nil
}

// describe tells the parameters and columns of a statement, or the columns of a
// portal.
func (c *conn) describe(m *pgproto3.Describe) error {
	var p *server.Prepared
	var formats []int16
	switch m.ObjectType {
	case 'S':
		var err error
		if p, err = c.stored(m.Name); err != nil {
			return err
		}
		d := &pgproto3.ParameterDescription{}
		for _, t := range p.Params() {
			d.ParameterOIDs = append(d.ParameterOIDs, clientOID(t))
		}
		c.out.send(d)
	case 'P':
		po := c.portals[m.Name]
		if po == nil {
			cols := c.sess.CursorColumns(m.Name)
			if cols == nil {
				return sqlerr.New(sqlerr.InvalidCursorName, "portal %q does not exist", m.Name)
			}
			c.out.send(rowDescription(cols, nil))
			return nil
		}
		p, formats = po.prepared, po.formats
	default:
		return sqlerr.New(sqlerr.ProtocolViolation, "invalid DESCRIBE message subtype %d", m.ObjectType)
	}
	if cols := p.Columns(); cols != nil {
		c.out.send(rowDescription(cols, formats))
	} else {
		c.out.send(&pgproto3.NoData{})
	}
	return nil
}

// execute runs a portal, or goes on with it, for at most MaxRows rows.
func (c *conn) execute(m *pgproto3.Execute) error {
	po := c.portals[m.Portal]
	if po == nil {
		return sqlerr.New(sqlerr.InvalidCursorName, "portal %q does not exist", m.Portal)
	}
	if po.prepared.Empty() {
		c.out.send(&pgproto3.EmptyQueryResponse{})
		return nil
	}
	c.runs("active", po.prepared.Text())
	return c.statement(func(ctx context.Context) error {
		if err := c.startPortal(ctx, po); err != nil {
			return err
		}
		before := po.sent
		more, err := c.sendRows(ctx, po, int64(m.MaxRows))
		if err != nil {
			po.close()
			return err
		}
		c.notices()
		if more {
			c.out.send(&pgproto3.PortalSuspended{})
			return nil
		}
		tag := po.rows.Tag()
		if verb, _, ok := strings.Cut(tag, " "); ok && before > 0 { // the tag counts this Execute's rows only
			tag = verb + " " + strconv.FormatInt(po.sent-before, 10)
		}
		c.out.send(&pgproto3.CommandComplete{CommandTag: []byte(tag)})
		return nil
	})
}

// startPortal runs the statement at the portal's first Execute. The result
// lives as long as the portal, so its context is the connection's; the
// statement's cancel reaches it through Next.
func (c *conn) startPortal(ctx context.Context, po *portal) error {
	if po.rows != nil {
		return c.sess.Allowed(po.prepared)
	}
	if po.done {
		return sqlerr.New(sqlerr.ObjectNotInState, "portal cannot be run again")
	}
	po.done = true
	rctx, cancel := context.WithCancelCause(c.ctx)
	po.cancel = cancel
	stop := context.AfterFunc(ctx, func() { cancel(context.Cause(ctx)) })
	defer stop()
	rows, err := c.sess.Run(rctx, po.prepared, po.args)
	if err != nil {
		cancel(nil)
		return err
	}
	po.rows = rows
	return nil
}

// close closes a statement or portal; what does not exist is fine.
func (c *conn) close(m *pgproto3.Close) error {
	switch m.ObjectType {
	case 'S':
		delete(c.sess.Statements, m.Name)
	case 'P':
		if p := c.portals[m.Name]; p != nil {
			p.close()
			delete(c.portals, m.Name)
		}
	default:
		return sqlerr.New(sqlerr.ProtocolViolation, "invalid CLOSE message subtype %d", m.ObjectType)
	}
	c.out.send(&pgproto3.CloseComplete{})
	return nil
}

// sendRows sends up to max rows (0 = all) and reports whether there are more.
func (c *conn) sendRows(ctx context.Context, po *portal, max int64) (more bool, err error) {
	cols := po.rows.Columns()
	if po.enc == nil && cols != nil {
		po.enc = encoders(cols, po.formats, c.sess)
	}
	for n := int64(0); ; {
		if po.batch == nil || po.next >= po.batch.Count() {
			po.batch, err = po.rows.Next(ctx)
			po.next = 0
			if err != nil {
				po.batch = nil
				return false, endOfRows(err)
			}
			continue
		}
		upto := po.batch.Count()
		if max > 0 && int64(upto-po.next) > max-n {
			upto = po.next + int(max-n)
		}
		n += int64(upto - po.next)
		if err := c.sendBatch(po, upto); err != nil {
			return false, err
		}
		if max > 0 && n >= max {
			return true, nil
		}
	}
}
