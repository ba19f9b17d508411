package kernel

// Mix is a hash of key and v, 64 bits of which each depends on every bit of both:
// the finalizer of SplitMix64 (Steele, Lea & Flood 2014,
// doi:10.1145/2660193.2660195) of number v of the sequence that begins at key.
// Numbers from one key, counted by v, are a random stream.
func Mix(key, v uint64) uint64 {
	z := key + (v+1)*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// DropoutParts is what the probability of a [Dropout] is counted in.
const DropoutParts = 1 << 16

// Dropout is dst[j] = 0 with a probability of drop in [DropoutParts], less than
// all of them, and src[j] times the inverse of the probability of anything else,
// over the length of dst, which may be src. The choice for j is a function of key
// and first+j: columns may be computed in parts, and in any order. A number that
// is not finite and dropped is NaN.
//
// Arithmetic: element i = first+j is dropped if bits 16*(i mod 4) to 16*(i mod 4)
// + 15 of [Mix] of key and i/4 are a number less than drop; it is multiplied with
// DropoutParts / (DropoutParts - drop), or 0.
func Dropout[T Float](dst, src []T, key uint64, first int, drop uint64) {
	src = src[:len(dst)]
	factor := [2]T{T(DropoutParts) / T(DropoutParts-drop), 0} // indexed by whether it is less
	i, j := uint64(first), 0
	for ; j < len(dst) && i%4 != 0; i, j = i+1, j+1 {
		dst[j] = src[j] * factor[(Mix(key, i/4)>>(16*(i%4))&0xffff-drop)>>63]
	}
	for ; j+4 <= len(dst); i, j = i+4, j+4 {
		bits := Mix(key, i/4)
		d, s := dst[j:][:4:4], src[j:][:4:4]
		d[0] = s[0] * factor[(bits&0xffff-drop)>>63]
		d[1] = s[1] * factor[(bits>>16&0xffff-drop)>>63]
		d[2] = s[2] * factor[(bits>>32&0xffff-drop)>>63]
		d[3] = s[3] * factor[(bits>>48-drop)>>63]
	}
	for ; j < len(dst); i, j = i+1, j+1 {
		dst[j] = src[j] * factor[(Mix(key, i/4)>>(16*(i%4))&0xffff-drop)>>63]
	}
}
