package main

import (
	"context"
	"fmt"
)

// genMicroCmd writes the generated tables of the suite micro.
type genMicroCmd struct {
	Rows int64  `default:"20000000" help:"Rows of each table. The columns' names say how many groups 20 million rows have."`
	Out  string `required:"" help:"Folder to write to." placeholder:"DIR"`
}

// encoded has a column an encoding.
type encoded struct {
	IntPlain  int64   `parquet:"i_plain,plain"`
	IntDict   int64   `parquet:"i_dict,dict"`
	IntDelta  int64   `parquet:"i_delta,delta"`
	IntNull   *int64  `parquet:"i_null,plain,optional"`
	FltPlain  float64 `parquet:"f_plain,plain"`
	FltSplit  float64 `parquet:"f_split,split"`
	TextPlain string  `parquet:"s_plain,plain"`
	TextDict  string  `parquet:"s_dict,dict"`
	TextDelta string  `parquet:"s_delta,delta"`
}

// keys has a column a number of groups: k… in random order, c… with equal
// values next to each other, z by Zipf's law.
type keys struct {
	K4     int32  `parquet:"k4,plain"`
	K100K  int32  `parquet:"k100k,plain"`
	K4M    int64  `parquet:"k4m,plain"`
	K10M   int64  `parquet:"k10m,plain"`
	C4M    int64  `parquet:"c4m,plain"`
	C10M   int64  `parquet:"c10m,plain"`
	Z      int64  `parquet:"z,plain"`
	Text1M string `parquet:"t1m,plain"`
	V      int64  `parquet:"v,plain"`
}

// small is a table of one row for each of 1,000 values of a key.
type small struct {
	ID   int64  `parquet:"id"`
	Name string `parquet:"name"`
}

// Run writes the tables.
func (c *genMicroCmd) Run(ctx context.Context) error {
	n := c.Rows
	nulls := make([]int64, 8192)
	r := newRandom(1)
	err := writeTable(ctx, c.Out, "encodings", n, func(i int64, row *encoded) {
		x := scatter(uint64(i))
		*row = encoded{IntPlain: int64(x >> 20), IntDict: int64(x % 1000), IntDelta: i*3 + int64(x%3), FltPlain: r.NormFloat64(),
			FltSplit: float64(x%100000) / 100, TextPlain: fmt.Sprintf("plain text %d", x%50_000_000),
			TextDict: fmt.Sprintf("entry %d", x%2000), TextDelta: fmt.Sprintf("2024-%09d", i)}
		if x%10 != 0 {
			nulls[i%8192] = int64(x % 1_000_000)
			row.IntNull = &nulls[i%8192]
		}
	})
	if err != nil {
		return err
	}
	r = newRandom(2)
	err = writeTable(ctx, c.Out, "groups", n, func(i int64, row *keys) {
		x := scatter(uint64(i))
		*row = keys{K4: int32(x % 4), K100K: int32(x % 100_000), K4M: wide(x % uint64(n/5+1)), K10M: wide(x % uint64(n/2+1)),
			C4M: wide(uint64(i / 5)), C10M: wide(uint64(i / 2)), Z: r.rank(n / 10), Text1M: fmt.Sprintf("key %d", x%uint64(n/20+1)), V: int64(x >> 44)}
	})
	if err != nil {
		return err
	}
	return writeTable(ctx, c.Out, "small", 1000, func(i int64, row *small) {
		*row = small{ID: i, Name: fmt.Sprintf("name %d", i)}
	})
}

// wide spreads keys over 48 bits, so that no array over their range holds them.
func wide(x uint64) int64 { return int64(scatter(x) >> 16) }
