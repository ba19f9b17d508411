package tasks

import (
	"errors"
	"fmt"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/data"
	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/loss"
)

type csvConfig struct {
	Path       string  `json:"path" doc:"the file, with a header, from where the experiment file is; gzip or not"`
	Target     string  `json:"target" doc:"name of the column to predict; empty: the last"`
	Kind       string  `json:"kind" doc:"of the target; auto: classification if it is text or at most 20 different whole numbers" choices:"auto,classification,regression"`
	Test       float64 `json:"test" doc:"fraction of the rows to test on, drawn by the trial's seed" range:"(0,0.9]"`
	Validation float64 `json:"validation" doc:"fraction of the rows left for training to validate on" range:"(0,0.9]"`
	Missing    string  `json:"missing" doc:"what becomes of missing values: an error, their rows dropped, or the mean of the training rows" choices:"error,drop,mean"`
	Categories string  `json:"categories" doc:"what becomes of features that are text: an error, or a column of 0 and 1 for each category" choices:"error,onehot"`
	Separator  string  `json:"separator" doc:"between values; auto: the one that the header has most of" choices:"auto,comma,semicolon,tab"`
	Goal       float64 `json:"goal" doc:"accuracy, or root mean squared error in the unit of the target, that counts as solved; 0: none" range:"[0,)"`
	SHA256     string  `json:"sha256" doc:"hash of the file, filled in when an experiment is planned"`
}

// csv is a table of the user's own. The kind of target and its name are
// resolved when an experiment is planned, so that what was guessed is written
// down.
func csv() bench.Task {
	defaults := csvConfig{Kind: string(data.KindAuto), Test: 0.2, Validation: 0.2, Missing: string(data.MissingError), Categories: "error", Separator: "auto"}
	return bench.DefineTask(bench.Task{
		Name:    "csv",
		Summary: "a table of your own: classification or regression, split by seed, standardised by its training rows",
		Goal:    "accuracy (higher is better) or rmse in the unit of the target (lower is better) on rows not trained on",
		Refs:    []string{"LeCun, Bottou, Orr & Müller 1998, Efficient BackProp, doi:10.1007/3-540-49430-8_2, sec. 4.3 (standardised inputs)"},
		Prepare: prepare(defaults, completeCSV),
	}, defaults, csvConfig.data)
}

func (c csvConfig) data(seed uint64, dir string) (bench.Data, error) {
	table, _, err := c.read(dir)
	if err != nil {
		return bench.Data{}, err
	}
	return c.pose(table, seed)
}

// completeCSV fills in what the file says.
func completeCSV(c *csvConfig, dir string) error {
	table, sum, err := c.read(dir)
	if err != nil {
		return err
	}
	// How many examples the parts have does not depend on the seed, so any
	// shows whether they are enough.
	if _, err := c.pose(table, 0); err != nil {
		return fmt.Errorf("%s: %w", locate(dir, c.Path), err)
	}
	c.Kind, c.Target, c.SHA256 = string(table.Kind), table.Target, sum
	return nil
}

func (c csvConfig) read(dir string) (data.Table, string, error) {
	if c.Path == "" {
		return data.Table{}, "", errors.New(`path: "", want the name of a CSV file`)
	}
	path := locate(dir, c.Path)
	content, sum, err := data.Load(path)
	if err != nil {
		return data.Table{}, "", err
	}
	if err := checkSum(path, sum, c.SHA256); err != nil {
		return data.Table{}, "", err
	}
	table, err := data.ReadCSV(path, content, data.CSVOptions{
		Target:    c.Target,
		Kind:      data.Kind(c.Kind),
		Missing:   data.Missing(c.Missing),
		OneHot:    c.Categories == "onehot",
		Separator: map[string]rune{"comma": ',', "semicolon": ';', "tab": '\t'}[c.Separator],
	})
	return table, sum, err
}

// pose splits a table by seed, and standardises it.
func (c csvConfig) pose(table data.Table, seed uint64) (bench.Data, error) {
	parts, err := data.Split(table.N, table.Labels, c.Test, c.Validation, stream(seed, streamSplit))
	if err != nil {
		return bench.Data{}, err
	}
	train, valid, test := table.Pick(parts.Train), table.Pick(parts.Valid), table.Pick(parts.Test)
	data.Standardise(train, valid, test)
	in := network.Shape{len(table.Features)}
	if table.Kind == data.KindClassification {
		if c.Goal > 1 {
			return bench.Data{}, fmt.Errorf("goal: %g, want an accuracy in [0, 1]", c.Goal)
		}
		return classify(in, len(table.Classes), accuracy(c.Goal), train, valid, test), nil
	}
	_, std, err := data.StandardiseTarget(train, valid, test)
	if err != nil {
		return bench.Data{}, err
	}
	d := bench.Data{
		In: in, Out: 1, Loss: loss.MSE, Scale: std,
		Goal:  bench.Goal{Metric: bench.Metric{Name: "rmse", Unit: table.Target}},
		Train: bench.Examples(train), Valid: bench.Examples(valid), Test: bench.Examples(test),
	}
	if c.Goal > 0 {
		d.Goal.Target = &c.Goal
	}
	return d, nil
}

// checkSum compares the hash of a file with the one it had when the
// experiment was planned, "" if there is none.
func checkSum(path, sum, planned string) error {
	if planned != "" && sum != planned {
		return fmt.Errorf("%s: has changed since the experiment was planned (sha256 %s, then %s): put the file back, or run the experiment file again", path, sum, planned)
	}
	return nil
}
