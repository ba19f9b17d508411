package kernel

import "unsafe"

// SoftmaxCrossEntropy is the loss of a classifier on a batch of logits
// z [classes][ld], of which n columns are examples, and its gradient:
//
//	losses[j] = -ln p[labels[j]]          with p[c] = e^(z[c][j]-max) / S
//	dz[c][j]  = scale * (p[c] - 1{c = labels[j]})
//
// where max is the largest logit of example j and S the sum of e^(z-max). dz has
// the leading dimension of z and must not overlap it; nil, it is left out, and
// the losses are the same. scale is 1/n for the gradient of the mean. There is at
// least one class; labels are from 0 to classes-1, and others panic. A logit of
// -Inf has probability 0; NaN, +Inf, or nothing but -Inf give NaN.
//
// Arithmetic: max and S go over the classes in order. The loss is
// ln(S) - (z[label]-max); with w = scale/S, dz is w*e, and for the label
// w*e - scale as a fused multiply-add.
func SoftmaxCrossEntropy[T Float](losses, dz, z []T, ld, classes, n int, labels []int32, scale T) {
	if n <= 0 {
		return
	}
	z = z[:(classes-1)*ld+n] // so that a label beyond the last class panics
	losses, labels = losses[:n], labels[:n]
	block := softmaxCrossEntropy[T]
	if current != portable && ld >= 0 && classes <= maxClasses {
		if dz != nil {
			_ = dz[:(classes-1)*ld+n]
		}
		block = softmaxCrossEntropyVector[T]
	}
	for j0 := 0; j0 < n; j0 += softmaxBlock {
		j1 := min(j0+softmaxBlock, n)
		block(losses[j0:j1], dz, z, j0, ld, classes, labels[j0:j1], scale)
	}
}

// softmaxBlock is how many examples go together: enough to walk along rows, and
// few enough for the stack.
const softmaxBlock = 32

// maxClasses is how many classes assembly takes a block of in one call, which
// cannot be preempted.
const maxClasses = 1 << 12

// softmaxCrossEntropy is [SoftmaxCrossEntropy] for the examples from column j0.
func softmaxCrossEntropy[T Float](losses, dz, z []T, j0, ld, classes int, labels []int32, scale T) {
	var maxBlock, sumBlock [softmaxBlock]T
	n := len(losses)
	maxes, sums := maxBlock[:n], sumBlock[:n]
	copy(maxes, z[j0:][:n])
	for c := 1; c < classes; c++ {
		for j, v := range z[c*ld+j0:][:n] {
			if v > maxes[j] {
				maxes[j] = v
			}
		}
	}
	for c := range classes {
		for j, v := range z[c*ld+j0:][:n] {
			e := exp(v - maxes[j])
			sums[j] += e
			if dz != nil {
				dz[c*ld+j0+j] = e
			}
		}
	}
	for j, label := range labels {
		losses[j] = log(sums[j]) - (z[int(label)*ld+j0+j] - maxes[j])
	}
	if dz == nil {
		return
	}
	w := sums
	for j, s := range sums {
		w[j] = scale / s
	}
	for c := range classes {
		for j := range dz[c*ld+j0:][:n] {
			i := c*ld + j0 + j
			if int(labels[j]) == c {
				dz[i] = fma(w[j], dz[i], -scale)
			} else {
				dz[i] *= w[j]
			}
		}
	}
}

// softmaxCrossEntropyVector is softmaxCrossEntropy in assembly.
func softmaxCrossEntropyVector[T Float](losses, dz, z []T, j0, ld, classes int, labels []int32, scale T) {
	var maxBlock, sumBlock, atBlock [softmaxBlock]T
	n := len(losses)
	maxes, sums, atLabel := maxBlock[:n], sumBlock[:n], atBlock[:n]
	stride := ld * int(unsafe.Sizeof(scale))
	var e *T
	if dz != nil {
		e = &dz[j0]
	}
	softmaxSums(&maxes[0], &sums[0], e, &z[j0], stride, classes, n)
	logVector(&losses[0], &sums[0], n)
	for j, label := range labels {
		losses[j] -= z[int(label)*ld+j0+j] - maxes[j]
	}
	if dz == nil {
		return
	}
	w := sums
	for j, s := range sums {
		w[j] = scale / s
		atLabel[j] = fma(w[j], dz[int(labels[j])*ld+j0+j], -scale)
	}
	scaleColumns(e, stride, classes, &w[0], n)
	for j, v := range atLabel {
		dz[int(labels[j])*ld+j0+j] = v
	}
}
