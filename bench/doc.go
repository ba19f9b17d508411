// Package bench runs optimizers and remedies against each other on equal terms.
//
// A [Trial] is one contender (a [Model] and an optimizer), on one [Task], from
// one seed, under one [Budget]. It is plain data with a content hash for an
// identity, so it can be stored, sent elsewhere, and skipped if it has been run
// before. An [Experiment] is a grid of trials; a [Runner] turns trials into
// [Result]s and hands them to a [Store].
//
// What makes a comparison fair is decided here and nowhere else:
//
//   - The unit of cost is one forward pass of one training example. A loss on B
//     examples costs B; with its gradient it costs 3B ([DefaultGradCost]; raw
//     counts are kept, so that reports can ask what another price would change).
//     Choosing among candidates by evaluating them again, and fixing batch
//     statistics, are charged; validation and probes are free, happen at fixed
//     amounts of work, and tell the optimizer nothing.
//   - Trials that differ only in the optimizer share data, splits, starting
//     weights, and the minibatch of each step. All candidates of one Ask meet
//     the same minibatch.
//   - What is scored is the recommended point, on validation data during the
//     run and on test data once, at the end; never the luckiest minibatch.
//   - A budget is exceeded by at most the Ask under way.
//   - Random search and the constant predictor are always there, as yardsticks.
//
// Results do not depend on the number of workers or threads, nor on being
// interrupted and resumed. Timings are kept apart.
//
// # Design
//
// How is a minibatch computed on many cores with the same bits? It is cut into
// panels of 64 to 256 examples, as the size of the network and not the number of
// cores has it. A loss is the sum over panels in order. A gradient is summed in
// at most 32 groups of panels, each in order, and the groups are added in
// order, in float64; or, of networks whose weights are in dense layers alone, part by
// part over all panels (package network). One core has no use for parts: it takes blocks
// of 256 examples and computes the gradient of a layer's weights as soon as there is
// what it needs, which gives the same bits, on deep networks a tenth sooner. A network whose examples influence each other (batch
// normalization) cannot be cut and is one panel. It would change if 32 cores for
// one gradient were too few.
//
// Why does a minibatch keep its inputs twice, batch innermost and example by example?
// The one is what a first layer reads, the other what its gradient reads. To make it of
// the first in each step costs two cores that are far from each other a sixth, and one
// core a hundredth, on 784-256-128-10. Minibatches of more than 8 million values do not.
//
// Why do panels lie in slabs? When only losses are wanted, a population keeps
// the cores busy, and several panels go through the network together: the cost
// of calling a layer is shared, and what comes out for an example is the same.
// With 256 candidates of 64-32-10 on 256 examples a float32 network is faster by
// a tenth.
//
// When is a trial solved? When a validation at a checkpoint reaches the target;
// the trial ends there. Checkpoints are 32 to a decade of work, so that work to
// target is known within 7.5 %, for everybody alike.
//
// Who chooses the final point? An optimizer that implements
// optimizers.Recommender. One that holds several points lists its ten best, and
// they are evaluated again on validation data, which is charged; the budget for
// it is set aside beforehand.
//
// What if an optimizer hangs? Go cannot stop a goroutine. A trial that is still
// busy five seconds after its wall time is a failed result, and its goroutine
// is left behind. Optimizers that are not trusted belong in plugins.
//
// Why does a trial's Batch say "all" by default for some optimizers? Noise in
// the loss breaks methods such as Rprop (their Definition says FullBatch). The
// minibatch is part of the trial and is printed, so this is in the open; the
// budget is in examples, so a large batch buys no advantage.
//
// What if a network has outputs at every step where one is asked for? It is trained on
// the same target at all of them, with weights 1, 2, 3 ..., and scored at the last. The
// targets are copied for that, which takes memory and no case in the losses.
//
// Where do the pictures in a report come from? From the weights in the results file: the
// task is posed again, and its test images go through the network once more. Nothing is
// stored that can be computed, and old results have them too.
//
// What is the loss of a sequence? The mean over its steps that have a target, by their
// weights; and a minibatch's the mean over its sequences, not over all their steps. So
// an example counts the same whatever it is beside, and a minibatch can be cut. With
// sequences of different lengths the two differ a little. The metrics are the same
// means, but for the label error rate, which is errors by label as in the literature.
//
// How are the steps of a sequence told apart that count? By a weight for each, 0 for
// those that do not. A label of -1 or a value of NaN for "none" would say less: weights
// that grow from step to step are a task too.
//
// Why may a network make one vector of the outputs of all steps? In memory the two are
// the same, and networks that know no steps can then be compared with those that do.
//
// What of a plugin is a part of a trial? Its id, version, the hash of its files and the
// versions of what it runs on (optimizers.Origin): with another of them the same trial may
// give other numbers, and would be taken for done otherwise. Whether a lock file vouches
// for the files is a part of the result: it changes what is believed, not what is computed.
//
// Where does the time of a plugin go? Ask and Tell in Timing are all of it, and Transport
// is the part that its process was not computing, also in what is free.
//
// Why are losses that layers have by themselves trained on and not scored? What a chunker
// failed to predict, and the price of activity in a pyramid, are means: the task asks for
// outputs. In a score they would set remedies with such a loss behind those without, and
// a weight on them would change what is compared. So the training loss of a curve, which
// is what the optimizer was told, may lie above the validation loss by more than chance.
// A term that only its gradient shows, such as an rnn's omega, is in neither.
//
// What can be predicted of a sequence without its inputs? What is usual at each step:
// a network that counts knows which it is. It is the plateau of the copy task, S ln 8 /
// (T+2S). Of steps that few sequences reach, the mean over all steps counts as one more
// example, so that a label which was not seen there is not impossible.
//
// What does an evaluation cost that ends early? What was computed ([Metered]): an episode
// that fails after ten steps costs ten forward passes. Charging the longest would make the
// early failures of a search the dearest, a hundredfold.
//
// What does pretraining cost? Its multiply-adds over those of a forward pass, as the
// stage says, before the first Ask and out of the same budget: what a remedy takes is
// part of its price, and its curve starts there. The weights depend on the seed of
// the trial alone, in float64, so that all optimizers start from the same; each trial makes
// them again, which would change if it took much longer than the trial. If the budget
// is too small the trial fails before it begins; if the time is over, the weights
// of before pretraining are scored.
//
// Where do the images in a report come from? [Imagine] pretrains once more when the
// report is written, for the best such model of a task. Results could keep images, and
// each trial would have to make them, for a picture that most never look at.
//
// What is a probe allowed to cost? No work, but it takes time. At each of the 14 probes
// of a trial there is one gradient of at most 256 examples, and of at most 64 candidates
// a second loss; at the start and at the end a survey, of about 16 gradients of 256
// examples, or of fewer where the network is large. On the built-in experiment that
// is 40 ms of the 100 ms of a trial, validation included. It would change if trials were
// shorter.
//
// Why are candidates evaluated on the minibatch of the next step to see how far ranks
// can be trusted? It is one that the optimizer will meet, drawn as all are; and what a
// minibatch contains does not depend on who looks at it.
//
// Why are files hashed when an experiment is planned? The data are part of what
// a trial is. A file that changes must give new trials, not stale results.
package bench
