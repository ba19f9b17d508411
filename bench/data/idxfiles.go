package data

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// An IDXPair names the files of images and of labels that belong together.
type IDXPair struct{ Images, Labels string }

const (
	imagesSuffix = "images-idx3-ubyte"
	labelsSuffix = "labels-idx1-ubyte"
)

// FindIDX finds the IDX files that path stands for: a file of images, whose
// labels are in the file of the same name with labels-idx1 in place of
// images-idx3, or a directory of such pairs, compressed or not. A directory
// has one pair, or two, of which that with a name that begins with t10k or
// test is the test data, as it is in MNIST.
//
// If labels is not empty, path is the file of images and labels that of
// labels, whatever they are called. The second result has empty names if there
// are no test data.
func FindIDX(path, labels string) (train, test IDXPair, err error) {
	if labels != "" {
		return IDXPair{path, labels}, test, nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return train, test, missing(path, err)
	}
	if !info.IsDir() {
		train, err = pair(path)
		return train, test, err
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return train, test, missing(path, err)
	}
	var pairs []IDXPair
	var names []string
	for _, e := range entries { // in the order of their names
		base := strings.TrimSuffix(e.Name(), ".gz")
		if !strings.HasSuffix(base, imagesSuffix) {
			continue
		}
		if len(pairs) > 0 && strings.TrimSuffix(names[len(names)-1], ".gz") == base {
			continue // the same, compressed
		}
		p, err := pair(filepath.Join(path, e.Name()))
		if err != nil {
			return train, test, err
		}
		pairs, names = append(pairs, p), append(names, e.Name())
	}
	switch len(pairs) {
	case 0:
		return train, test, fmt.Errorf("%s: no files named *-%s or *-%s.gz, want one, and its labels", path, imagesSuffix, imagesSuffix)
	case 1:
		return pairs[0], test, nil
	case 2:
		isTest := func(name string) bool {
			return strings.HasPrefix(name, "t10k") || strings.HasPrefix(name, "test")
		}
		switch a, b := isTest(names[0]), isTest(names[1]); {
		case a && !b:
			return pairs[1], pairs[0], nil
		case b && !a:
			return pairs[0], pairs[1], nil
		}
	}
	return train, test, fmt.Errorf("%s: images in %s, want one such file, or one to train on and one named t10k* or test*", path, list(names))
}

// pair finds the labels of a file of images.
func pair(images string) (IDXPair, error) {
	dir, name := filepath.Split(images)
	base, isZipped := strings.CutSuffix(name, ".gz")
	stem, ok := strings.CutSuffix(base, imagesSuffix)
	if !ok {
		return IDXPair{}, fmt.Errorf("%s: want a name that ends in %s or %s.gz, or the labels named too", images, imagesSuffix, imagesSuffix)
	}
	names := []string{stem + labelsSuffix, stem + labelsSuffix + ".gz"}
	if isZipped {
		slices.Reverse(names)
	}
	for _, labels := range names {
		if _, err := os.Stat(filepath.Join(dir, labels)); err == nil {
			return IDXPair{images, filepath.Join(dir, labels)}, nil
		}
	}
	return IDXPair{}, fmt.Errorf("%s: its labels are missing, want %s beside it", images, names[0])
}

// LoadIDX reads the files of all pairs. It also returns the SHA-256 of the
// files as they are on disk, in hex: that of the SHA-256s of each, in order.
func LoadIDX(pairs ...IDXPair) (sets []Images, sum string, err error) {
	sums := sha256.New()
	for _, p := range pairs {
		images, s, err := Load(p.Images)
		if err != nil {
			return nil, "", err
		}
		sums.Write([]byte(s))
		labels, s, err := Load(p.Labels)
		if err != nil {
			return nil, "", err
		}
		sums.Write([]byte(s))
		im, err := ReadIDX(p.Images, images, p.Labels, labels)
		if err != nil {
			return nil, "", err
		}
		sets = append(sets, im)
	}
	return sets, hex.EncodeToString(sums.Sum(nil)), nil
}
