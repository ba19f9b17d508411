package stats

import "math"

// Wilson is the score interval of a proportion of which k of n trials are an
// estimate (Wilson 1927, doi:10.1080/01621459.1927.10502953). Unlike the
// interval of the normal approximation it says something useful at k = 0 and k = n
// (Brown, Cai & DasGupta 2001, doi:10.1214/ss/1009213286). No trials give no
// interval.
func Wilson(k, n int, level float64) Interval {
	if n == 0 {
		return Interval{math.NaN(), math.NaN()}
	}
	z := math.Sqrt2 * math.Erfinv(level)
	p, m := float64(k)/float64(n), float64(n)
	centre := p + z*z/(2*m)
	half := z * math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	scale := 1 + z*z/m
	ends := Interval{(centre - half) / scale, (centre + half) / scale}
	// At the ends of the range the two terms cancel exactly in theory and
	// leave a rounding error in practice.
	if k == 0 {
		ends.Lo = 0
	}
	if k == n {
		ends.Hi = 1
	}
	return ends
}
