package write

import (
	"bufio"
	"encoding/binary"
	"os"
	"path/filepath"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

const (
	magic = "PAR1"
	// dictionaryFirst marks, until the chunk is placed in a file, that its
	// first page is a dictionary; no chunk starts at this offset.
	dictionaryFirst = -1
)

// rowGroup is the encoded chunks of one row group, in column order.
type rowGroup struct {
	rows   int
	chunks []*chunk
}

// file writes one Parquet file under a hidden temporary name.
type file struct {
	path    string // final name
	columns []*column
	f       *os.File
	w       *bufio.Writer
	at      int64
	meta    format.FileMetaData
	chunks  []*chunk // of all row groups, their bytes dropped
}

// createFile starts a file that appears as path when finish succeeds.
func createFile(path string, columns []*column) (*file, error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return nil, err
	}
	out := &file{path: path, columns: columns, f: f, w: bufio.NewWriterSize(f, 1<<18)}
	out.meta = format.FileMetaData{Version: 2, CreatedBy: "flint"}
	children := int32(len(columns))
	out.meta.Schema = append(out.meta.Schema, format.SchemaElement{
		Name: "schema", NumChildren: thrift.New(children), RepetitionType: thrift.New(format.Required),
	})
	for _, c := range columns {
		out.meta.Schema = append(out.meta.Schema, c.element())
		out.meta.ColumnOrders = append(out.meta.ColumnOrders, format.ColumnOrder{Value: &format.TypeDefinedOrder{}})
	}
	return out, out.write([]byte(magic))
}

func (f *file) write(b []byte) error {
	n, err := f.w.Write(b)
	f.at += int64(n)
	return err
}

// append adds a row group and moves its chunks' offsets to where they lie.
func (f *file) append(g *rowGroup) error {
	out := format.RowGroup{NumRows: int64(g.rows), Ordinal: int16(len(f.meta.RowGroups)), FileOffset: f.at}
	f.meta.NumRows += int64(g.rows)
	for _, c := range g.chunks {
		c.meta.DataPageOffset += f.at
		if c.meta.DictionaryPageOffset == dictionaryFirst {
			c.meta.DictionaryPageOffset = f.at
		}
		for i := range c.offset.PageLocations {
			c.offset.PageLocations[i].Offset += f.at
		}
		out.TotalByteSize += c.meta.TotalUncompressedSize
		out.TotalCompressedSize += c.meta.TotalCompressedSize
		out.Columns = append(out.Columns, format.ColumnChunk{FileOffset: f.at, MetaData: c.meta})
		if err := f.write(c.data); err != nil {
			return err
		}
		c.data = nil
		f.chunks = append(f.chunks, c)
	}
	f.meta.RowGroups = append(f.meta.RowGroups, out)
	return nil
}

// finish writes the page indexes and the footer, syncs, and gives the file its
// name, replacing what had it before.
func (f *file) finish() error {
	// First all column indexes, then all offset indexes: readers that fetch
	// either kind with one read rely on it.
	for i, c := range f.chunks {
		n, err := f.writeThrift(&c.column)
		if err != nil {
			return err
		}
		entry := f.entry(i)
		entry.ColumnIndexOffset, entry.ColumnIndexLength = f.at-int64(n), int32(n)
	}
	for i, c := range f.chunks {
		n, err := f.writeThrift(&c.offset)
		if err != nil {
			return err
		}
		entry := f.entry(i)
		entry.OffsetIndexOffset, entry.OffsetIndexLength = f.at-int64(n), int32(n)
	}
	n, err := f.writeThrift(&f.meta)
	if err != nil {
		return err
	}
	if err := f.write(append(binary.LittleEndian.AppendUint32(nil, uint32(n)), magic...)); err != nil {
		return err
	}
	if err := f.w.Flush(); err != nil {
		return err
	}
	if err := f.f.Chmod(0o644); err != nil {
		return err
	}
	if err := f.f.Sync(); err != nil {
		return err
	}
	if err := f.f.Close(); err != nil {
		return err
	}
	return os.Rename(f.f.Name(), f.path)
}

// entry returns the footer's entry of chunk i.
func (f *file) entry(i int) *format.ColumnChunk {
	return &f.meta.RowGroups[i/len(f.columns)].Columns[i%len(f.columns)]
}

func (f *file) writeThrift(v any) (int, error) {
	b, err := thrift.Marshal(&thrift.CompactProtocol{}, v)
	if err != nil {
		return 0, err
	}
	return len(b), f.write(b)
}

// abandon closes and removes the temporary file, if it still has that name.
func (f *file) abandon() {
	_ = f.f.Close()
	_ = os.Remove(f.f.Name())
}
