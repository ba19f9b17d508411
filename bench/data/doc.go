// Package data reads examples from files and draws examples from generators.
//
// Everything here is a function from bytes, or from a random stream, to a [Set]
// of examples in memory; nothing knows of networks or trials. A table of a
// user's own goes through four steps:
//
//	content, sum, err := data.Load("wine.csv")
//	table, err := data.ReadCSV("wine.csv", content, data.CSVOptions{Target: "quality"})
//	parts, err := data.Split(table.N, table.Labels, 0.2, 0.2, rng)
//	train, valid, test := table.Pick(parts.Train), table.Pick(parts.Valid), table.Pick(parts.Test)
//	data.Standardise(train, valid, test)
//
// Images come from [FindIDX] and [LoadIDX], and drawn data from [XOR], [Parity],
// [Spirals], [Moons], [Clusters] and [Strokes]. Sequences come from [Adding], [Copy],
// [Reber], [TemporalOrder], [TwoSequence], [LatchFree], [NoiseFree], [NoisyLag],
// [ParityOverTime] and [DigitStrings]; other images from [GlyphDigits], [Shapeset] and
// [Faces], and what spoils images is [Occluded], [Faded], [Coarse] and [Deformed]. [Carts] with poles are no data, but what a network
// steers.
//
// Arrays of numbers come from [ReadNPY]. Images come from [FindIDX] and [LoadIDX], and drawn data from [XOR], [Parity],
// [Spirals], [Moons], [Clusters] and [Strokes].
//
// # Design
//
// Why a Set and not bench.Examples? The two have the same fields, so one
// converts to the other, and the readers can be used and tested without a
// network. It would change if a reader had to know what it reads for.
//
// Why is a missing or non-numeric value an error, where other tools guess? A
// guess that is wrong (an ID taken for a number, a typing error that turns a
// column of numbers into categories, rows that disappear) changes the result
// and not the exit status. Each guess is one word in the experiment file, and
// the error names the word.
//
// Why are the categories of a column taken from the whole file, when means and
// deviations are taken from the training part alone? A list of categories says
// what the columns are, not how large their values are; a category that only
// the test part has is a column that is 0 in training, and Standardise makes it
// 0 everywhere.
//
// Why is a split stratified? With a hundred rows and a rare class, a plain
// split often leaves a class out of a part, and then the seed and not the
// contender decides on the accuracy. Of plain splits of 100 rows, of which 5 are
// of a rare class, into 64, 16 and 20, 63 % leave that class out of a part (the
// hypergeometric distribution says); of stratified ones none does.
//
// Why a library for NPY files, and so much around it? It knows the dialects of the
// header, and the types; but it trusts what it reads: it makes room for a header of 4
// GB because a file says so, and panics on one that it does not understand. So the
// length of the file bounds everything before it is called, and a panic becomes an
// error. It writes no arrays of more than two dimensions: twenty lines here do.
//
// Why does every reader take the whole file? It has to be hashed before it is
// used, to be sure that two trials saw the same data. A file of 10,000 images
// takes about 50 ms to read; what does not fit in memory cannot be trained on here
// anyway.
//
// How does one know that old sequences are drawn as they were? Weights are guessed for
// them, as Hochreiter & Schmidhuber did in 1996, which takes 6 trials on average for the
// first latch problem in their paper and 10 here (20 runs), 22 and 148, or 33 if 0.2 is
// the standard deviation and not the variance of the noise; 1247 and, in a geometric
// mean, 177 for the 2-sequence problem of a tenth of the length; 2906 and 4665 for
// parity with one hidden unit, 250 and 246 with ten that do not see themselves, in
// medians of 9. Of the 2-sequence problem the paper has 718 with ten hidden units, which
// take 2700 here (8 runs), and 205 if they do not see themselves. With one hidden unit and
// sequences of full length, 500 to 600 steps, it is 282 (5 runs); with 0.2 as the variance
// 1610 (10 runs), with three informative steps in place of one 101 and 1915. The paper's
// 1247 is near the literal reading, and ten times as many steps hardly matter.
//
// Why are there two kinds of noise? Papers say "variance 0.2", and that may be the
// standard deviation: the variance is a parameter.
//
// Why Runge-Kutta for the poles, when the cart of 1983 had Euler's method? Its steps of
// 0.02 s put energy into a falling pole. Two steps of 0.01 s of the fourth order are
// what the tasks with two poles have always had.
//
// Why is the pen of stroke digits at least a pixel wide? At 16 pixels, one of
// 0.04 leaves a line between two rows of pixels at 54 % of its brightness, and
// a line on a row at 100 %, so that position would show as contrast.
//
// Why are a triangle, a square and a disc all the shapes of Shapeset? Stretched, slanted
// and turned they are every triangle, parallelogram and ellipse.
package data
