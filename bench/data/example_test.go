package data_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/joust-bench/joust/bench/data"
)

// A table of text and numbers, split and standardised.
func Example() {
	const csv = `alcohol,colour,quality
9.4,red,bad
12.8,white,good
9.8,red,bad
11.2,white,good
10.5,red,good
9.2,white,bad
`
	table, err := data.ReadCSV("wine.csv", []byte(csv), data.CSVOptions{OneHot: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	parts, err := data.Split(table.N, table.Labels, 0.2, 0.2, rand.New(rand.NewPCG(1, 0)))
	if err != nil {
		fmt.Println(err)
		return
	}
	train, valid, test := table.Pick(parts.Train), table.Pick(parts.Valid), table.Pick(parts.Test)
	data.Standardise(train, valid, test)
	fmt.Println(table.Kind, table.Classes)
	fmt.Println(table.Features)
	fmt.Println(train.N, valid.N, test.N)
	// Output:
	// classification [bad good]
	// [alcohol colour=red colour=white]
	// 4 1 1
}

func ExampleReadCSV_error() {
	_, err := data.ReadCSV("wine.csv", []byte("alcohol,quality\n9.4,5\n9.8.1,6\n"), data.CSVOptions{})
	fmt.Println(err)
	// Output: wine.csv:3: column "alcohol": "9.8.1" is not a number, want one, as in line 2
}
