package data

import (
	"fmt"
	"math"
)

// Standardise shifts and scales every column of X, in place, so that it has
// mean 0 and variance 1 on the training part. The other parts, which have the
// same columns, are treated with the same numbers and have no influence on
// them: what is known of the test data at this point is nothing.
//
// A column that is constant on the training part becomes 0 everywhere. A
// missing value, NaN, has no influence either and becomes 0, which is to fill
// it in with the mean of the training part.
func Standardise(train Set, others ...Set) {
	if train.N == 0 {
		return
	}
	d := len(train.X) / train.N
	for j := range d {
		z := moments(train.X[j:], d)
		z.apply(train.X[j:], d)
		for _, o := range others {
			if o.N > 0 {
				z.apply(o.X[j:], d)
			}
		}
	}
}

// StandardiseTarget is [Standardise] for Y. It returns the mean and standard
// deviation of the training targets: an error of the standardised target times
// std is one in the target's unit. Training targets that are all equal are an
// error.
func StandardiseTarget(train Set, others ...Set) (mean, std float64, err error) {
	z := moments(train.Y, 1)
	if z.std == 0 {
		return 0, 0, fmt.Errorf("the target is %g in all %d training examples, want at least two different values: more examples, or smaller parts for testing and validation", z.mean, train.N)
	}
	z.apply(train.Y, 1)
	for _, o := range others {
		z.apply(o.Y, 1)
	}
	return z.mean, z.std, nil
}

// A scaling is z = (x - mean)/std, or 0 if std is 0.
type scaling struct{ mean, std float64 }

// negligible is the spread of a column, relative to its largest value, at or
// below which its differences are taken for rounding errors of a constant.
const negligible = 1e-12

// moments returns the mean and standard deviation (with divisor n) of every
// stride-th value of x but NaNs. The std is 0 if they are all equal, or none.
func moments(x []float64, stride int) scaling {
	low, high := math.Inf(1), math.Inf(-1)
	sum, n := 0.0, 0.0
	for i := 0; i < len(x); i += stride {
		if v := x[i]; v == v {
			low, high = min(low, v), max(high, v)
			sum += v
			n++
		}
	}
	switch {
	case n == 0:
		return scaling{}
	case high-low <= negligible*max(math.Abs(low), math.Abs(high)):
		return scaling{mean: low} // exactly, which sum/n may miss
	}
	// Deviations are taken in units of the range, or the squares of small ones
	// would round to 0.
	mean, spread := sum/n, high-low
	squares := 0.0
	for i := 0; i < len(x); i += stride {
		if v := x[i]; v == v {
			e := (v - mean) / spread
			squares += float64(e * e)
		}
	}
	return scaling{mean, spread * math.Sqrt(squares/n)}
}

func (z scaling) apply(x []float64, stride int) {
	for i := 0; i < len(x); i += stride {
		if v := x[i]; v == v && z.std > 0 {
			x[i] = (v - z.mean) / z.std
		} else {
			x[i] = 0
		}
	}
}
