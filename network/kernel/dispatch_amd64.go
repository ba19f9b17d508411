package kernel

import (
	"os"

	"golang.org/x/sys/cpu"
)

// current is the path of all functions. Only tests change it.
var current = choose(os.Getenv("JOUST_KERNEL"), paths())

// paths are those that this processor has, the fastest last.
func paths() []path {
	have := []path{portable}
	x := cpu.X86
	if x.HasAVX2 && x.HasFMA && x.HasBMI2 {
		have = append(have, avx2)
		if x.HasAVX512F && x.HasAVX512DQ && x.HasAVX512BW && x.HasAVX512VL {
			have = append(have, avx512)
		}
	}
	return have
}
