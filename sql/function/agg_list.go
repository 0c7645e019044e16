package function

import (
	"slices"

	"github.com/flintsql/flint/sql/types"
)

// aggregates lists every overload of every aggregate function.
var aggregates = slices.Concat(
	[]Agg{
		{Name: "count", Result: tInt8, State: countState, New: newCount},
		{Name: "count", Args: sig(anyType), Result: tInt8, State: countState, New: newCount},

		{Name: "sum", Args: sig(tInt2), Result: tInt8, State: intState, New: newSumInt},
		{Name: "sum", Args: sig(tInt4), Result: tInt8, State: intState, New: newSumInt},
		{Name: "sum", Args: sig(tInt8), Result: tNumeric, State: wideState, New: newSumWide},
		{Name: "sum", Args: sig(tNumeric), Infer: sumType, Result: tNumeric, State: numericState, New: newSumNumeric},
		{Name: "sum", Args: sig(tFloat4), Result: tFloat4, State: floatState, New: newSumFloat, OrderSensitive: true},
		{Name: "sum", Args: sig(tFloat8), Result: tFloat8, State: floatState, New: newSumFloat, OrderSensitive: true},
		{Name: "sum", Args: sig(tInterval), Result: tInterval, State: intervalState, New: newSumInterval},

		{Name: "avg", Args: sig(tInt2), Result: tNumeric, State: intState, New: newAvgInt},
		{Name: "avg", Args: sig(tInt4), Result: tNumeric, State: intState, New: newAvgInt},
		{Name: "avg", Args: sig(tInt8), Result: tNumeric, State: wideState, New: newAvgWide},
		{Name: "avg", Args: sig(tNumeric), Result: tNumeric, State: numericState, New: newAvgNumeric},
		{Name: "avg", Args: sig(tFloat4), Result: tFloat8, State: floatState, New: newAvgFloat, OrderSensitive: true},
		{Name: "avg", Args: sig(tFloat8), Result: tFloat8, State: floatState, New: newAvgFloat, OrderSensitive: true},
		{Name: "avg", Args: sig(tInterval), Result: tInterval, State: intervalState, New: newAvgInterval},

		{Name: "bool_and", Args: sig(tBool), Result: tBool, State: sameState, New: newMin, IgnoresDuplicates: true},
		{Name: "every", Args: sig(tBool), Result: tBool, State: sameState, New: newMin, IgnoresDuplicates: true},
		{Name: "bool_or", Args: sig(tBool), Result: tBool, State: sameState, New: newMax, IgnoresDuplicates: true},
		{Name: "any_value", Args: sig(anyElement), Infer: typeOfFirst, State: sameState, New: newAnyValue, OrderSensitive: true, IgnoresDuplicates: true},

		{Name: "string_agg", Args: sig(tText, tText), Result: tText, State: stringAggState, New: newStringAgg, OrderSensitive: true},
		{Name: "string_agg", Args: sig(tBytea, tBytea), Result: tBytea, State: stringAggState, New: newStringAgg, OrderSensitive: true},
		{Name: "array_agg", Args: sig(anyElement), Infer: arrayResult, State: arrayState, New: newArrayAgg, OrderSensitive: true},

		{Name: "approx_count_distinct", Args: sig(anyType), Result: tInt8, State: sketchState, New: newApproxDistinct, IgnoresDuplicates: true},
		{Name: ColumnSketch, Args: sig(anyType), Result: tBytea, State: sketchState, New: newColumnSketch, OrderSensitive: true},

		{Name: "percentile_disc", Args: sig(tFloat8, anyElement), Infer: typeOfSecond, State: percentileState, New: newPercentileDisc},
		{Name: "percentile_cont", Args: sig(tFloat8, tFloat8), Result: tFloat8, State: percentileState, New: newPercentileCont},
		{Name: "mode", Args: sig(anyElement), Infer: typeOfFirst, State: arrayState, New: newMode},
	},
	overloads(Agg{Name: "min", Infer: typeOfFirst, State: sameState, New: newMin, IgnoresDuplicates: true}, sortableTypes),
	overloads(Agg{Name: "max", Infer: typeOfFirst, State: sameState, New: newMax, IgnoresDuplicates: true}, sortableTypes),
	overloads(Agg{Name: "bit_and", Infer: typeOfFirst, State: sameState, New: newBits('&'), IgnoresDuplicates: true}, integerTypes),
	overloads(Agg{Name: "bit_or", Infer: typeOfFirst, State: sameState, New: newBits('|'), IgnoresDuplicates: true}, integerTypes),
	overloads(Agg{Name: "bit_xor", Infer: typeOfFirst, State: sameState, New: newBits('^')}, integerTypes),
	variances("var_samp", true, false, statVarSamp),
	variances("variance", true, false, statVarSamp),
	variances("var_pop", false, false, statVarPop),
	variances("stddev_samp", true, true, statStdSamp),
	variances("stddev", true, true, statStdSamp),
	variances("stddev_pop", false, true, statStdPop),
	[]Agg{
		{Name: "regr_count", Args: sig(tFloat8, tFloat8), Result: tInt8, State: countState, New: newRegrCount},
		bivariate("corr", statCorr), bivariate("covar_pop", statCovarPop), bivariate("covar_samp", statCovarSamp),
		bivariate("regr_sxx", statSXX), bivariate("regr_syy", statSYY), bivariate("regr_sxy", statSXY),
		bivariate("regr_avgx", statAvgX), bivariate("regr_avgy", statAvgY), bivariate("regr_slope", statSlope),
		bivariate("regr_intercept", statIntercept), bivariate("regr_r2", statR2),
	},
)

var (
	integerTypes  = sig(tInt2, tInt4, tInt8)
	sortableTypes = sig(tInt2, tInt4, tInt8, tFloat4, tFloat8, tNumeric, tText, tChar, tBytea, tDate, tTime,
		tTimestamp, tTimestampTZ, tInterval, tUUID, tOID, anyArray)
)

func countState([]types.Type) []types.Type { return sig(tInt8) }

func typeOfFirst(args []types.Type) types.Type  { return args[0] }
func typeOfSecond(args []types.Type) types.Type { return args[1] }

// overloads makes one overload of an aggregate for each type.
func overloads(a Agg, ts []types.Type) []Agg {
	out := make([]Agg, len(ts))
	for i, t := range ts {
		out[i] = a
		out[i].Args = sig(t)
	}
	return out
}

func variances(name string, sample, root bool, stat func(*moments) (float64, bool)) []Agg {
	exact := Agg{Name: name, Result: tNumeric, State: varianceState, New: newVariance(sample, root)}
	out := overloads(exact, sig(tInt2, tInt4, tInt8, tNumeric))
	return append(out, Agg{Name: name, Args: sig(tFloat8), Result: tFloat8, State: momentsState,
		New: newMoments(false, stat), OrderSensitive: true})
}

func bivariate(name string, stat func(*moments) (float64, bool)) Agg {
	return Agg{Name: name, Args: sig(tFloat8, tFloat8), Result: tFloat8, State: momentsState,
		New: newMoments(true, stat), OrderSensitive: true}
}
