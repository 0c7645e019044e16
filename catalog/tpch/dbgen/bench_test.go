package dbgen

import "testing"

// benchmarkFill makes the named columns of a table at scale factor 1 and
// reports rows per second.
func benchmarkFill(b *testing.B, name string, columns ...string) {
	table, _ := Lookup(name)
	s := mustScale(b, 1)
	pool := NewTextPool(nil)
	warm := func() int {
		g, err := NewGenerator(table, s, 0, table.Units(s)/8, pool)
		if err != nil {
			b.Fatal(err)
		}
		vectors := make([]Vector, len(columns))
		rows := 0
		for n := g.Next(8192); n > 0; n = g.Next(8192) {
			for i, c := range columns {
				g.Fill(table.Column(c), &vectors[i])
			}
			rows += n
		}
		return rows
	}
	warm()
	b.ResetTimer()
	rows := 0
	for range b.N {
		rows += warm()
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds()/1e6, "Mrows/s")
}

// lineNumeric is every column of lineitem but the strings.
var lineNumeric = []string{
	"l_orderkey", "l_partkey", "l_suppkey", "l_linenumber", "l_quantity", "l_extendedprice", "l_discount", "l_tax",
	"l_shipdate", "l_commitdate", "l_receiptdate",
}

var lineEnums = []string{"l_returnflag", "l_linestatus", "l_shipinstruct", "l_shipmode"}

func BenchmarkLineitemNumeric(b *testing.B) { benchmarkFill(b, "lineitem", lineNumeric...) }

func BenchmarkLineitemWithoutComment(b *testing.B) {
	benchmarkFill(b, "lineitem", append(lineEnums[:4:4], lineNumeric...)...)
}

func BenchmarkLineitemAll(b *testing.B) {
	benchmarkFill(b, "lineitem", append(append(lineEnums[:4:4], lineNumeric...), "l_comment")...)
}

// BenchmarkLineitemQ6 and Q1 fill what those queries read.
func BenchmarkLineitemQ6(b *testing.B) {
	benchmarkFill(b, "lineitem", "l_quantity", "l_extendedprice", "l_discount", "l_shipdate")
}

func BenchmarkLineitemQ1(b *testing.B) {
	benchmarkFill(b, "lineitem", "l_quantity", "l_extendedprice", "l_discount", "l_tax", "l_returnflag", "l_linestatus", "l_shipdate")
}

// BenchmarkColumn measures every column alone.
func BenchmarkColumn(b *testing.B) {
	for _, t := range Tables()[:6] {
		for i := range t.Columns {
			b.Run(t.Columns[i].Name, func(b *testing.B) { benchmarkFill(b, t.Name, t.Columns[i].Name) })
		}
	}
}
