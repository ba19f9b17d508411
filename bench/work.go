package bench

// Work counts what a trial was charged for. The unit is one forward pass of
// one training example; a loss on B examples is B forward passes, and its
// gradient B backward passes more.
type Work struct {
	Forward  int64 `json:"forward"`
	Backward int64 `json:"backward"`
}

// DefaultGradCost is what the loss and gradient of one example cost, in
// forward passes: one for the loss, and a backward pass does two matrix
// products where the forward pass does one.
const DefaultGradCost = 3

// Units is the work as one number, if a loss and gradient cost gradCost.
func (w Work) Units(gradCost float64) float64 {
	return float64(w.Forward) + float64((gradCost-1)*float64(w.Backward))
}

// Add returns the sum of w and v.
func (w Work) Add(v Work) Work {
	return Work{w.Forward + v.Forward, w.Backward + v.Backward}
}
