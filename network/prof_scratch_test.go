package network
import ("testing";"fmt";"os";"math/rand/v2";"github.com/joust-bench/joust/network/kernel")
func TestStagesScratch(t *testing.T) {
	if os.Getenv("SPEED") == "" { return }
	stages[float32](32, 1)
}
func stages[T Float](n, most int) {
	c := 16
	x := make([]T, 16*784*64); for i := range x { x[i] = T(rand.NormFloat64()) }
	y := make([]T, 16*784*64)
	s := kernel.Image{16,28,28,64}
	v, m := make([]T, kernel.WinogradLen[T](c, most, n)), make([]T, 100000)
	u := make([]T, kernel.WinogradFilterLen(c,c)); for i := range u { u[i] = T(rand.NormFloat64()) }
	lanes := make([]T, 65536)
	zeros := make([]T, 40*n)
	loop := func(f func(row, p, count int)) func() {
		return func() { for range 64/n { for row := 0; row < 28; row += 2 { for p := 0; p < 14; p += most { f(row, p, min(most, 14-p)) } } } }
	}
	fmt.Println(n, most)
	fmt.Println("  in", med(loop(func(row, p, count int) { kernel.WinogradInput(v, x, s, row-1, 2*p-1, count, n, zeros) })))
	fmt.Println("  in same", med(loop(func(row, p, count int) { kernel.WinogradInput(v, x, s, 3, 3, count, n, zeros) })))
	fmt.Println("  in empty rows", med(loop(func(row, p, count int) { kernel.WinogradInput(v, x, s, -10, 3, count, n, zeros) })))
	fmt.Println("  product", med(loop(func(row, p, count int) { kernel.WinogradProduct(y, s, row, 2*p, u, nil, v, m, count, n, x, s, row-1, 2*p+1) })))
	fmt.Println("  product same", med(loop(func(row, p, count int) { kernel.WinogradProduct(y, s, 4, 4, u, nil, v, m, count, n, x, s, 4, 4) })))
	fmt.Println("  weights", med(loop(func(row, p, count int) { kernel.WinogradWeights(lanes, y, s, row, 2*p, v, m, count, n, p > 0, x, s, row-1, 2*p+1, row, 2*p+2) })))
	fmt.Println("  weights same", med(loop(func(row, p, count int) { kernel.WinogradWeights(lanes, y, s, 4, 4, v, m, count, n, p > 0, x, s, 4, 4, 4, 4) })))
	fmt.Println("  transpose", med(loop(func(row, p, count int) { for range 4 { kernel.Transpose(m, 16, y[(row*28+2*p)*64:], 784*64, 16, 32) } })))
	fmt.Println("  transpose same", med(loop(func(row, p, count int) { for range 4 { kernel.Transpose(m, 16, y, 784*64, 16, 32) } })))
}
