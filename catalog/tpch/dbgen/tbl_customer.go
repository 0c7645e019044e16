package dbgen

// Account balances lie between −999.99 and 9,999.99.
const (
	balanceLow  = -99999
	balanceSpan = 999999 - balanceLow + 1
)

var (
	customerNation  = stream{1489529863, 1}
	customerPhone   = stream{1521138112, 3}
	customerAddress = stream{881155353, addressDraws}
)

var customerTable = Table{
	Name: "customer", base: customerBase, rowsPerUnit: 1,
	Columns: []Column{
		{Name: "c_custkey", Kind: Int64, fill: fillKey, stats: unique(customerBase)},
		{Name: "c_name", Kind: Text, Length: 25, fill: fillNumbered("Customer#"), stats: keyName("Customer#")},
		{Name: "c_address", Kind: Text, Length: 40, fill: fillAddress(customerAddress), stats: wide(25)},
		{Name: "c_nationkey", Kind: Int32, fill: fillInt32(customerNation, 0, int64(len(nations))), stats: between(0, 24)},
		{Name: "c_phone", Kind: Text, Length: 15, Fixed: true, fill: fillPhone(customerPhone, customerNation), stats: wide(15)},
		{Name: "c_acctbal", Kind: Decimal, fill: fillCents(stream{298370230, 1}, balanceLow, balanceSpan), stats: between(-99999, 999999)},
		{Name: "c_mktsegment", Kind: Enum, Dict: marketSegments, Length: 10, Fixed: true,
			fill: fillInt32(stream{1140279430, 1}, 0, int64(len(marketSegments)))},
		{Name: "c_comment", Kind: Text, Length: 117, Pooled: true, fill: newComment(1335826707, 2, 73).fill, stats: wide(73)},
	},
}
