// Command gen writes the assembly of package kernel, for AVX-512 and for AVX2
// with FMA, in float64 and float32: go generate ./network/kernel.
package main

import (
	"flag"
	"log"
)

func main() {
	dir := flag.String("dir", ".", "directory to write to")
	flag.Parse()
	if err := generate(*dir); err != nil {
		log.Fatal(err)
	}
}

// generate writes all files to a directory.
func generate(dir string) error {
	for _, family := range []struct {
		name  string
		write func(*file)
	}{
		{"gemm", gemm},
		{"conv", conv},
		{"vector", vector},
		{"rows", rows},
		{"reduce", reduce},
		{"transpose", transpose},
		{"peak", peak},
		{"elementwise", elementwise},
		{"convert", convert},
		{"lstm", lstm},
		{"activations", moreActivations},
		{"mdlstm", mdlstm},
		{"winograd", winograd},
	} {
		f := newFile(family.name)
		family.write(f)
		if err := f.write(dir); err != nil {
			return err
		}
	}
	return nil
}
