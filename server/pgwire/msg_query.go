package pgwire

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/flintsql/flint/server"
)

// simpleQuery answers a Query message: each statement of the text in turn, up to
// the first error.
func (c *conn) simpleQuery(text string) error {
	delete(c.sess.Statements, "") // as PostgreSQL: it shares the place
	err := c.runAll(text)
	if err != nil {
		var broken *writeError
		if errors.As(err, &broken) || errors.Is(err, errShutdown) {
			return err
		}
		c.sess.Failed()
		c.notices()
		c.sendError(err)
	}
	c.sess.EndImplicit()
	if !c.sess.InTransaction() {
		c.closePortals()
	}
	return c.ready()
}

func (c *conn) runAll(text string) error {
	stmts, err := server.Split(text)
	if err != nil {
		return err
	}
	empty := true
	for _, st := range stmts {
		ran, err := c.runText(st)
		if err != nil {
			return err
		}
		empty = empty && !ran
	}
	if empty {
		c.out.send(&pgproto3.EmptyQueryResponse{})
	}
	return nil
}

// runText runs one statement of a simple query and sends all it gives.
func (c *conn) runText(st server.Text) (ran bool, err error) {
	c.runs("active", st.SQL)
	err = c.statement(func(ctx context.Context) error {
		p, err := c.sess.Prepare(ctx, st, nil)
		if err != nil || p.Empty() {
			return err
		}
		ran = true
		rows, err := c.sess.Run(ctx, p, nil)
		if err != nil {
			return err
		}
		defer rows.Close()
		po := &portal{prepared: p, rows: rows}
		if cols := rows.Columns(); cols != nil {
			c.out.send(rowDescription(cols, nil))
		}
		if _, err := c.sendRows(ctx, po, 0); err != nil {
			return err
		}
		c.notices()
		c.out.send(&pgproto3.CommandComplete{CommandTag: []byte(rows.Tag())})
		return nil
	})
	return ran, err
}

func rowDescription(cols []server.Column, formats []int16) *pgproto3.RowDescription {
	d := &pgproto3.RowDescription{}
	for i, col := range cols {
		d.Fields = append(d.Fields, pgproto3.FieldDescription{
			Name: []byte(col.Name), DataTypeOID: clientOID(col.Type), DataTypeSize: clientSize(col.Type),
			TypeModifier: col.Typmod, Format: formatOf(formats, i), TableOID: col.TableOID, TableAttributeNumber: col.Attribute,
		})
	}
	return d
}

// formatOf is the format code of column i: none given means text, one is for
// all.
func formatOf(formats []int16, i int) int16 {
	switch {
	case len(formats) == 0:
		return 0
	case len(formats) == 1:
		return formats[0]
	case i < len(formats):
		return formats[i]
	}
	return 0
}
