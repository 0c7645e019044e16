package slt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// LoadTables copies tables of a schema from one server into another, with an
// index on each key column, unless the schema is already there.
func LoadTables(ctx context.Context, from, to *pgconn.PgConn, schema string, tables []string) error {
	res, err := send(ctx, to, Simple, "SELECT 1 FROM pg_namespace WHERE nspname = '"+schema+"'", 0)
	if err != nil || len(res.Rows) > 0 {
		return err
	}
	if _, err := send(ctx, to, Simple, "CREATE SCHEMA "+schema, 0); err != nil {
		return err
	}
	for _, t := range tables {
		if err := loadTable(ctx, from, to, schema+"."+t); err != nil {
			return fmt.Errorf("load %s: %w", t, err)
		}
	}
	_, err = send(ctx, to, Simple, "ANALYZE", 0)
	return err
}

func loadTable(ctx context.Context, from, to *pgconn.PgConn, table string) error {
	res, err := send(ctx, from, Simple, "SELECT * FROM "+table, 0)
	if err != nil {
		return err
	}
	var cols []string
	for _, f := range res.FieldDescriptions {
		typ, err := send(ctx, to, Simple, fmt.Sprintf("SELECT format_type(%d, %d)", f.DataTypeOID, f.TypeModifier), 0)
		if err != nil {
			return err
		}
		cols = append(cols, f.Name+" "+string(typ.Rows[0][0]))
	}
	if _, err := send(ctx, to, Simple, "CREATE TABLE "+table+" ("+strings.Join(cols, ", ")+")", 0); err != nil {
		return err
	}
	var data bytes.Buffer
	esc := strings.NewReplacer(`\`, `\\`, "\t", `\t`, "\n", `\n`)
	for _, row := range res.Rows {
		for i, v := range row {
			if i > 0 {
				data.WriteByte('\t')
			}
			if v == nil {
				data.WriteString(`\N`)
				continue
			}
			data.WriteString(esc.Replace(string(v)))
		}
		data.WriteByte('\n')
	}
	if _, err = to.CopyFrom(ctx, &data, "COPY "+table+" FROM STDIN"); err != nil {
		return err
	}
	for _, f := range res.FieldDescriptions {
		if strings.HasSuffix(f.Name, "key") {
			if _, err := send(ctx, to, Simple, "CREATE INDEX ON "+table+" ("+f.Name+")", 0); err != nil {
				return err
			}
		}
	}
	return nil
}

// Generate rewrites a file's expectations to what PostgreSQL answers. Records
// that do not apply to PostgreSQL stay; a query that fails there is reported, and stays.
func Generate(ctx context.Context, conn *pgx.Conn, path string) error {
	records, err := Parse(path)
	if err != nil {
		return err
	}
	var out strings.Builder
	var failed []error
	for i := range records {
		r := &records[i]
		if r.SQL != "" && r.Applies([]string{"postgres"}) {
			if err := r.generate(ctx, conn.PgConn()); err != nil {
				failed = append(failed, fmt.Errorf("%s:%d: %s\n%w", path, r.Line, r.SQL, err))
			}
		}
		out.WriteString(r.String())
	}
	if err := os.WriteFile(path, []byte(out.String()), 0o644); err != nil {
		return err
	}
	return errors.Join(failed...)
}

func (r *Record) generate(ctx context.Context, c *pgconn.PgConn) error {
	res, err := send(ctx, c, Extended, r.SQL, 0)
	var pg *pgconn.PgError
	switch {
	case err == nil && r.Error:
		return errors.New("PostgreSQL gives no error")
	case err == nil && r.Query:
		if r.Want = Lines(res); r.Sorted {
			r.Want = sorted(r.Want)
		}
		return nil
	case err == nil:
		return nil
	case !errors.As(err, &pg) || !r.Error:
		return err
	}
	r.Code, r.Position, r.Want = pg.Code, int(pg.Position), []string{escape(pg.Message)}
	return nil
}
