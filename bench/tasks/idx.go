package tasks

import (
	"errors"
	"fmt"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/data"
	"github.com/joust-bench/joust/network"
)

type idxConfig struct {
	Path       string  `json:"path" doc:"a directory of *-images-idx3-ubyte and *-labels-idx1-ubyte files, or the file of images, from where the experiment file is; gzip or not"`
	Labels     string  `json:"labels" doc:"the file of labels; empty: the one beside that of images"`
	Test       float64 `json:"test" doc:"fraction of the images to test on, drawn by the trial's seed; if the directory has test data of its own, as MNIST has in t10k, those are used" range:"(0,0.9]"`
	Validation float64 `json:"validation" doc:"fraction of the images left for training to validate on" range:"(0,0.9]"`
	Limit      int     `json:"limit" doc:"images to use, drawn by the trial's seed, not counting test data of their own; 0: all" range:"[0,)"`
	Goal       float64 `json:"goal" doc:"accuracy that counts as solved; 0: none" range:"[0,1]"`
	SHA256     string  `json:"sha256" doc:"hash of the files, filled in when an experiment is planned"`
}

// idx is images in the format of MNIST.
func idx() bench.Task {
	defaults := idxConfig{Test: 0.2, Validation: 0.1}
	return bench.DefineTask(bench.Task{
		Name:    "idx",
		Summary: "grey images in the format of MNIST, of your own, with pixels in [0, 1]",
		Refs:    []string{"LeCun, Bottou, Bengio & Haffner 1998, Gradient-based learning applied to document recognition, doi:10.1109/5.726791"},
		Goal:    "accuracy on images not trained on",
		Prepare: prepare(defaults, completeIDX),
	}, defaults, idxConfig.data)
}

func (c idxConfig) data(seed uint64, dir string) (bench.Data, error) {
	sets, _, err := c.read(dir)
	if err != nil {
		return bench.Data{}, err
	}
	parts, classes, err := c.split(sets, seed)
	if err != nil {
		return bench.Data{}, err
	}
	im, held := sets[0], sets[len(sets)-1] // where the test images are
	return classify(network.Shape{1, im.H, im.W}, classes, accuracy(c.Goal), im.Pick(parts.Train), im.Pick(parts.Valid), held.Pick(parts.Test)), nil
}

// completeIDX fills in what the files say.
func completeIDX(c *idxConfig, dir string) error {
	sets, sum, err := c.read(dir)
	if err != nil {
		return err
	}
	if _, _, err := c.split(sets, 0); err != nil {
		return fmt.Errorf("%s: %w", locate(dir, c.Path), err)
	}
	c.SHA256 = sum
	return nil
}

// read returns the images, and with them those of the test data if there are.
func (c idxConfig) read(dir string) ([]data.Images, string, error) {
	if c.Path == "" {
		return nil, "", errors.New(`path: "", want the name of a directory or of a file of images`)
	}
	path := locate(dir, c.Path)
	train, test, err := data.FindIDX(path, locate(dir, c.Labels))
	if err != nil {
		return nil, "", err
	}
	pairs := []data.IDXPair{train}
	if test.Images != "" {
		pairs = append(pairs, test)
	}
	sets, sum, err := data.LoadIDX(pairs...)
	if err != nil {
		return nil, "", err
	}
	if len(sets) == 2 && (sets[0].H != sets[1].H || sets[0].W != sets[1].W) {
		return nil, "", fmt.Errorf("%s: images of %dx%d pixels, want %dx%d as in %s", test.Images, sets[1].H, sets[1].W, sets[0].H, sets[0].W, train.Images)
	}
	return sets, sum, checkSum(path, sum, c.SHA256)
}

// split draws the images of each part by seed, those to test on from the last
// of sets, and counts the classes.
func (c idxConfig) split(sets []data.Images, seed uint64) (data.Parts, int, error) {
	classes := 0
	for _, s := range sets {
		classes = max(classes, s.Classes())
	}
	im := sets[0]
	switch {
	case classes < 2:
		return data.Parts{}, 0, errors.New("every label is 0, want at least two classes")
	case c.Limit > im.N:
		return data.Parts{}, 0, fmt.Errorf("limit: %d, want at most the %d images there are", c.Limit, im.N)
	}
	rng := stream(seed, streamSplit)
	rows := rng.Perm(im.N)
	if c.Limit > 0 {
		rows = rows[:c.Limit]
	}
	labels := make([]int32, len(rows))
	for i, r := range rows {
		labels[i] = int32(im.Labels[r])
	}
	fraction := c.Test
	if len(sets) == 2 {
		fraction = 0
	}
	parts, err := data.Split(len(rows), labels, fraction, c.Validation, rng)
	if err != nil {
		return data.Parts{}, 0, err
	}
	for _, part := range [][]int{parts.Train, parts.Valid, parts.Test} {
		for i, k := range part {
			part[i] = rows[k]
		}
	}
	if len(sets) == 2 {
		for i := range sets[1].N {
			parts.Test = append(parts.Test, i)
		}
	}
	return parts, classes, nil
}
