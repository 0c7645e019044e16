package value

// Round returns a rounded to n decimals, halves away from zero; n < 0 rounds
// before the point. The display scale is max(n, 0).
func (a Numeric) Round(n int) (Numeric, error) { return a.rescale(n, Int128.ScaleDown) }

// Trunc returns a truncated toward zero to n decimals; n < 0 truncates before
// the point. The display scale is max(n, 0).
func (a Numeric) Trunc(n int) (Numeric, error) { return a.rescale(n, Int128.ScaleDownTrunc) }

// maxResultScale is PostgreSQL's NUMERIC_MAX_RESULT_SCALE.
const maxResultScale = 2000

func (a Numeric) rescale(n int, down func(Int128, int) Int128) (Numeric, error) {
	if a.Kind != Finite {
		return a, nil
	}
	n = min(max(n, -maxResultScale), maxResultScale)
	drop := int(a.Scale) - n
	c := a.Coef
	if drop >= 0 {
		c = down(c, drop)
	} else {
		var overflow bool
		if c, overflow = c.ScaleUp(-drop); overflow {
			return Numeric{}, ErrNumericOverflow()
		}
	}
	if n < 0 {
		var overflow bool
		if c, overflow = c.ScaleUp(-n); overflow {
			return Numeric{}, ErrNumericOverflow()
		}
		n = 0
	}
	return finite(c, n)
}

// Ceil returns the least integer not below a.
func (a Numeric) Ceil() Numeric { return a.toIntegral(1) }

// Floor returns the greatest integer not above a.
func (a Numeric) Floor() Numeric { return a.toIntegral(-1) }

// toIntegral drops the decimals and steps away from zero in one direction.
func (a Numeric) toIntegral(direction int) Numeric {
	if a.Kind != Finite {
		return a
	}
	if int(a.Scale) > MaxDigits {
		if a.Coef.Sign() == direction {
			return NumericFromInt64(int64(direction))
		}
		return Numeric{}
	}
	q, r := a.Coef.DivMod(Pow10Int128[a.Scale])
	if r.Sign() == direction {
		q = q.AddInt64(int64(direction))
	}
	return Numeric{Coef: q}
}

// TrimScale returns a without trailing zeros after the point.
func (a Numeric) TrimScale() Numeric {
	if a.Kind != Finite {
		return a
	}
	return a.Normalize()
}

// MinScale returns the fewest decimals that hold a exactly.
func (a Numeric) MinScale() int { return int(a.Normalize().Scale) }

// Signum returns -1, 0 or 1 as a numeric; NaN stays NaN.
func (a Numeric) Signum() Numeric {
	if a.Kind == NaN {
		return a
	}
	return NumericFromInt64(int64(a.Sign()))
}
