package pgwire

import (
	"encoding/binary"
	"errors"
	"io"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/server"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// encoder appends row i of a vector in a client format, without the length. The
// row is not NULL.
type encoder func(dst []byte, v *vector.Vector, i int) []byte

func endOfRows(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// sendBatch sends rows [po.next, upto) of the portal's batch as DataRows.
func (c *conn) sendBatch(po *portal, upto int) error {
	b := po.batch
	for ; po.next < upto; po.next++ {
		i := po.next
		if b.Sel != nil {
			i = int(b.Sel[i])
		}
		c.dataRow(po, b, i)
		if err := c.out.flushIfFull(); err != nil {
			return err
		}
	}
	return nil
}

// dataRow appends one DataRow message.
func (c *conn) dataRow(po *portal, b *vector.Batch, i int) {
	buf := c.out.buf
	start := len(buf)
	buf = append(buf, 'D', 0, 0, 0, 0)
	buf = binary.BigEndian.AppendUint16(buf, uint16(len(b.Cols)))
	for k, v := range b.Cols {
		at := len(buf)
		buf = append(buf, 0xff, 0xff, 0xff, 0xff) // NULL
		if v.IsNull(i) {
			continue
		}
		buf = po.enc[k](buf, v, i)
		binary.BigEndian.PutUint32(buf[at:], uint32(len(buf)-at-4))
	}
	binary.BigEndian.PutUint32(buf[start+1:], uint32(len(buf)-start-1))
	c.out.buf = buf
	po.sent++
}

// encoders chooses each column's encoder.
func encoders(cols []server.Column, formats []int16, sess *server.Session) []encoder {
	env := sess.ValueEnv()
	out := make([]encoder, len(cols))
	for i, col := range cols {
		if formatOf(formats, i) == 1 {
			out[i] = binaryEncoder(col.Type)
		} else if name := sess.ObjectNames(col.Type); name != nil {
			out[i] = number(name)
		} else {
			out[i] = textEncoder(col.Type, env)
		}
	}
	return out
}

// number makes an encoder from a typed append function.
func number[T any](f func(dst []byte, x T) []byte) encoder {
	return func(dst []byte, v *vector.Vector, i int) []byte {
		return f(dst, vector.Values[T](v.Base())[v.Index(i)])
	}
}

func rawBytes(dst []byte, v *vector.Vector, i int) []byte { return append(dst, v.Bytes(i)...) }

func textEncoder(t types.Type, env value.Env) encoder {
	switch t.Kind {
	case types.Int2:
		return number(func(dst []byte, x int16) []byte { return value.AppendInt(dst, int64(x)) })
	case types.Int4:
		return number(func(dst []byte, x int32) []byte { return value.AppendInt(dst, int64(x)) })
	case types.Int8:
		return number(value.AppendInt)
	case types.Numeric:
		scale := int(t.Scale)
		switch t.Storage() {
		case types.StoreInt64:
			return number(func(dst []byte, x int64) []byte { return value.AppendNumeric64(dst, x, scale) })
		case types.StoreInt128:
			return number(func(dst []byte, x value.Int128) []byte { return value.AppendFixed128(dst, x, scale) })
		}
		return number(value.AppendNumeric)
	case types.Date:
		return number(value.AppendDate)
	case types.Timestamp:
		return number(value.AppendTimestamp)
	case types.Text, types.Varchar, types.Char, types.Name, types.Unknown, types.JSON, types.JSONB:
		return rawBytes
	}
	return func(dst []byte, v *vector.Vector, i int) []byte { return value.AppendText(dst, v.Get(i), env) }
}

func binaryEncoder(t types.Type) encoder {
	switch t.Kind {
	case types.Int2:
		return number(func(dst []byte, x int16) []byte { return binary.BigEndian.AppendUint16(dst, uint16(x)) })
	case types.Int4:
		return number(func(dst []byte, x int32) []byte { return binary.BigEndian.AppendUint32(dst, uint32(x)) })
	case types.Int8:
		return number(func(dst []byte, x int64) []byte { return binary.BigEndian.AppendUint64(dst, uint64(x)) })
	case types.Date:
		return number(value.AppendDateBinary)
	case types.Timestamp, types.TimestampTZ:
		return number(value.AppendTimestampBinary)
	case types.Text, types.Varchar, types.Char, types.Name, types.Unknown, types.JSON, types.Bytea:
		return rawBytes
	}
	return func(dst []byte, v *vector.Vector, i int) []byte { return value.AppendBinary(dst, v.Get(i)) }
}

// clientOID is the type a client is told: unknown goes out as text.
func clientOID(t types.Type) uint32 {
	if t.Kind == types.Unknown {
		return types.Of(types.Text).OID()
	}
	return t.OID()
}

func clientSize(t types.Type) int16 {
	if t.Kind == types.Unknown {
		return -1
	}
	return t.Size()
}
