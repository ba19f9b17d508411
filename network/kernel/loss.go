package kernel

import "unsafe"

// BinaryCrossEntropy is the loss of n logits z against targets t from 0 to 1,
// and its gradient:
//
//	losses[j] = ln(1+e^z) - t*z
//	dz[j]     = scale * (sigmoid(z) - t)
//
// dz may be z; nil, it is left out. Both keep their digits where the target is
// 0 or 1 and the logit is far on its side, and have their limits at +-Inf.
//
// Arithmetic: with a = |z|, e = e^-a, and u = 1-t for z >= 0, t for z < 0, the
// loss is u*a + ln(1+e), fused, where u*a is 0 if u is. With v = e/(1+e), dz is
// scale*(u-v) for z >= 0 and scale*(v-u) for z < 0.
func BinaryCrossEntropy[T Float](losses, dz, z []T, n int, targets []T, scale T) {
	if current != portable && n > 0 {
		losses, z, targets = losses[:n], z[:n], targets[:n]
		if dz != nil {
			dz = dz[:n]
		}
		for j := 0; j < n; j += chunk / 2 {
			var d *T
			if dz != nil {
				d = &dz[j]
			}
			binaryVector(&losses[j], d, &z[j], &targets[j], scale, min(chunk/2, n-j))
		}
		return
	}
	for j := range n {
		a, u := z[j], 1-targets[j]
		negative := a < 0
		if negative {
			a, u = -a, targets[j]
		}
		e := exp(-a)
		if u == 0 {
			a = 0 // or an infinite logit would give NaN
		}
		losses[j] = fma(u, a, log1p(e))
		if dz == nil {
			continue
		}
		v := e / (1 + e)
		d := u - v
		if negative {
			d = v - u
		}
		dz[j] = scale * d
	}
}

// SquaredError is the loss of a regression, z [out][ld] with n columns against
// targets [out][ldt], and its gradient, by example:
//
//	losses[j] = mean over c < out of (z[c][j] - t[c][j])^2
//	dz[c][j]  = scale * 2 * (z[c][j] - t[c][j]) / out
//
// dz has the leading dimension of z, and may be z; nil, it is left out. out is
// at least 1.
//
// Arithmetic: with d = z - t, the squares are added to +0 over c in order, each
// with a fused multiply-add, and the sum divided by out; dz is ((2*scale)/out)*d.
func SquaredError[T Float](losses, dz, z []T, ld, out, n int, targets []T, ldt int, scale T) {
	if n <= 0 {
		return
	}
	losses = losses[:n]
	g := 2 * scale / T(out)
	if current != portable && out > 0 && out <= maxOutputs {
		matrixEnd(z, ld, out, n)
		matrixEnd(targets, ldt, out, n)
		if dz != nil {
			matrixEnd(dz, ld, out, n)
		}
		size, columns := int(unsafe.Sizeof(scale)), max(squaredBlock, chunk/out)
		for j := 0; j < n; j += columns {
			var d *T
			if dz != nil {
				d = &dz[j]
			}
			squaredColumns(&losses[j], d, &z[j], ld*size, out, min(columns, n-j), &targets[j], ldt*size, g, T(out))
		}
		return
	}
	clear(losses)
	for c := range out {
		t := row(targets, c, ldt, n)
		for j, v := range row(z, c, ld, n) {
			d := v - t[j]
			losses[j] = fma(d, d, losses[j])
			if dz != nil {
				dz[c*ld+j] = g * d
			}
		}
	}
	for j := range losses {
		losses[j] /= T(out)
	}
}

// Assembly takes at least so many columns in one call, which cannot be preempted,
// and so at most so many rows.
const (
	squaredBlock = 32
	maxOutputs   = 1 << 11
)
